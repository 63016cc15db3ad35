"""Names over columns: one spelling of width, spaces and interpuncts, and one representative of variant characters.

Almost every name is of characters that take three bytes and need nothing; those that hold any other byte go one by one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from quanmin.standards.kernels.blank import rewritten
from quanmin.standards.kernels.buffer import Mask, Strings, plain, rows_of, span_of, strings
from quanmin.standards.variant import variants as built_in_variants

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


def fold_variants(array: pa.Array | pa.ChunkedArray, variants: Mapping[str, str] | None = None) -> pa.Array:
    """Each character that is a key of `variants` (default: the catalogue's) replaced by its representative; null stays."""
    if variants is None:
        variants = {pair.character: pair.representative for pair in built_in_variants()}
    array = plain(array)
    text = strings(array)
    table = str.maketrans(dict(variants))
    rows = _unusual(text) | _holding(text, [ord(sign) for sign in variants])
    return rewritten(array, np.flatnonzero(rows), lambda name: name.translate(table))


def _unusual(text: Strings) -> Mask:
    """Rows with a byte that is neither the first of a common ideograph (E4 to E9) nor a continuation (80 to BF)."""
    octets = span_of(text)
    odd = (octets ^ np.uint8(0x80)) > 0x3F
    odd &= (octets - np.uint8(0xE4)) > 5
    return rows_of(text, np.flatnonzero(odd))


def _holding(text: Strings, signs: list[int]) -> Mask:
    """Rows with one of these common ideographs (other signs are found by `_unusual`)."""
    octets = span_of(text)
    leads = np.flatnonzero((octets[: max(len(octets) - 2, 0)] - np.uint8(0xE4)) <= 5)
    sought = np.zeros(1 << 16, dtype=bool)
    sought[[sign for sign in signs if sign < 1 << 16]] = True
    high = octets[leads].astype(np.uint16) << np.uint16(12)
    middle = (octets[leads + 1].astype(np.uint16) & np.uint16(0x3F)) << np.uint16(6)
    low = octets[leads + 2].astype(np.uint16) & np.uint16(0x3F)
    return rows_of(text, leads[sought[high | middle | low]])
