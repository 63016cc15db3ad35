"""A report in PDF: a title, sections of words, tables and pictures, a footer with the number of each page.

Reads sections that somebody made of figures; writes nothing. The same sections, language and day give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from quanmin.programs.vital.document.press import pressed
from quanmin.programs.vital.document.section import NOTHING, Listing, Picture, Section
from quanmin.text import Language, Text

PAGE = Text("第 {page} 页，共 {pages} 页", "Page {page} of {pages}")
CONTENTS = Text("目录", "Contents")
FIGURE, TABLE = Text("图", "Figure"), Text("表", "Table")


def report(
    title: Text,
    sections: Sequence[Section],
    language: Language,
    *,
    day: date,
    subtitle: Text = NOTHING,
    publisher: Text = NOTHING,
    footer: Text = NOTHING,
    contents: bool = False,
) -> bytes:
    """The PDF of a report dated `day`. `footer` stands on every page beside its number; `contents` sets a table of contents.

    CharacterMissing names the section and its part (`sections.3.title`) with a character that the font lacks.
    """
    said = {
        "language": language,
        "title": title.get(language),
        "subtitle": subtitle.get(language),
        "publisher": publisher.get(language),
        "footer": footer.get(language),
        "day": f"{day.year}年{day.month}月{day.day}日" if language == "zh" else day.isoformat(),
        "page": PAGE.get(language),
        "contents": CONTENTS.get(language) if contents else "",
        "figure": FIGURE.get(language),
        "table": TABLE.get(language),
    }
    return pressed("report", {**said, "sections": [one.content(language) for one in _all(sections)]}, day)


def _all(sections: Sequence[Section]) -> Iterator[Section]:
    """The sections, and after a picture that is told its table."""
    for one in sections:
        yield one
        if isinstance(one, Picture) and one.told:
            yield Listing(one.chart.title, one.chart.table())
