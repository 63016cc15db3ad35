"""The refused rows of a batch by the rule they broke: where they stand in the sender's file, and nothing of what they say."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from quanmin import standards
from quanmin.collect import batch as batches
from quanmin.collect.chunk import MALFORMED
from quanmin.collect.errors import NoSuchRule
from quanmin.lake import Lake
from quanmin.ledger.listing import place
from quanmin.standards import division
from quanmin.text import Text

SIZE = 50
SHAPES: dict[str, Text] = {
    "row.width": Text("列数与标题行不符", "the row has more or fewer cells than the titles"),
    "row.nul": Text("含有空字符（NUL）", "the row holds a NUL character"),
    "row.syntax": Text("无法解析的行", "the row cannot be parsed"),
}
"""What can be wrong with the shape of a row, before any rule of a dataset is asked."""


@dataclass(frozen=True, slots=True)
class Row:
    """A refused row: its number among the rows of the file from 1, its line there, and the rules it broke."""

    row: int
    line: int
    rules: list[str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A page of refused rows: `page` of `pages` (from 1), `total` rows in all."""

    batch: int
    dataset: str
    rule: str | None
    rows: list[Row]
    page: int
    pages: int
    total: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


def refused(lake: Lake, batch: int, rule: str | None = None, page: int = 1, size: int = SIZE) -> Refused:
    """A page of the rows of a batch that are in quarantine, in the order of the file; with `rule`, of those that broke it.

    Nothing is left where the batch was withdrawn. NoSuchBatch, NoSuchRule.
    """
    dataset = str(batches.get(lake, batch).data.get("dataset", ""))
    if rule is not None and rule not in titles(dataset):
        raise NoSuchRule(dataset=dataset)
    table = f"quarantine.{dataset}"
    with lake.session("collect") as session:
        if not session.exists(table):
            return Refused(batch, dataset, rule, [], 1, 1, 0)
        broke = "list_contains(string_split(reasons, ' '), ?)" if rule else "true"
        rows = f"FROM {session.relation(table)} WHERE _batch = ? AND {broke}"
        asked: list[Any] = [batch, rule] if rule else [batch]
        ((total,),) = session.connection.execute(f"SELECT count(*) {rows}", asked).fetchall()
        at = place(page, total, size)
        query = f"SELECT _row, _line, reasons {rows} ORDER BY _row LIMIT {size} OFFSET {at.skip}"
        found = session.connection.execute(query, asked).fetchall()
    told = [Row(r, line, why.split(" ")) for r, line, why in found]
    return Refused(batch, dataset, rule, told, at.page, at.pages, total)


def titles(dataset: str) -> dict[str, Text]:
    """Every rule that a row of a dataset can break, in words."""
    known = standards.catalogue().datasets.get(dataset)
    if known is None:
        return {}
    rules = (*known.rules, *division.rules_of(known))
    return {rule.id: rule.title for rule in rules} | {shape: SHAPES[shape] for shape in MALFORMED}
