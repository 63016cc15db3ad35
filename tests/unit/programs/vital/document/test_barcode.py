"""Code 128 against another implementation: what is drawn is read back."""

from __future__ import annotations

import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from quanmin.programs.vital.document import barcode

NUMBER = st.from_regex(r"[A-Z][0-9]{9}", fullmatch=True)


def drawn(text: str) -> Image.Image:
    bits = [0] * barcode.QUIET
    for place, wide in enumerate(barcode.widths(text)):
        bits += [1 - place % 2] * wide
    bits += [0] * barcode.QUIET
    line = Image.new("L", (len(bits), 1), 255)
    line.putdata([0 if one else 255 for one in bits])
    return line.resize((len(bits) * 3, 90), Image.Resampling.NEAREST)


@settings(max_examples=40, deadline=None)
@given(NUMBER | st.from_regex(r"[A-Z]{0,3}[0-9]{0,8}", fullmatch=True).filter(bool))
def test_another_reader_reads_every_number(text: str) -> None:
    [found] = zxingcpp.read_barcodes(drawn(text), formats=zxingcpp.BarcodeFormat.Code128)
    assert found.text == text


def test_a_number_takes_nine_symbols_and_every_symbol_eleven_modules() -> None:
    # start B, the letter and the first digit, change to C, four pairs, check; the stop has 13 modules
    assert len(barcode.symbols("E370000001")) == 9
    assert sum(barcode.widths("E370000001")) == 9 * 11 + 13


def test_the_checksum_is_that_of_the_standards_example() -> None:
    # ISO/IEC 15417 counts by places: start 104, then each value times its place, modulo 103
    values = barcode.symbols("AB12")
    assert values[:-1] == [104, 33, 34, 99, 12]
    assert values[-1] == (104 + 33 + 2 * 34 + 3 * 99 + 4 * 12) % 103
