"""An item of the study's sharing table, filled with our datasets, and the terms that come of it.

The table has the columns number, shared item, items given back (反馈数据项), business use, mode, direction and frequency.
What of a row can be read is kept in `printed`; the rest is ours, and `source` says how much that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from quanmin import standards
from quanmin.exchange.template.errors import PeriodBackwards, SameSides, TemplateUnknown
from quanmin.exchange.terms import (
    CONTENTS,
    FREQUENCIES,
    INITIATIVES,
    MODES,
    OPERATIONS,
    Content,
    Form,
    Frequency,
    Initiative,
    Mode,
    Operation,
    Terms,
)
from quanmin.standards.errors import UnknownElement, UnknownName, WrongShape
from quanmin.standards.source import Source, Table
from quanmin.text import Text
from quanmin.trust.column import place

Party = Literal["social_security", "food_drug"]
"""With whom the health commission shares by the study's two tables: items 1-16, and items 18-22."""
Mark = Literal["printed", "completed", "reconstructed"]
"""How much of an item the study prints: every cell that counts, the item and what is given back, or nothing."""
PARTIES: tuple[Party, ...] = get_args(Party)
MARKS: tuple[Mark, ...] = get_args(Mark)
CELLS = ("title", "items", "direction", "mode", "frequency")

ITEMS = Path(__file__).with_name("items")
MODE_WORDS: dict[Initiative, Text] = {
    "consumer": Text("请求-反馈", "on request"),
    "provider": Text("主动提供", "on one's own initiative"),
}
FREQUENCY_WORDS: dict[Frequency, Text] = {
    "realtime": Text("实时", "in real time"),
    "daily": Text("每日", "daily"),
    "weekly": Text("每周", "weekly"),
    "monthly": Text("月度", "monthly"),
    "quarterly": Text("季度", "quarterly"),
    "yearly": Text("年度", "yearly"),
    "on_request": Text("按需", "when asked"),
}
MARK_WORDS: dict[Mark, Text] = {
    "printed": Text("原表所载", "as printed"),
    "completed": Text("部分补足", "completed"),
    "reconstructed": Text("重构", "reconstructed"),
}


@dataclass(frozen=True)
class Template:
    """One item. `returned` are the items given back, `use` the business it serves; `printed` the cells that can be read."""

    number: int
    table: Party
    source: Mark
    title: Text
    provider: str
    consumer: str
    dataset: str
    elements: tuple[str, ...]
    returned: Text
    use: Text
    purpose: str
    mode: Mode
    content: Content
    initiative: Initiative
    frequency: Frequency
    legal_basis: Text
    operations: tuple[Operation, ...] = ()
    case: bool = False
    sealed: bool = True
    note: Text | None = None
    printed: Mapping[str, str] = field(default_factory=dict)

    @property
    def mode_words(self) -> Text:
        """The mode as the study calls it."""
        return MODE_WORDS[self.initiative]

    @property
    def frequency_words(self) -> Text:
        """The frequency as the study calls it."""
        return FREQUENCY_WORDS[self.frequency]

    def to_dict(self) -> dict[str, Any]:
        """As a JSON document."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return told | {
            "elements": list(self.elements),
            "operations": list(self.operations),
            "printed": dict(self.printed),
        }


@cache
def templates() -> tuple[Template, ...]:
    """Every item in the order of its number."""
    return tuple(sorted((read(path) for path in ITEMS.glob("*.toml")), key=lambda one: one.number))


def template(number: int) -> Template:
    """The item of a number; TemplateUnknown."""
    found = next((one for one in templates() if one.number == number), None)
    if found is None:
        raise TemplateUnknown(number=number)
    return found


def terms(
    of: Template,
    starts: date,
    until: date,
    id: str,  # noqa: A002
    *,
    authority: str = "health",
    provider: str | None = None,
    consumer: str | None = None,
    form: Form = "parquet",
) -> Terms:
    """The terms of an item for a period (both days count), ready to be drafted as agreement `id` in its first version.

    Other sides than the table's take an item over to where duties are divided otherwise; an agency of a division gives rows of
    it only. Of the `form` of rows the table says nothing. Raises PeriodBackwards, SameSides.
    """
    sides = provider or of.provider, consumer or of.consumer
    agency, limited = standards.catalogue().body(sides[0]), of.content != "file" and place(of.dataset) is not None
    if until < starts:
        raise PeriodBackwards(starts=starts.isoformat(), until=until.isoformat())
    if sides[0] == sides[1]:
        raise SameSides(member=sides[0])
    return Terms(
        id=id,
        version=1,
        item=str(of.number),
        title_zh=of.title.zh,
        title_en=of.title.en,
        provider=sides[0],
        consumer=sides[1],
        authority=authority,
        dataset=of.dataset,
        elements=of.elements,
        purpose=of.purpose,
        legal_basis=of.legal_basis.zh,
        mode=of.mode,
        initiative=of.initiative,
        frequency=of.frequency,
        starts=starts,
        until=until,
        operations=of.operations,
        content=of.content,
        case=of.case,
        sealed=of.sealed,
        form=form,
        region=agency.division if agency is not None and limited else None,
    )


def read(path: Path) -> Template:
    """The item of one file; a CatalogueError with file and line where anything in it is wrong."""
    source = Source(path, path.parent)
    source.allow()
    top = source.top
    operations = tuple(_operation(top, word) for word in top.texts("operations"))
    made = Template(
        number=top.take("number", int),
        table=top.word("table", PARTIES),
        source=top.word("source", MARKS),
        title=top.text("title"),
        provider=top.take("provider", str),
        consumer=top.take("consumer", str),
        dataset=top.take("dataset", str),
        elements=top.texts("elements"),
        returned=top.text("returned"),
        use=top.text("use"),
        purpose=top.take("purpose", str),
        mode=top.word("mode", MODES),
        content=top.word("content", CONTENTS, "change"),
        initiative=top.word("initiative", INITIATIVES),
        frequency=top.word("frequency", FREQUENCIES),
        legal_basis=top.text("legal_basis"),
        operations=operations,
        case=top.take("case", bool, False),
        sealed=top.take("sealed", bool, True),
        note=top.text("note", None) if "note" in top.data else None,
        printed=top.take("printed", dict, {}),
    )
    top.done()
    _check(top, made)
    return made


def _operation(top: Table, word: str) -> Operation:
    found = next((one for one in OPERATIONS if one == word), None)
    if found is None:
        raise top.error(UnknownName, "operations", word=word)
    return found


def _check(top: Table, made: Template) -> None:
    """Refuse what does not fit the catalogue, or itself."""
    known = standards.catalogue()
    for key in ("provider", "consumer"):
        if getattr(made, key) not in known.agencies:
            raise top.error(UnknownName, key, word=getattr(made, key))
    if made.dataset not in known.datasets:
        raise top.error(UnknownName, "dataset", word=made.dataset)
    names = {one.name for one in known.dataset(made.dataset).elements}
    for name in made.elements:
        if name not in names:
            raise top.error(UnknownElement, "elements", word=name)
    for name in known.dataset(made.dataset).key:
        if name not in made.elements:
            raise top.error(WrongShape, "elements", expected=f"the key's {name} among them")
    if bool(made.operations) != (made.mode != "push"):
        raise top.error(
            WrongShape, "operations", expected="what may be asked where requests are answered, and only there"
        )
    for cell, text in made.printed.items():
        if cell not in CELLS or not isinstance(text, str):
            raise top.error(WrongShape, "printed", expected=f"texts of {', '.join(CELLS)}")
