"""What a notebook shows: a chart in one language as SVG text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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
