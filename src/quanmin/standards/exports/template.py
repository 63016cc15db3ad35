"""An empty file to fill in: the column titles of a dataset, as CSV and as a workbook whose cells are text, so that zeros stay."""

from __future__ import annotations

import csv
import io

from quanmin.standards.dataset import Dataset
from quanmin.standards.element import Element

AS_TEXT = "@"
WIDE = 18


def csv_template(dataset: Dataset) -> bytes:
    """The Chinese titles as one line of UTF-8, with the mark by which spreadsheets know it."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([element.title.zh for element in dataset.elements])
    return b"\xef\xbb\xbf" + line.getvalue().encode()


def xlsx_template(dataset: Dataset) -> bytes:
    """One sheet with the Chinese titles; a note on each says what belongs below it, in both languages."""
    import openpyxl  # heavy, and needed here only
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = dataset.title.zh[:31]
    for place, element in enumerate(dataset.elements, 1):
        cell = sheet.cell(1, place, element.title.zh)
        cell.font = Font(bold=element.required)
        cell.comment = Comment(_note(element), "standards", 120, 320)
        column = sheet.column_dimensions[get_column_letter(place)]
        column.number_format, column.width = AS_TEXT, WIDE
    sheet.freeze_panes = "A2"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _note(element: Element) -> str:
    """What an element is, and whether it must be filled in."""
    parts = [f"{element.title.en} ({element.name})", "必填 required" if element.required else "选填 optional"]
    parts += [element.type] + ([element.values] if element.values else [])
    return "\n".join(parts)
