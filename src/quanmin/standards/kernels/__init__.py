"""Kernels: NumPy over Arrow buffers, one implementation for every engine. Reads arrays and gives arrays; touches no store.

Promises that each kernel gives what its plain reference gives (`quanmin.standards.identity`, `datetime`, `unicodedata`) on any
input, is deterministic, never raises because of a value, and lets other threads run while it works.
"""

from quanmin.standards.kernels.blank import rewritten, trimmed, without
from quanmin.standards.kernels.bucket import bucket_of
from quanmin.standards.kernels.buffer import (
    Mask,
    filled,
    from_fixed,
    from_numbers,
    plain,
    present_mask,
    rows_of,
    span_of,
    strings,
    to_numpy,
)
from quanmin.standards.kernels.date import parse_moment, read_moments
from quanmin.standards.kernels.name import fold_variants, normalise_name, normalise_names
from quanmin.standards.kernels.number import (
    Numbers,
    birth_dates,
    check_numbers,
    decode,
    encode,
    normalise_numbers,
    read_numbers,
    region_numbers,
    regions,
    sexes,
)
from quanmin.standards.kernels.numeral import parse_decimal, parse_integer, read_decimals, read_integers

__all__ = [
    "Mask",
    "Numbers",
    "birth_dates",
    "bucket_of",
    "check_numbers",
    "decode",
    "encode",
    "filled",
    "fold_variants",
    "from_fixed",
    "from_numbers",
    "normalise_name",
    "normalise_names",
    "normalise_numbers",
    "parse_decimal",
    "parse_integer",
    "parse_moment",
    "plain",
    "present_mask",
    "read_decimals",
    "read_integers",
    "read_moments",
    "read_numbers",
    "region_numbers",
    "regions",
    "rewritten",
    "rows_of",
    "sexes",
    "span_of",
    "strings",
    "to_numpy",
    "trimmed",
    "without",
]
