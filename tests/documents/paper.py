"""PDF as a word processor prints it, and as a scanner does."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

STYLES = getSampleStyleSheet()
SENTENCE = "The technician measures the attenuation of the line before anything is replaced at the customer's home. "
GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])


def heading(text: str, level: int) -> Paragraph:
    return Paragraph(text, STYLES[f"Heading{level}"])


def paragraph(text: str) -> Paragraph:
    return Paragraph(text, STYLES["BodyText"])


def table(rows: Sequence[Sequence[object]], *, ruled: bool = True) -> Table:
    return Table([[str(each) for each in row] for row in rows], colWidths=4 * cm, style=GRID if ruled else None)


def printed(story: list[Flowable], *, columns: int = 1, password: str = "", running: str = "") -> bytes:
    """With a running head and page numbers where `running` is given."""
    target = BytesIO()
    encryption = StandardEncryption(password) if password else None
    document = BaseDocTemplate(target, pagesize=A4, title="Handbook", encrypt=encryption, invariant=1)
    width = (A4[0] - 4 * cm) / columns
    frames = [
        Frame(2 * cm + number * width, 2 * cm, width, A4[1] - 4 * cm, leftPadding=4, rightPadding=14)
        for number in range(columns)
    ]

    def decorate(canvas: Canvas, template: object) -> None:
        if running:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(2 * cm, A4[1] - 1.2 * cm, running)
            canvas.drawString(2 * cm, 1.2 * cm, f"page {canvas.getPageNumber()}")

    document.addPageTemplates([PageTemplate(frames=frames, onPage=decorate)])
    document.build(list(story))
    return target.getvalue()


def lines(rows: Sequence[tuple[float, float, str]], size: float = 10) -> bytes:
    """Text drawn line by line, exactly where it is said: left, height, words."""
    target = BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1)
    canvas.setFont("Helvetica", size)
    for left, height, text in rows:
        canvas.drawString(left, height, text)
    canvas.save()
    return target.getvalue()


def picture(words: Sequence[str], kind: str = "PNG", size: int = 40) -> bytes:
    """Black on white, as a scanner makes it."""
    image = Image.new("L", (1400, 120 + 70 * len(words)), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    for number, line in enumerate(words):
        draw.text((60, 60 + 70 * number), line, 0, font)
    target = BytesIO()
    image.save(target, kind)
    return target.getvalue()


def scanned(words: Sequence[str]) -> bytes:
    """One page that is a picture."""
    target = BytesIO()
    Image.open(BytesIO(picture(words))).save(target, "PDF", resolution=200)
    return target.getvalue()


def handbook(pages: int = 4) -> bytes:
    story: list[Flowable] = []
    for number in range(1, pages + 1):
        story += [heading(f"Chapter {number}", 1), paragraph(SENTENCE * 3), heading(f"Prices {number}", 2)]
        story += [table([("Plan", "Speed", "Price"), ("Fibre 250", 250, 39.9), ("Fibre 1000", 1000, 69.9)])]
        story += [paragraph("<bullet>&bull;</bullet>Check the plug."), paragraph(SENTENCE * 2), PageBreak()]
    return printed(story, running="Ringfence Telecom handbook")
