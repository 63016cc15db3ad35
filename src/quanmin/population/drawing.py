"""Pictures as SVG text, without scripts, fonts or styles from elsewhere: a sheet to draw on, and what a notebook shows.

A sheet is drawn in one language; labels are measured roughly, so that nothing is cut off whatever the titles are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

SIZE = 12
INK, PALE, BLUE, GREEN, RED = "#222", "#888", "#1f6feb", "#1b7f5c", "#b5452c"
SERIES = ("#1f6feb", "#b5452c", "#1b7f5c", "#8250df", "#bf8700", "#0a7ea4", "#cf222e", "#57606a", "#953800", "#116329")
"""Colours of lines, told apart by their marks as well."""
DASHES = ("none", "6 3", "2 3")


@dataclass(frozen=True)
class Drawing:
    """An SVG picture: a notebook shows it, `str` is its text, `save` writes it."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.svg

    def save(self, file: str | Path) -> Path:
        """Write the picture; where it went."""
        path = Path(file)
        path.write_text(self.svg, "utf-8")
        return path


@dataclass
class Sheet:
    """What is drawn so far; `done` makes the picture of it."""

    title: str
    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, anchor: str = "start", fill: str = INK, turn: float = 0) -> None:
        """Words that begin, end or have their middle at a place."""
        turned = f' transform="rotate({turn:g} {x:.1f} {y:.1f})"' if turn else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}"{turned}>{escape(words)}</text>'
        )

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, tip: str = "", stroke: str = "none"
    ) -> None:
        """A rectangle; `tip` is told where the pointer rests."""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" fill="{fill}" stroke="{stroke}">'
            f"{_tip(tip)}</rect>"
        )

    def line(
        self, points: Sequence[tuple[float, float]], stroke: str = PALE, dash: str = "none", width: float = 1
    ) -> None:
        """A line through some places."""
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.parts.append(
            f'<path d="M{path}" fill="none" stroke="{stroke}" stroke-width="{width:g}" stroke-dasharray="{dash}"/>'
        )

    def dot(self, x: float, y: float, radius: float, fill: str, tip: str = "") -> None:
        """A filled circle."""
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" fill-opacity="0.75">{_tip(tip)}</circle>'
        )

    def done(self) -> Drawing:
        """The picture."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:.0f} {self.height:.0f}" '
            f'width="{self.width:.0f}" role="img" font-family="sans-serif" font-size="{SIZE}">'
        )
        ground = f'<rect width="{self.width:.0f}" height="{self.height:.0f}" fill="#fff"/>'
        heading = f'<text x="12" y="20" font-weight="bold" fill="{INK}">{escape(self.title)}</text>'
        return Drawing(
            "\n".join([head, f"<title>{escape(self.title)}</title>", ground, heading, *self.parts, "</svg>"]) + "\n"
        )


def _tip(words: str) -> str:
    return f"<title>{escape(words)}</title>" if words else ""


def breadth(words: str, size: float = SIZE) -> float:
    """About how broad words are: an ideograph is as broad as high, other signs a little over half of that."""
    return size * sum(1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.56 for sign in words)


def broadest(labels: Sequence[str]) -> float:
    """The breadth of the broadest label."""
    return max(map(breadth, labels), default=0.0)


def shade(share: float) -> tuple[str, str]:
    """The colour of a cell, from pale (0) to deep (1), and that of words on it."""
    at = min(max(share, 0.0), 1.0)
    deep, pale = (0x0B, 0x4F, 0xA8), (0xEE, 0xF4, 0xFB)
    mixed = "".join(f"{round(p + (d - p) * at):02x}" for d, p in zip(deep, pale, strict=True))
    return f"#{mixed}", "#fff" if at > 0.5 else INK
