"""Answers that are documents and frames at once: a list or dictionary as the command prints it, and Arrow tables of it.

`to_pandas()` needs pandas; any library that speaks Arrow takes a table (`polars.DataFrame(found.table)`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from quanmin.charts import Drawing
from quanmin.population.inquiry import ITEM_NAMES
from quanmin.population.linkage import Explanation, waterfall
from quanmin.text import Language, Text

Row = Mapping[str, Any]

ITEMS = ("item", "value", "shown", "source", "batch", "agreement")
PEOPLE = ("person", "match", *ITEM_NAMES)
CARDS = ("person", "dataset", "element", "value", "batch", "row")
CHANGES = ("snapshot", "at", "event", "item", "before", "after", "source")
RECORDS = ("dataset", "source", "batch", "row", "collected", "state")
RELIABILITY = ("item", "first", "dataset", "right", "claims", "copies")
STEPS = ("compared", "weight", "m", "u", "stated", "held")
"""The columns of the tables."""


class Listed(list[dict[str, Any]]):
    """Rows as documents; `table` has them as a frame, with these columns also where there is no row."""

    def __init__(
        self, rows: Iterable[dict[str, Any]], columns: Sequence[str], flat: Callable[[Row], Row] | None = None
    ) -> None:
        super().__init__(rows)
        self._columns, self._flat = columns, flat

    @property
    def table(self) -> pa.Table:
        """The rows as an Arrow table."""
        return table_of([self._flat(row) if self._flat else row for row in self], self._columns)

    def to_pandas(self) -> Any:
        """The rows as a pandas frame."""
        return self.table.to_pandas()


class Told(dict[str, Any]):
    """A document; `tables` has its lists as frames, by their names."""

    def __init__(
        self,
        document: Mapping[str, Any],
        columns: Mapping[str, Sequence[str] | None],
        flat: Mapping[str, Sequence[Row]] | None = None,
    ) -> None:
        super().__init__(document)
        self._columns, self._rows = columns, flat or {}

    @property
    def tables(self) -> dict[str, pa.Table]:
        """The lists of the document as Arrow tables."""
        return {
            name: table_of(self._rows.get(name, self.get(name, ())), columns) for name, columns in self._columns.items()
        }


class Explained:
    """Why a record was attached, left apart or sent to a clerk: the parts of its weight, in words, as a table, as a picture."""

    def __init__(self, explanation: Explanation, language: Language) -> None:
        self.explanation = explanation
        self._language: Language = language

    @property
    def weight(self) -> float:
        """The weight that the parts add up to."""
        return self.explanation.weight

    @property
    def decision(self) -> str:
        """attach, review or apart."""
        return self.explanation.decision

    @property
    def table(self) -> pa.Table:
        """A row for each part."""
        return table_of([vars(step) for step in self.explanation.steps], STEPS)

    def to_dict(self) -> dict[str, Any]:
        """The document that the command prints."""
        return self.explanation.to_dict()

    def picture(self, language: Language | None = None) -> Drawing:
        """The parts as a waterfall; it holds no value of a person."""
        return waterfall(self.explanation).drawing(language or self._language)

    def _repr_svg_(self) -> str:
        return str(self.picture())

    def __repr__(self) -> str:
        title = self.explanation.title.get(self._language)
        return "\n".join(
            [f"{title}: {self.weight:.1f}", *(s.words.get(self._language) for s in self.explanation.steps)]
        )


def table_of(rows: Sequence[Row], columns: Sequence[str] | None) -> pa.Table:
    """Rows as a table: the columns named, or all that there are; values of several types in a column become text."""
    names = list(dict.fromkeys(name for row in rows for name in row)) if columns is None else columns
    return pa.table({name: _array([row.get(name) for row in rows]) for name in names})


def _array(values: list[Any]) -> pa.Array:
    if all(value is None for value in values):
        return pa.array(values, pa.string())
    if not any(isinstance(value, Text) for value in values):
        try:
            return pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            pass  # a masked date among whole ones, a date among names
    return pa.array([None if value is None else _plain(value) for value in values], pa.string())


def _plain(value: Any) -> str:
    return f"{value.zh} · {value.en}" if isinstance(value, Text) else str(value)


def person_row(person: Row) -> Row:
    """Somebody who was found, an item a column."""
    return {**person, **{one["item"]: one["value"] for one in person["items"]}}


def believed_row(row: Row) -> Row:
    """How far a source is believed, with the sources that it copies more than one error in a hundred of as words."""
    copies = ", ".join(f"{dataset} {share:.2f}" for dataset, share in row["copies"].items() if share >= 0.01)
    return {**row, "copies": copies or None}


def changes(history: Row) -> list[Row]:
    """The changes of a golden record, a row an item."""
    rows: list[Row] = []
    for change in history["changes"]:
        head = {name: change[name] for name in ("snapshot", "at", "event")}
        for one in change["items"] or [{"item": None, "before": None, "after": None}]:
            before, after = one["before"] or {}, one["after"] or {}
            values = {"before": before.get("value"), "after": after.get("value"), "source": after.get("source")}
            rows.append({**head, "item": one["item"], **values})
    return rows
