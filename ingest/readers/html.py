"""HTML: what the page is about, without menus, footers, banners and what is hidden."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from appliance.errors import Unreadable
from ingest.content import Block, Content
from ingest.readers.encoding import decode
from ingest.readers.file import Bounds, File, Piece
from ingest.readers.outline import Outline

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{1,40})", re.I)
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})")
CLOSED_BY_OTHERS = frozenset(
    (  # noqa: SIM905 - read as words
        "p li td th tr thead tbody tfoot option dt dd html head body br hr img input meta link area base col "
        "embed source track wbr param colgroup rt rp optgroup"
    ).split()
)
SKIPPED = frozenset(
    (  # noqa: SIM905 - read as words
        "script style noscript template iframe svg canvas object nav footer aside button select dialog head "
        "map textarea audio video"
    ).split()
)
BOILERPLATE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|footer|sidebar|breadcrumbs?|cookies?|consent|share|social|related|"
    r"advert|ads?|banner|skip|pagination|newsletter|popup|modal|toc)(?:$|[\s_-])",
    re.I,
)
MAIN = "main, [role=main], article, [itemprop=articleBody], #content, #main, .content"
ENOUGH = 0.3
"""Of a page's text, for its marked main part to be believed."""
LINKS = 0.7
"""Of a list's text that may be links before it is a menu."""
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "summary": 4}

Event = tuple[str, "LexborNode"]


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    page = parse(_text(file.data), bounds)
    title = _title(page)
    language = (page.root.attributes.get("lang") or "") if page.root else ""
    yield Content(
        path=file.path, blocks=tuple(_main_blocks(page)), title=title, language=language.split("-")[0].lower()
    )


def parse(text: str, bounds: Bounds) -> "LexborHTMLParser":
    """Refuses what would take the parser minutes: its time grows with the square of the depth."""
    from selectolax.lexbor import LexborHTMLParser

    if _depth(text) > bounds.nesting:
        raise Unreadable("too_deep", f"Over {bounds.nesting} elements lie in each other. Save the page as text.")
    return LexborHTMLParser(text)


def body_blocks(text: str, bounds: Bounds) -> tuple[Block, ...]:
    """All that is visible, as of a mail, where nothing is a menu."""
    page = parse(text, bounds)
    return tuple(_blocks(page.body, whole=True)) if page.body else ()


def _text(data: bytes) -> str:
    named = CHARSET.search(data[:2048])
    if named and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(named[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass  # the page says wrong; look for ourselves
    return decode(data)


def _depth(text: str) -> int:
    """Elements that are open at once at most, where each must be closed by its own tag."""
    opened: Counter[str] = Counter()
    depth = deepest = 0
    for close, written in TAG.findall(text):
        name = written.lower()
        if name in CLOSED_BY_OTHERS:
            continue
        if not close:
            opened[name] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
    return deepest


def _title(page: "LexborHTMLParser") -> str:
    for selector in ("title", "h1"):
        node = page.css_first(selector)
        if node and (text := " ".join(node.text().split())):
            return text
    return ""


def _main_blocks(page: "LexborHTMLParser") -> Iterator[Block]:
    if page.body is None:
        return
    whole = _weight(page.body)
    marked = [(node, _weight(node)) for node in page.css(MAIN)[:20]]
    best, weight = max(marked, key=lambda each: each[1], default=(page.body, 0))
    yield from _blocks(best if weight >= whole * ENOUGH else page.body, whole=False)


def _weight(node: "LexborNode") -> int:
    return sum(len(each) for kind, each in _events(node, whole=False) if kind == "text" and isinstance(each, str))


def _blocks(root: "LexborNode", *, whole: bool) -> Iterator[Block]:
    outline = Outline()
    for kind, each in _events(root, whole=whole):
        if isinstance(each, str):
            outline.text(each)
        else:
            tag = each.tag or ""
            (outline.open if kind == "open" else outline.close)(tag, HEADINGS.get(tag, 0))
        yield from outline.take()
    outline.end()
    yield from outline.take()


def _events(root: "LexborNode", *, whole: bool) -> "Iterator[tuple[str, LexborNode | str]]":
    """Opening, text and closing in their order, without what is left out. No recursion: pages nest deeply."""
    node: LexborNode | None = root
    top = root.mem_id
    while node is not None:
        inner = None
        if node.is_text_node:
            yield "text", node.text_content or ""
        elif node.is_element_node and (node.mem_id == top or not _left_out(node, whole)):
            yield "open", node
            inner = node.child
            if inner is None:
                yield "close", node
        if inner is not None:
            node = inner
            continue
        while node is not None and node.mem_id != top and node.next is None:
            node = node.parent
            if node is not None:
                yield "close", node
        node = None if node is None or node.mem_id == top else node.next


def _left_out(node: "LexborNode", whole: bool) -> bool:
    tag = node.tag or ""
    attributes = node.attributes
    if tag in ("script", "style", "template", "head", "noscript") or _hidden(attributes):
        return True
    if whole:
        return False
    if tag in SKIPPED or attributes.get("role") in ("navigation", "banner", "contentinfo", "search", "dialog"):
        return True
    if tag in ("body", "main", "article", "h1", "h2", "h3", "p", "table", "td", "tr"):
        return False
    if tag == "header":
        return node.css_first("h1") is None
    names = f"{attributes.get('id') or ''} {attributes.get('class') or ''}"
    if BOILERPLATE.search(names) and node.css_first("h1") is None:
        return True
    return tag in ("ul", "ol") and _is_menu(node)


def _hidden(attributes: "dict[str, str | None]") -> bool:
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "hidden" in attributes or "display:none" in style or "visibility:hidden" in style or "font-size:0" in style


def _is_menu(node: "LexborNode") -> bool:
    links = node.css("a")
    if len(links) < 3:
        return False
    text = len("".join(node.text().split()))
    return sum(len("".join(each.text().split())) for each in links) > text * LINKS
