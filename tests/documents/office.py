"""Word, Excel and PowerPoint as their own libraries write them."""

from datetime import date
from io import BytesIO

from docx import Document
from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches

PRICES = [
    ("Tarif", "Mbit/s", "EUR im Monat"),
    ("Glasfaser 250", 250, 39.9),
    ("Glasfaser 1000", 1000, 69.9),
]


def word() -> bytes:
    document = Document()
    document.core_properties.title = "Handbuch Entstörung"
    document.core_properties.language = "de-DE"
    document.add_heading("Handbuch Entstörung", 0)
    document.add_heading("Der Router blinkt rot", 1)
    document.add_paragraph("Blinkt die Lampe rot, fehlt das Signal der Glasfaser.")
    for text in ("Stecker prüfen", "Router neu starten"):
        document.add_paragraph(text, style="List Bullet")
    document.add_heading("Preise", 2)
    table = document.add_table(rows=0, cols=3)
    for row in PRICES:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = str(value)
    document.add_paragraph("Gültig ab Mai.")
    return _saved(document)


def workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "Preise"
    sheet.append(["Preisliste 2031"])
    sheet.append([])
    for row in PRICES:
        sheet.append(row)
    sheet["E5"] = date(2031, 5, 1)
    sheet["F5"] = 0.19
    sheet["F5"].number_format = "0%"
    hidden = book.create_sheet("Kalkulation")
    hidden.append(["geheim", 1])
    hidden.sheet_state = "hidden"
    second = book.create_sheet("Geräte")
    second.append(["Gerät", "Anschluss"])
    second.append(["ONT-4", "SC/APC"])
    return _saved(book)


def slides() -> bytes:
    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Network in 2031"
    first.placeholders[1].text = "Two rings\nOne exchange"
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "Prices"
    table = second.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for row, values in enumerate((("Plan", "Price"), ("Fibre 250", "39.90"))):
        for column, value in enumerate(values):
            table.cell(row, column).text = value
    second.notes_slide.notes_text_frame.text = "Say that prices hold until May."
    return _saved(deck)


def _saved(document: object) -> bytes:
    target = BytesIO()
    document.save(target)  # type: ignore[attr-defined]
    return target.getvalue()
