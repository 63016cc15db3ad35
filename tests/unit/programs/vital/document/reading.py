"""A PDF as others read it: its words by pypdf, its pictures by a rasteriser and a reader of barcodes."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping
from typing import Any

import zxingcpp
from PIL import Image
from pypdf import PdfReader

from quanmin.programs.vital.document import press


def words(pdf: bytes) -> list[str]:
    """The text of each page without white space: where a line breaks says nothing."""
    pages = [unicodedata.normalize("NFC", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]
    return ["".join(one.split()) for one in pages]


def fonts(pdf: bytes) -> list[tuple[str, bool]]:
    """The fonts of the first page: name and whether it is embedded."""
    found = []
    for one in PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values():
        deep = one.get_object()["/DescendantFonts"][0].get_object()
        found.append((str(deep["/BaseFont"]), any(name.startswith("/FontFile") for name in deep["/FontDescriptor"])))
    return found


def codes(form: str, content: Mapping[str, Any]) -> dict[str, str]:
    """What a reader of barcodes finds on the first page, by kind of code."""
    png = press.picture(form, content, scale=200)[0]
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return {one.format.name: one.text for one in found}
