"""A document of the demo in the format that somebody might have kept it in."""

import html
from collections.abc import Callable, Iterable
from io import BytesIO

from docx import Document
from openpyxl import Workbook
from pptx import Presentation
from reportlab.platypus import Flowable, Preformatted

from ingest.content import Block
from tests.documents import paper, post

Blocks = Iterable[Block]


def pdf(title: str, blocks: Blocks) -> bytes:
    story: list[Flowable] = []
    for each in blocks:
        if each.kind == "heading":
            story.append(paper.heading(html.escape(each.text), min(each.level, 4)))
        elif each.kind == "table":
            story.append(paper.table([[cell[:30] for cell in row] for row in cells(each)]))
        elif each.kind == "code":
            story.append(Preformatted(each.text, paper.STYLES["Code"]))
        else:
            story += [paper.paragraph(html.escape(line)) for line in each.text.split("\n")]
    return paper.printed(story, running=title)


def docx(title: str, blocks: Blocks) -> bytes:
    document = Document()
    document.core_properties.title = title
    for each in blocks:
        if each.kind == "heading":
            document.add_heading(each.text, each.level)
        elif each.kind == "table":
            rows = cells(each)
            table = document.add_table(rows=0, cols=max(map(len, rows)))
            for row in rows:
                for cell, value in zip(table.add_row().cells, row, strict=False):
                    cell.text = value
        elif each.kind == "list":
            for line in each.text.split("\n"):
                document.add_paragraph(line.lstrip("-0123456789. "), style="List Bullet")
        else:
            document.add_paragraph(each.text)
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def markdown(title: str, blocks: Blocks) -> bytes:
    return "\n\n".join(_marked(each) for each in blocks).encode()


def page(title: str, blocks: Blocks) -> bytes:
    """HTML as a content system makes it: the document between menus."""
    links = "".join(f"<li><a href='/{n}'>Menu {n}</a></li>" for n in range(30))
    body = "".join(_tagged(each) for each in blocks)
    return (
        f"<!doctype html><html><head><title>{html.escape(title)}</title><style>p {{ margin: 0 }}</style></head><body>"
        f"<nav><ul>{links}</ul></nav><div id='content'>{body}</div><footer><ul>{links}</ul></footer></body></html>"
    ).encode()


def text(title: str, blocks: Blocks) -> bytes:
    return "\n\n".join(each.text for each in blocks).encode("cp1252", errors="replace")


def xlsx(title: str, blocks: Blocks) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("List")
    for each in blocks:
        for row in cells(each):
            sheet.append(row)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def pptx(title: str, blocks: Blocks) -> bytes:
    deck = Presentation()
    slide = None
    for each in blocks:
        if each.kind == "heading" or slide is None:
            slide = deck.slides.add_slide(deck.slide_layouts[1])
            slide.shapes.title.text = each.text[:80]
        else:
            slide.placeholders[1].text_frame.add_paragraph().text = each.text
    target = BytesIO()
    deck.save(target)
    return target.getvalue()


def mail(title: str, blocks: Blocks) -> bytes:
    return post.mail(title, "\n\n".join(each.text for each in blocks))


def cells(block: Block) -> list[list[str]]:
    return [line.split(" | ") for line in block.text.split("\n")]


def _marked(block: Block) -> str:
    if block.kind == "heading":
        return f"{'#' * block.level} {block.text}"
    if block.kind == "code":
        return f"```\n{block.text}\n```"
    if block.kind == "table":
        first, *rest = cells(block)
        lines = [first, ["---"] * len(first), *rest]
        return "\n".join(f"| {' | '.join(row)} |" for row in lines)
    return block.text


def _tagged(block: Block) -> str:
    words = html.escape(block.text)
    if block.kind == "heading":
        return f"<h{block.level}>{words}</h{block.level}>"
    if block.kind == "code":
        return f"<pre>{words}</pre>"
    if block.kind == "table":
        rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in cells(block))
        return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    if block.kind == "list":
        items = (line.lstrip("- ") for line in words.split("\n"))
        return f"<ul>{''.join(f'<li>{each}</li>' for each in items)}</ul>"
    return f"<p>{words}</p>"


Renderer = Callable[[str, Blocks], bytes]

SHARES: tuple[tuple[str, Renderer, int], ...] = (
    (".pdf", pdf, 30),
    (".docx", docx, 20),
    (".html", page, 15),
    (".md", markdown, 10),
    (".xlsx", xlsx, 8),
    (".txt", text, 7),
    (".pptx", pptx, 5),
    (".eml", mail, 5),
)
"""Of a hundred documents that an ISP keeps."""
