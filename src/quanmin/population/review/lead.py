"""Where a number leads: to the row of the base that holds the person, whether the base has followed the reviews yet or not.

A merge leads questions to the survivor at once; the next build makes one row of both. After an undoing the base still has one
row, until it is built again, and the number leads there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pyarrow as pa

from quanmin import flow, trust
from quanmin.lake.session import Session
from quanmin.ledger import Document
from quanmin.population.review import item, journal, merge, split
from quanmin.population.tables import RULING
from quanmin.standards import kernels
from quanmin.text import Text

if TYPE_CHECKING:
    from quanmin.lake import Lake

STAGE = flow.Stage("lead", Text("号码指向", "where a number leads"), reads=(RULING,), writes=())
_NUMBER = "citizen_number"
KINDS = (merge.MERGE.kind, split.SPLIT.kind, item.KINDS["contested"].kind)
"""The documents by which numbers lead elsewhere or are told to be two people's."""
_known: WeakKeyDictionary[Lake, tuple[int, dict[int, int]]] = WeakKeyDictionary()


def built(lake: Lake) -> dict[int, int]:
    """The numbers that have no row in the base as it is, with the person whose row has their records."""
    version = lake.snapshot().tables.get(RULING)
    if version is None:
        return {}
    found = _known.get(lake)
    if found is None or found[0] != version:
        with Session(lake, STAGE) as session:
            rows = session.connection.sql(
                f"SELECT person_key, surviving FROM {session.relation(RULING)} WHERE surviving IS NOT NULL"
            ).fetchall()
            version = session.snapshot.tables[RULING]
        found = _known[lake] = (version, dict(rows))
    return found[1]


def of(lake: Lake, key: int) -> int:
    """The person in whose row of the base a number is found: its own, or the one that it leads to, however often."""
    person = merge.surviving(lake, key)
    return built(lake).get(person, person)


def everyone(lake: Lake) -> dict[int, int]:
    """Every number that leads to another's row, with that person."""
    roots, rows = merge.everyone(lake.ledger), built(lake)
    found = {key: rows.get(root, root) for key, root in {**{key: key for key in rows}, **roots}.items()}
    return {key: person for key, person in found.items() if key != person}


def others(lake: Lake, person: int) -> list[int]:
    """The numbers that lead to the row of a person, those that lead there by others among them."""
    root = merge.surviving(lake, person)
    found = [root, *merge.others(lake, root), *(key for key, at in built(lake).items() if at == person)]
    return [key for key in dict.fromkeys(found) if key != person]


def told(lake: Lake, decision: trust.Decision, asked: int) -> dict[str, Any]:
    """What an answer about a person adds: `merged` when it was asked by a number given up, `numbers` that lead here, `split`.

    Nothing where nothing was decided. `merged` has `undone` while the base has not followed the undoing. Numbers are shown as
    decided.
    """
    found: dict[str, Any] = {}
    person = of(lake, asked)
    by = _by(lake, asked, person)
    if by is not None:
        found["merged"] = {"number": _shown(lake, decision, asked), "at": by.at, "review": by.data["review"]}
        found["merged"] |= {"undone": True} if by.state == "undone" else {}
    also = others(lake, person)
    if also:
        found["numbers"] = [_shown(lake, decision, one) for one in also]
    parted = split.of(lake, person)
    if parted is not None:
        found["split"] = {"at": parted.at, "review": parted.data["review"]}
    return found


def _by(lake: Lake, asked: int, person: int) -> Document | None:
    """The merge by which a number leads to another person's row."""
    if asked == person:
        return None
    undone = lake.ledger.find(merge.MERGE.kind, ref=journal.reference(lake, asked), state="undone")
    return merge.of(lake, asked) or merge.of(lake, person) or (undone[-1] if undone else None)


def _shown(lake: Lake, decision: trust.Decision, key: int) -> Any:
    """A number as decided."""
    column = next((one for one in decision.columns if one.name == _NUMBER), None)
    if column is None:
        return None
    pseudonyms = trust.Pseudonyms.open(lake.settings, decision.purpose)
    shown = trust.transform(column, kernels.decode(pa.array([key], pa.int64())), pseudonyms)
    return None if shown is None else shown[0].as_py()
