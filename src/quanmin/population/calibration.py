"""Calibration: are items that are said to be right with probability p right as often as that?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)
"""Golden items are sorted into these intervals by their probability; nearly all lie close to 1."""

_WIDTH, _HEIGHT, _LEFT, _TOP, _SIDE = 640, 420, 70, 30, 320


class Bin(NamedTuple):
    """Golden items whose probability lies from `low` to `high`: how many, the mean probability, the share that is right."""

    low: float
    high: float
    items: int
    said: float
    right: float


def error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: the mean distance of what was said from what is right, by items (Naeini 2015, AAAI)."""
    items = sum(each.items for each in bins)
    return sum(each.items * abs(each.said - each.right) for each in bins) / items if items else 0.0


def plot(bins: Sequence[Bin]) -> str:
    """The reliability diagram as SVG: what was said across, what is right upwards; a circle's area goes by its items."""
    most = max((each.items for each in bins), default=1)
    circles = [
        f'<circle cx="{_x(each.said):.1f}" cy="{_y(each.right):.1f}" r="{3 + 12 * (each.items / most) ** 0.5:.1f}">'
        f"<title>{each.items}: {each.said:.4f} / {each.right:.4f}</title></circle>"
        for each in bins
    ]
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    across = [f'<text x="{_x(t):.1f}" y="{_TOP + _SIDE + 18}" text-anchor="middle">{t:g}</text>' for t in ticks]
    upwards = [f'<text x="{_LEFT - 8}" y="{_y(t) + 4:.1f}" text-anchor="end">{t:g}</text>' for t in ticks]
    rows = [
        f'<text x="{_LEFT + _SIDE + 24}" y="{_TOP + 34 + 18 * place}">'
        f"{each.low:g} - {each.high:g}: {each.items:,} · {each.said:.4f} · {each.right:.4f}</text>"
        for place, each in enumerate(bins)
    ]
    middle = _LEFT + _SIDE / 2
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="11">',
            "<title>概率校准 · Calibration of probabilities</title>",
            f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#888"/>',
            f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#888" stroke-dasharray="4 4"/>',
            f'<g fill="#1f6feb" fill-opacity="0.7">{"".join(circles)}</g>',
            *across,
            *upwards,
            f'<text x="{middle}" y="{_TOP + _SIDE + 40}" text-anchor="middle">给出的概率 · probability stated</text>',
            f'<text transform="translate(20 {_TOP + _SIDE / 2}) rotate(-90)" text-anchor="middle">实际正确 · share right</text>',
            f'<text x="{_LEFT + _SIDE + 24}" y="{_TOP + 12}">区间: 项数 · 概率 · 正确 (items · stated · right)</text>',
            *rows,
            "</svg>",
            "",
        ]
    )


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)
