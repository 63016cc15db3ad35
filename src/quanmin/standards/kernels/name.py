"""Names over columns: one spelling of width, spaces and interpuncts, and one representative of variant characters.

Almost every name is of characters that take three bytes and need nothing; those that hold any other byte go one by one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.standards.kernels.blank import rewritten
from quanmin.standards.kernels.buffer import Mask, Strings, plain, strings

INTERPUNCT = "·"
INTERPUNCTS = "·•・.․‧∙⋅᛫⸱●▪⦁"
"""What senders write for the interpunct of a name (after NFKC): bullets, dots of other scripts, the full stop."""

_FOLD = {ord(sign): INTERPUNCT for sign in INTERPUNCTS} | dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad")
)


def normalise_name(text: str) -> str:
    """A name in NFKC without white space and invisible signs, every interpunct as U+00B7: the reference."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_FOLD).split())


def normalise_names(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """`normalise_name` over a column; null stays null."""
    array = plain(array)
    text = strings(array)
    return rewritten(array, np.flatnonzero(_unusual(text)), normalise_name)


def fold_variants(array: pa.Array | pa.ChunkedArray, variants: Mapping[str, str]) -> pa.Array:
    """Each character that is a key of `variants` replaced by its representative; null stays null."""
    array = plain(array)
    text = strings(array)
    table = str.maketrans(dict(variants))
    rows = _unusual(text) | _holding(text, [ord(sign) for sign in variants])
    return rewritten(array, np.flatnonzero(rows), lambda name: name.translate(table))


def _span(text: Strings) -> NDArray[np.uint8]:
    return text.data[int(text.offsets[0]) : int(text.offsets[-1])]


def _rows_of(text: Strings, octets: NDArray[np.intp]) -> Mask:
    """Which rows hold the bytes at these places of the span; null rows never do."""
    found = np.zeros(len(text.offsets) - 1, dtype=bool)
    found[np.searchsorted(text.offsets, octets + int(text.offsets[0]), side="right") - 1] = True
    if text.null is not None:
        found &= ~text.null
    return found


def _unusual(text: Strings) -> Mask:
    """Rows with a byte that is neither the first of a common ideograph (E4 to E9) nor a continuation (80 to BF)."""
    octets = _span(text)
    odd = (octets ^ np.uint8(0x80)) > 0x3F
    odd &= (octets - np.uint8(0xE4)) > 5
    return _rows_of(text, np.flatnonzero(odd))


def _holding(text: Strings, signs: list[int]) -> Mask:
    """Rows with one of these common ideographs (other signs are found by `_unusual`)."""
    octets = _span(text)
    leads = np.flatnonzero((octets[: max(len(octets) - 2, 0)] - np.uint8(0xE4)) <= 5)
    sought = np.zeros(1 << 16, dtype=bool)
    sought[[sign for sign in signs if sign < 1 << 16]] = True
    high = octets[leads].astype(np.uint16) << np.uint16(12)
    middle = (octets[leads + 1].astype(np.uint16) & np.uint16(0x3F)) << np.uint16(6)
    low = octets[leads + 2].astype(np.uint16) & np.uint16(0x3F)
    return _rows_of(text, leads[sought[high | middle | low]])
