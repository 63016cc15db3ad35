"""A base to write specs against: `base.collect(dataset, "columns | row | row")`, then ask what became of it."""

from __future__ import annotations

import csv
import io
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from quanmin import collect, population, standards, trust
from quanmin.lake import Lake
from quanmin.population.inquiry import COMPARED
from quanmin.population.verification import verify_table
from quanmin.settings import Settings
from quanmin.standards import Element

_NUMBERS = count(1)


def plausible(element: Element) -> str:
    """A value for a required element that a spec does not care about."""
    match element.type:
        case "code":
            return next(iter(standards.catalogue().value_sets[element.values].codes))
        case "region":
            return "110105"
        case "date" | "datetime":
            return "2012-05-06"
        case "text":
            return f"{next(_NUMBERS):08d}"
        case _:
            return "1"


class Base:
    """A home of its own, with the actions of an operator in the words of a spec."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.lake = Lake.open(Settings(home=home, buckets=4))
        self.actor = trust.local_administrator()

    def collect(self, dataset: str, table: str) -> dict[str, Any]:
        """Collect the rows of a small table; required elements that it leaves out get plausible values."""
        found = standards.catalogue().dataset(dataset)
        names, *rows = [[cell.strip() for cell in row.split(",")] for row in table.split("|")]
        others = [element for element in found.elements if element.required and element.name not in names]
        file = self.home / f"{next(_NUMBERS)}.csv"
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([*names, *(element.name for element in others)])
        writer.writerows([*row, *(plausible(element) for element in others)] for row in rows)
        file.write_text(text.getvalue(), "utf-8")
        return collect.collect(self.lake, dataset, file, found.steward, self.actor).to_dict()

    def build(self) -> dict[str, Any]:
        """Build the base; the report."""
        return population.build(self.lake).to_dict()

    def item(self, number: str, item: str) -> Any:
        """The golden value of an item, after a build."""
        self.build()
        decision = trust.decide(
            self.lake.ledger, self.actor, "supervision", "linked.person", population.PERSON_COLUMNS, case="SPEC-1"
        )
        items = population.show(self.lake, decision, number)["items"]
        value = next(one["value"] for one in items if one["item"] == item)
        return value.isoformat() if hasattr(value, "isoformat") else value

    def verify(self, number: str, name: str) -> str:
        """The answer to a verification, after a build."""
        self.build()
        decision = trust.decide(self.lake.ledger, self.actor, "verification", "linked.person", COMPARED)
        return population.verify(self.lake, decision, number, name)

    def verify_table(self, table: str) -> list[str]:
        """The answers to the rows of a small table, after a build."""
        self.build()
        names, *rows = [[cell.strip() for cell in row.split(",")] for row in table.split("|")]
        asked = pa.table({name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)})
        decision = trust.decide(self.lake.ledger, self.actor, "verification", "linked.person", COMPARED)
        return list(verify_table(self.lake, decision, asked)["answer"].to_pylist())

    def read(self, purpose: str, columns: tuple[str, ...]) -> dict[str, list[Any]]:
        """What a purpose sees of the base, column by column."""
        decision = trust.decide(self.lake.ledger, self.actor, purpose, "linked.person", columns)
        return dict(self.lake.read(decision).fetch().to_pydict())

    def feedback(self, source: str) -> list[str]:
        """The feedback lines of a source, as `dataset row N: element, code`."""
        self.build()
        folder = self.home / f"feedback-{next(_NUMBERS)}"
        lines = []
        for name in population.export_feedback(self.lake, source, folder).files:
            with (folder / name).open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            dataset = name.removesuffix(".feedback.csv")
            lines += [f"{dataset} row {row['row']}: {row['element']}, {row['code']}" for row in rows]
        return lines


@pytest.fixture
def base(tmp_path: Path) -> Base:
    """An empty base."""
    made = Base(tmp_path)
    yield made
    made.lake.close()
