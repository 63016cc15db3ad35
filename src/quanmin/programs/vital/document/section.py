"""What a report is made of: headings, paragraphs, tables and pictures, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from quanmin.charts import Chart, Table
from quanmin.charts.sentence import said
from quanmin.programs.vital.document.press import FONT
from quanmin.text import Language, Text

NOTHING = Text("", "")


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 3; the table of contents lists the first two."""

    text: Text
    level: int = 1

    def content(self, language: Language) -> dict[str, Any]:
        """What the form reads."""
        return {"kind": "heading", "text": said(self.text, language), "level": self.level}


@dataclass(frozen=True)
class Paragraph:
    """Words; an empty line in them begins a new paragraph."""

    text: Text

    def content(self, language: Language) -> dict[str, Any]:
        """What the form reads."""
        parts = [" ".join(one.split()) for one in self.text.get(language).split("\n\n")]
        return {"kind": "paragraph", "parts": [one for one in parts if one]}


@dataclass(frozen=True)
class Listing:
    """A table under its title: over pages it repeats its headings; columns of figures stand to the right."""

    title: Text
    table: Table
    note: Text = NOTHING

    def content(self, language: Language) -> dict[str, Any]:
        """What the form reads."""
        figures = [
            place > 0 and not any(isinstance(row[place], Text) for row in self.table.rows if place < len(row))
            for place in range(len(self.table.columns))
        ]
        return {
            "kind": "table",
            "title": said(self.title, language),
            "head": self.table.head(language),
            "body": self.table.body(language),
            "figures": figures,
            "note": said(self.note, language),
        }


@dataclass(frozen=True)
class Picture:
    """A chart, drawn in lines, with its sentence below; `share` of the width of the page, and its table where it is `told`."""

    chart: Chart
    share: float = 1.0
    told: bool = False

    def content(self, language: Language) -> dict[str, Any]:
        """What the form reads."""
        return {
            "kind": "picture",
            "title": said(self.chart.title, language),
            "svg": _lettered(str(self.chart.svg(language, heading=False))),
            "sentence": self.chart.sentence(language),
            "share": round(100 * min(max(self.share, 0.1), 1.0)),
        }


def _lettered(svg: str) -> str:
    """The picture in the font of the page, whose weights are told by its axis: without it letters come out in the thinnest."""
    plain = f'font-family="{FONT}" font-variation-settings="\'wght\' 400"'
    bold = 'font-weight="bold" font-variation-settings="\'wght\' 700"'
    return svg.replace('font-weight="bold"', bold).replace('font-family="sans-serif"', plain, 1)


@dataclass(frozen=True)
class NewPage:
    """What follows begins on a new page."""

    def content(self, language: Language) -> dict[str, Any]:
        """What the form reads."""
        return {"kind": "page"}


Section = Heading | Paragraph | Listing | Picture | NewPage
