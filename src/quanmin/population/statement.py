"""What each source says of a person beside the golden record: every record that speaks of the person, item by item.

Each dataset is read under a decision of its own, and its values are shown as that decision says. How a value compares with the
golden one is found inside, on the values themselves, and told only of items of which the reader sees something on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from quanmin import standards
from quanmin.lake import Lake
from quanmin.population.errors import UnknownNumber
from quanmin.population.identifiers import Decide, Desk, Identifier, Trace, outcome_title
from quanmin.population.inquiry import ITEM_NAMES, PROBABILITY, key_of
from quanmin.population.plan import Source, plan_of
from quanmin.population.review import lead
from quanmin.population.review.side import mark
from quanmin.population.statistics import days_of
from quanmin.population.tables import PERSON
from quanmin.standards import kernels

_NUMBER = "citizen_number"


def statements(lake: Lake, decide: Decide, number: str) -> dict[str, Any]:
    """`person`, `items` (the golden values) and `records`, the most trusted source first; `closed` are sources not shown.

    A record has `dataset`, `title`, `source`, `batch`, `row`, `collected`, `outcome` and `items`: `value`, `shown`, `reason`
    and `mark`, one of `review.side.MARKS`, by item. Raises UnusableNumber, UnknownNumber, NotReadable, NotBuilt.
    """
    key = lead.of(lake, key_of(number))
    plan = plan_of(standards.catalogue())
    with Inquiry(lake, decide, {source.dataset: _named(source) for source in plan.sources}) as desk:
        if not desk.known(key):
            raise UnknownNumber()
        return desk.told(key, plan.sources)


def _named(source: Source) -> tuple[Identifier, ...]:
    """The elements of a source that state items of the base."""
    items = {item.id: item for item in standards.catalogue().items}
    return tuple(Identifier(source.dataset, element, items[item].title) for item, element in _elements(source).items())


def _elements(source: Source) -> dict[str, str]:
    """The elements of a source by the item that they state."""
    return {item: element for item, element in {_NUMBER: source.number, **source.values}.items() if element}


class Inquiry(Desk):
    """The reads of one person's records, and of the golden record."""

    def told(self, key: int, sources: Sequence[Source]) -> dict[str, Any]:
        """The whole answer."""
        keys = [key, *lead.others(self.lake, key)]
        spoken, homes, golden = self.spoken(keys), self._homes(keys), self._golden(key)
        days, records, closed = days_of(self.lake, self.snapshot.id), list[dict[str, Any]](), list[dict[str, Any]]()
        for source in sources:
            places = [place for place in spoken if place[0] == source.dataset]
            if not places or source.dataset not in self.datasets:
                continue
            dataset = standards.catalogue().dataset(source.dataset)
            head = {"dataset": dataset.id, "title": dataset.title, "source": dataset.steward}
            if not self.open(source.dataset):
                reason = self.decide(source.dataset, (source.number,)).columns[0].reason
                closed.append({**head, "records": len(places), "reason": reason})
                continue
            traces = self.records(source.dataset, keys, places, homes)
            held = self._held(source, traces)
            for trace in sorted(traces, key=lambda one: one.place, reverse=True):
                outcome = spoken[source.dataset, *trace.place]
                place = {"batch": trace.place[0], "row": trace.place[1], "collected": days.get(trace.place[0])}
                said = {"outcome": outcome, "outcome_title": outcome_title(outcome)}
                items = self._items(source, trace, held.get(trace.place, {}), golden)
                records.append({**head, **place, **said, "items": items})
        return {"person": self.number(key), "items": golden.told, "records": records, "closed": closed}

    def _items(
        self, source: Source, trace: Trace, held: Mapping[str, Any], golden: Golden
    ) -> dict[str, dict[str, Any]]:
        """What a record says of each item, as decided, and how it compares."""
        decision, found = self.reading(source.dataset).decision, {}
        for item, element in _elements(source).items():
            column = next((one for one in decision.columns if one.name == element), None)
            shown = column.outcome if column else "withheld"
            told: dict[str, Any] = {"value": trace.shown.get(element), "shown": shown}
            if column is not None and shown != "clear":
                told["reason"] = column.reason
            seen = "withheld" not in (shown, golden.outcome(item))
            found[item] = {**told, "mark": mark(item, golden.held.get(item), held.get(element)) if seen else "absent"}
        return found

    def _golden(self, key: int) -> Golden:
        """The golden record: as decided, and as it is held."""
        decision = self.decide(PERSON, ("person_key", *ITEM_NAMES, *(f"{one}_{PROBABILITY}" for one in ITEM_NAMES)))
        shown = self.lake.read(decision, self.snapshot.id).where(person_key=key).fetch().to_pylist()
        reading = self.reading(PERSON).asked(person_key=key)
        query = f"SELECT * FROM {self.session.relation(PERSON, reading._buckets(self.session))} WHERE person_key = ?"
        rows = self.session.connection.sql(query, params=[key]).to_arrow_table().to_pylist()
        held = {**(rows[0] if rows else {}), _NUMBER: kernels.decode(pa.array([key], pa.int64()))[0].as_py()}
        return Golden({one.name: one.outcome for one in decision.columns}, shown[0] if shown else {}, held)

    def _held(self, source: Source, traces: Sequence[Trace]) -> dict[tuple[int, int], dict[str, Any]]:
        """What the records hold, by place; nobody gets it."""
        if not traces:
            return {}
        names = list(dict.fromkeys(_elements(source).values()))
        present = set(self.session.schema(f"clean.{source.dataset}").names)
        columns = ", ".join(f'"{name}"' for name in names if name in present)
        asked = ", ".join("(?, ?)" for _ in traces)
        query = (
            f"SELECT _batch, _row, {columns} FROM {self.session.live(source.dataset)} WHERE (_batch, _row) IN ({asked})"
        )
        places = [part for trace in traces for part in trace.place]
        rows = self.session.connection.sql(query, params=places).to_arrow_table().to_pylist()
        return {(row["_batch"], row["_row"]): row for row in rows}


class Golden:
    """The golden record as decided (`shown`) and as it is (`held`)."""

    def __init__(self, outcomes: Mapping[str, str], shown: Mapping[str, Any], held: Mapping[str, Any]) -> None:
        self.outcomes, self.shown, self.held = outcomes, shown, held

    def outcome(self, item: str) -> str:
        """What becomes of an item."""
        return self.outcomes.get(item, "withheld")

    @property
    def told(self) -> list[dict[str, Any]]:
        """The items as decided, with their probability."""
        return [
            {
                "item": item.id,
                "title": item.title,
                "value": self.shown.get(item.id),
                "shown": self.outcome(item.id),
                PROBABILITY: self.shown.get(f"{item.id}_{PROBABILITY}"),
            }
            for item in standards.catalogue().items
        ]
