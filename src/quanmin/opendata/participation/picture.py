"""A screenshot as it is kept: what the pixels show and nothing else of the file that was sent.

The kind is known by content, never by name. The size is read before a pixel is; then the pixels are drawn on a new sheet and
written as WebP, so that neither metadata (a place, a device) nor anything hidden before, between or after the picture remains.
"""

from __future__ import annotations

import io
import threading
import warnings
from typing import NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

from quanmin.opendata.participation.errors import NotAPicture, PictureTooLarge

BYTES, PIXELS = 5 << 20, 16_000_000
SHOWN = 1_280
"""Pixels of the longer side at most, as it is kept."""
LEAST = 16
_FORMS = ("PNG", "JPEG", "WEBP")
_ONE = threading.Semaphore(1)  # each may take 130 MB


class Picture(NamedTuple):
    """A picture as it is kept: WebP, with its size in pixels."""

    content: bytes
    width: int
    height: int


def redrawn(raw: bytes) -> Picture:
    """The picture drawn anew. PictureTooLarge, NotAPicture."""
    if len(raw) > BYTES:
        raise PictureTooLarge(bytes=BYTES, pixels=PIXELS)
    with _ONE, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(raw), formats=_FORMS) as opened:
                return _drawn(opened)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise PictureTooLarge(bytes=BYTES, pixels=PIXELS) from None
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError):
            raise NotAPicture() from None  # what a decoder says may repeat what is in the file


def _drawn(opened: Image.Image) -> Picture:
    if opened.width * opened.height > PIXELS:
        raise PictureTooLarge(bytes=BYTES, pixels=PIXELS)
    if min(opened.size) < LEAST:
        raise NotAPicture()
    opened.load()
    upright = ImageOps.exif_transpose(opened)
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    plain = upright.convert(mode)
    plain.thumbnail((SHOWN, SHOWN))
    sheet = Image.frombytes(mode, plain.size, plain.tobytes())  # carries nothing but pixels
    out = io.BytesIO()
    sheet.save(out, "WEBP", quality=85, method=4)
    return Picture(out.getvalue(), *sheet.size)
