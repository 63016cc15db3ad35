"""A pair side by side: what each side says of every item, differences marked, values as the purpose of the reader shows them.

The marks are found inside, on the values themselves; what is shown comes through the gate. Nothing is said of an item that
the reader may not see. While an item waits for a second opinion, the first one is not shown: it must not lead the second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import pyarrow as pa

from quanmin import standards, trust
from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.ledger import Document
from quanmin.population import name as names
from quanmin.population.inquiry import ITEM_NAMES
from quanmin.population.plan import plan_of
from quanmin.population.review import item, journal
from quanmin.population.review.double import near
from quanmin.population.review.queue import STAGE, told
from quanmin.population.tables import PERSON
from quanmin.standards import kernels
from quanmin.text import Text

Decide = Callable[[str, Sequence[str]], trust.Decision]
"""Asks the policy about some elements of a dataset, or of the base."""
Mark = Literal["same", "near", "differs", "absent"]
MARKS: dict[Mark, Text] = {
    "same": Text("一致", "same"),
    "near": Text("相近", "close"),
    "differs": Text("不一致", "differs"),
    "absent": Text("缺", "absent"),
}
_NUMBER, _KEY = "citizen_number", "person_key"


class Side(NamedTuple):
    """One side of a pair: the values as shown, the values themselves (which nobody gets), and where the record stands."""

    title: Text
    shown: Mapping[str, Any]
    held: Mapping[str, Any]
    dataset: str | None = None
    batch: int | None = None
    row: int | None = None


def show(lake: Lake, decide: Decide, review: int) -> dict[str, Any]:
    """An item with its sides, a row for each item of the base that a reader may see, and what was answered.

    Raises NoSuchReview, AccessDenied, NotReadable.
    """
    document = item.get(lake.ledger, review)
    base = decide(PERSON, (_KEY, *ITEM_NAMES))
    sides = list(_sides(lake, base, decide, document))
    trust.audit.append(lake.ledger, "review", base.actor.id, {"review": review, "action": "show", "decision": base.id})
    opinions = [] if document.state == "decided" else item.opinions(document)
    return {
        **told(document),
        "sides": [{"title": s.title, "dataset": s.dataset, "batch": s.batch, "row": s.row} for s in sides],
        "items": [_row(one, sides) for one in standards.catalogue().items if any(one.id in s.shown for s in sides)],
        "opinions": [{"actor": o.actor, "answer": o.answer, "reason": o.reason} for o in opinions],
        "records": document.data.get("records"),
        "changes": [journal.changes(lake, key) for key in item.people(document.data)],
    }


def _sides(lake: Lake, base: trust.Decision, decide: Decide, document: Document) -> Any:
    data, about = document.data, item.about(document)
    for key in item.people(data):
        yield _person(lake, base, key)
    if about == "link":
        yield _record(lake, decide, data["dataset"], data["batch"], data["row"])
    for batch, row in data.get("rows", []) if about == "contested" else []:
        yield _record(lake, decide, data["dataset"], batch, row)


def _person(lake: Lake, base: trust.Decision, key: int) -> Side:
    """The golden record."""
    shown = lake.read(base).where(person_key=key).fetch()
    with Session(lake, STAGE) as session:
        buckets = [int(b) for b in kernels.bucket_of(pa.array([key], pa.int64()), None, lake.settings.buckets)]
        held = _first(session, f"SELECT * FROM {session.relation(PERSON, buckets)} WHERE person_key = {key}")
    held[_NUMBER] = kernels.decode(pa.array([key], pa.int64()))[0].as_py()
    rows = shown.to_pylist()
    return Side(Text("人员", "person"), rows[0] if rows else {}, held)


def _record(lake: Lake, decide: Decide, dataset: str, batch: int, row: int) -> Side:
    """A row of a source; empty where it is not live any more."""
    source = plan_of(standards.catalogue()).by_dataset[dataset]
    place = {"_batch": batch, "_row": row}
    with Session(lake, STAGE) as session:
        present = session.schema(f"clean.{dataset}").names
        elements = {one: name for one, name in {_NUMBER: source.number, **source.values}.items() if name in present}
        query = f"SELECT * FROM {session.live(dataset)} WHERE _batch = {int(batch)} AND _row = {int(row)}"
        held = _first(session, query)
    read = lake.read(decide(dataset, tuple(dict.fromkeys(("_batch", "_row", *elements.values())))))
    rows = read.where(**place).fetch().to_pylist()
    shown = {one: rows[0][name] for one, name in elements.items() if rows and name in rows[0]}
    values = {one: held.get(name) for one, name in elements.items()}
    return Side(Text("记录", "record"), shown, values, dataset, batch, row)


def _first(session: Session, query: str) -> dict[str, Any]:
    rows = session.connection.sql(query).to_arrow_table().to_pylist()
    return dict(rows[0]) if rows else {}


def _row(one: standards.Item, sides: Sequence[Side]) -> dict[str, Any]:
    """One item on every side; the mark says how each side compares with the first, of what both sides show."""
    first = sides[0]
    marks = [
        mark(one.id, first.held.get(one.id), side.held.get(one.id))
        if one.id in first.shown and one.id in side.shown
        else "absent"
        for side in sides[1:]
    ]
    values = [side.shown.get(one.id) for side in sides]
    return {"item": one.id, "title": one.title, "values": values, "marks": marks}


def mark(name: str, left: Any, right: Any) -> Mark:
    """How two values of an item compare; close are names that differ by variant characters, and numbers one slip apart."""
    if left is None or right is None:
        return "absent"
    texts = str(left), str(right)
    if name == "name":
        pair = [(names.normalised(text), names.folded(text)) for text in texts]
        return "same" if pair[0][0] == pair[1][0] else "near" if pair[0][1] == pair[1][1] else "differs"
    if texts[0] == texts[1]:
        return "same"
    if name == _NUMBER and near(*(text[:17] for text in texts)):
        return "near"
    return "near" if name.endswith("_date") and _near_dates(*texts) else "differs"


def _near_dates(left: str, right: str) -> bool:
    """Whether two dates are one slip apart, or day and month are exchanged."""
    (y, m, d), (year, month, day) = left[:10].split("-"), right[:10].split("-")
    return near(left[:10], right[:10]) or (y == year and (m, d) == (day, month))


__all__ = ["MARKS", "Decide", "Mark", "Side", "mark", "show"]
