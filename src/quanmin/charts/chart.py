"""What every chart is: a title, a sentence, a table, and a picture in a language."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from quanmin.charts.breadth import BOLD, LINE, wrap
from quanmin.charts.drawing import Drawing
from quanmin.charts.figure import HIDDEN, Figure, known
from quanmin.charts.palette import Pattern
from quanmin.charts.render import rendered
from quanmin.charts.sentence import NOTHING, said
from quanmin.charts.table import Table
from quanmin.text import Language, Text

_HEADING = 14
_HEADING_LINE = 20
_NARROWEST = 320
HIDDEN_NOTE = Text(
    "斜纹或 *：计数过小，不公布；大小无意义", "hatched or *: not told, as the count is small; its size says nothing"
)
DATA = Text("数据表", "Data table")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Where everything of a picture stands (pixels from the corner below the heading), and the patterns that it uses."""

    width: float
    height: float
    patterns: tuple[Pattern, ...] = ()


class Chart(ABC):
    """Rows with a title; `svg` draws them, `html` is the figure of a page, `table` is what it shows in figures."""

    title: Text
    note: Text
    """A line below the picture, as where the figures come from; may be empty."""

    kind: ClassVar[str]
    """The name of its template."""
    signs: ClassVar[bool] = False
    """Whether what is hidden is shown by a sign that a note has to explain."""

    @abstractmethod
    def sentence(self, language: Language) -> str:
        """What the picture shows, in words."""

    @abstractmethod
    def table(self) -> Table:
        """The data: headings and rows."""

    @abstractmethod
    def figures(self) -> Iterable[Figure]:
        """Every figure that is drawn."""

    @abstractmethod
    def plan(self, language: Language) -> Plan:
        """Where everything stands."""

    @property
    def description(self) -> Text:
        """What the picture shows, in both languages."""
        return Text(self.sentence("zh"), self.sentence("en"))

    @property
    def hides(self) -> bool:
        """Whether a figure is hidden."""
        return any(figure is HIDDEN for figure in self.figures())

    def svg(self, language: Language, *, name: str = "", heading: bool = True) -> Markup:
        """The picture in a language. Ids in it begin with `name`: give one where the same chart stands twice on a page."""
        plan = self.plan(language)
        title, width = said(self.title, language), max(plan.width, _NARROWEST)
        head = wrap(title, (width - 24) / BOLD, _HEADING) if heading else []
        notes = [line for note in self._notes() for line in wrap(said(note, language), width - 24)]
        return rendered(
            self.kind,
            name,
            plan=plan,
            title=title,
            description=self.sentence(language),
            language="zh-CN" if language == "zh" else "en",
            width=round(width),
            top=_HEADING_LINE * len(head) + 12 if head else 0,
            head=[(_HEADING_LINE * (place - len(head)), line) for place, line in enumerate(head)],
            height=round(plan.height + LINE * len(notes) + (8 if notes else 0)),
            notes=[(round(plan.height + 10 + LINE * place, 1), line) for place, line in enumerate(notes)],
        )

    def html(self, language: Language, *, name: str = "") -> Markup:
        """The picture as a figure with caption, sentence and data table."""
        table = self.table()
        return rendered(
            "figure",
            name,
            svg=self.svg(language, name=name and f"{name}-svg", heading=False),
            title=said(self.title, language),
            description=self.sentence(language),
            language="zh-CN" if language == "zh" else "en",
            data=DATA.get(language),
            head=table.head(language),
            body=table.body(language),
        )

    def drawing(self, language: Language) -> Drawing:
        """The picture as a notebook shows it."""
        return Drawing(str(self.svg(language)))

    @property
    def bare(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(figure is HIDDEN or known(figure) is not None for figure in self.figures())

    def _notes(self) -> list[Text]:
        """The lines below the picture."""
        hidden = [HIDDEN_NOTE] if self.signs and self.hides else []
        return [NOTHING] * self.bare + hidden + [self.note] * bool(self.note.zh or self.note.en)
