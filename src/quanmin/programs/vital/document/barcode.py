"""Code 128: the bars of a certificate's number, in black and white on a line (ISO/IEC 15417).

The letter is written in set B, then the digits in pairs in set C, so that a number takes nine symbols with start, change, check
and stop.
"""

from __future__ import annotations

_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232"
).split()
"""Six widths of each of the symbols 0 to 105: bar, space, bar, space, bar, space."""
_START_B, _TO_C, _STOP = 104, 99, "2331112"
_CHECK = 103
QUIET = 10
"""Modules of white on each side."""


def symbols(text: str) -> list[int]:
    """The values of the symbols of a text, letters first and then an even count of digits, with start and check."""
    split = next((place for place, sign in enumerate(text) if text[place:].isdigit()), len(text))
    digits = text[split:]
    if len(digits) % 2:
        split += 1
        digits = digits[1:]
    found = [_START_B, *(ord(sign) - 32 for sign in text[:split])]
    if digits:
        found += [_TO_C, *(int(digits[at : at + 2]) for at in range(0, len(digits), 2))]
    return [*found, (found[0] + sum(place * one for place, one in enumerate(found))) % _CHECK]


def widths(text: str) -> list[int]:
    """The widths in modules, bars and spaces by turns, of a whole barcode without its quiet zones."""
    return [int(one) for one in "".join(_WIDTHS[one] for one in symbols(text)) + _STOP]


def svg(text: str, height: int = 30) -> str:
    """The barcode as an SVG picture, a module one unit wide."""
    at, bars = QUIET, []
    for place, wide in enumerate(widths(text)):
        if place % 2 == 0:
            bars.append(f"M{at} 0h{wide}v{height}h-{wide}z")
        at += wide
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {at + QUIET} {height}" width="{at + QUIET}" '
        f'height="{height}"><path d="{"".join(bars)}"/></svg>'
    )
