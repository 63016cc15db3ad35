"""Colours and the signs that tell series apart without them: dashes, marks and patterns.

Contrast is that of WCAG 2.1 (https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio): marks have at least 3 to 1 on white, words 4.5.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

INK, FAINT, AXIS, GRID, TRACK, WHITE, BLACK = "#222", "#5a6069", "#737b86", "#e1e5ea", "#f0f2f5", "#fff", "#000"
SUM, GAIN, LOSS = "#33415c", "#1b7f5c", "#b5452c"
HATCH, HATCH_GROUND = "#a4abb5", "#f3f4f6"
"""Lines and ground of what is hidden."""
COLOURS = ("#1f5fbf", "#b5452c", "#1b7f5c", "#7a3fc4", "#8a6100", "#0a728f", "#a8286a", "#57606a")
DASHES = ("none", "7 3", "2 3", "9 3 2 3", "5 5")
MARKS = ("circle", "square", "triangle", "diamond", "plus", "fall", "cross")
PATTERNS = ("solid", "slash", "dots", "level", "backslash", "grid", "upright", "lattice")
_PALE, _DEEP = (0xEE, 0xF4, 0xFB), (0x0B, 0x4F, 0xA8)


class Style(NamedTuple):
    """How series number `place` (from 0) looks; `colour` alone never tells it."""

    place: int
    number: int
    colour: str
    dash: str
    mark: str
    pattern: str
    spacing: int

    @property
    def fill(self) -> str:
        """What a mark is filled with; `SIGN` is replaced by the name of the picture."""
        return self.colour if self.pattern == "solid" else f"url(#{SIGN}-p{self.place})"


SIGN = "\x1a"
"""Stands for the name of a picture until it is drawn; it is in no text, as `said` takes control characters out."""
HIDDEN_FILL = f"url(#{SIGN}-hidden)"


@cache
def style(place: int) -> Style:
    """The style of a series; dash and mark together repeat after 35 series, patterns after 16.

    The second eight have coarser patterns in other colours, and broken lines where the first is solid.
    """
    patterns = len(PATTERNS)
    turn = place // patterns
    number = (place + 3 * turn) % len(COLOURS)
    return Style(
        place,
        number + 1,
        COLOURS[number],
        DASHES[place % len(DASHES)],
        MARKS[place % len(MARKS)],
        "broken" if place % patterns == 0 and turn % 2 else PATTERNS[place % patterns],
        14 if turn % 2 else 8,
    )


def shade(share: float) -> tuple[str, str]:
    """The colour of a cell, from pale (0) to deep (1), and that of words on it: the first ink of at least 4.5 to 1."""
    at = min(max(share, 0.0), 1.0)
    mixed = "#" + "".join(f"{round(p + (d - p) * at):02x}" for d, p in zip(_DEEP, _PALE, strict=True))
    return mixed, ink_on(mixed)


@cache
def ink_on(ground: str) -> str:
    """The ink for words on a ground: black or white always reach 4.58 to 1."""
    return next(ink for ink in (INK, WHITE, BLACK) if contrast(ink, ground) >= 4.5)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    pale, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (pale + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    whole = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = [int(whole[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mark_path(mark: str, x: float, y: float, radius: float = 4) -> str:
    """The outline of a mark that is not a circle."""
    r, half = radius, radius * 0.9
    return {
        "square": f"M{x - half:.1f} {y - half:.1f}h{2 * half:g}v{2 * half:g}h-{2 * half:g}z",
        "triangle": f"M{x:.1f} {y - r:.1f}l{r:g} {1.8 * r:g}h-{2 * r:g}z",
        "fall": f"M{x:.1f} {y + r:.1f}l-{r:g} -{1.8 * r:g}h{2 * r:g}z",
        "diamond": f"M{x:.1f} {y - 1.2 * r:.1f}l{1.2 * r:g} {1.2 * r:g}l-{1.2 * r:g} {1.2 * r:g}l-{1.2 * r:g} -{1.2 * r:g}z",
        "plus": f"M{x - r:.1f} {y:.1f}h{2 * r:g}M{x:.1f} {y - r:.1f}v{2 * r:g}",
        "cross": f"M{x - half:.1f} {y - half:.1f}l{2 * half:g} {2 * half:g}m-{2 * half:g} 0l{2 * half:g} -{2 * half:g}",
    }[mark]


class Pattern(NamedTuple):
    """A pattern that a picture defines: a ground in colour and what is drawn on it."""

    name: str
    number: int
    ground: str
    line: str
    spacing: int
    path: str


def patterns(places: int, hidden: bool) -> tuple[Pattern, ...]:
    """The patterns of the first series, and that of what is hidden."""
    found = [_pattern(one) for one in range(min(places, 35 * 16)) if style(one).pattern != "solid"]
    return (*found, _HIDDEN) if hidden else tuple(found)


@cache
def _pattern(place: int) -> Pattern:
    one = style(place)
    return Pattern(f"p{place}", one.number, one.colour, WHITE, one.spacing, _path(one.pattern, one.spacing))


def _path(kind: str, size: int) -> str:
    half = size / 2
    slash = f"M-1 1L1 -1M0 {size}L{size} 0M{size - 1} {size + 1}L{size + 1} {size - 1}"
    backslash = f"M-1 {size - 1}L1 {size + 1}M0 0L{size} {size}M{size - 1} -1L{size + 1} 1"
    level, upright = f"M0 {half:g}H{size}", f"M{half:g} 0V{size}"
    dots = f"M{half - 1.3:g} {half - 1.3:g}h2.6v2.6h-2.6z"
    return {
        **{"slash": slash, "backslash": backslash, "level": level, "upright": upright, "dots": dots},
        **{"grid": level + upright, "lattice": slash + backslash},
        "broken": f"M0 {half / 2:g}h{half:g}M{half:g} {1.5 * half:g}h{half:g}",
    }[kind]


_HIDDEN = Pattern("hidden", 0, HATCH_GROUND, HATCH, 6, _path("slash", 6))
