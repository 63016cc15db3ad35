"""Questions asked of the base by an actor: a golden record, or whether a number and a name belong together.

Both go through the gate with a Decision, both read one bucket only, and no answer repeats what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from quanmin import standards, trust
from quanmin.lake import Lake
from quanmin.lake.gate import Reading
from quanmin.population import name as names
from quanmin.population.errors import NotBuilt, UnknownNumber, UnusableNumber
from quanmin.population.review import lead
from quanmin.population.tables import PERSON
from quanmin.standards.identity import citizen_number
from quanmin.text import Text
from quanmin.trust.purpose import OBLIGATIONS, PURPOSES

Answer = Literal["agree", "differ", "unknown"]

ANSWERS: dict[str, Text] = {
    "agree": Text("一致", "agree"),
    "differ": Text("不一致", "differ"),
    "unknown": Text("库中无此号", "unknown"),
}

ITEM_NAMES: tuple[str, ...] = tuple(item.id for item in standards.catalogue().items)
COMPARED = ("person_key", "citizen_number", "name")
"""What a decision about a verification must be asked for."""
ASPECTS = ("source", "batch", "agreement")
PROBABILITY = "probability"
PERSON_COLUMNS: tuple[str, ...] = (
    "person_key",
    "contested",
    *(column for item in ITEM_NAMES for column in (item, *(f"{item}_{one}" for one in (*ASPECTS, PROBABILITY)))),
)


def show(lake: Lake, decision: trust.Decision, number: str) -> dict[str, Any]:
    """The golden record of a number, as far as the decision shows it: `person` and `items` with their provenance.

    A number that was merged leads to the person who survives: `merged` says so, and `numbers` are the others of this person.
    Raises UnusableNumber, UnknownNumber, NotBuilt.
    """
    key = key_of(number)
    rows = _rows(lake, decision, lead.of(lake, key))
    if not rows:
        raise UnknownNumber()
    return {**record_of(decision, rows[0]), **lead.told(lake, decision, key)}


def record_of(decision: trust.Decision, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the base, as the gate gave it out, as a document; what is not shown clearly has its reason."""
    columns = {column.name: column for column in decision.columns}
    items = []
    for item in standards.catalogue().items:
        column = columns.get(item.id)
        told = {
            "item": item.id,
            "title": item.title,
            "value": row.get(item.id),
            "shown": column.outcome if column else "withheld",
            **{aspect: row.get(f"{item.id}_{aspect}") for aspect in (*ASPECTS, PROBABILITY)},
        }
        if column is not None and column.outcome != "clear":
            told["reason"] = column.reason
        items.append(told)
    return {"person": row.get("citizen_number"), "contested": row.get("contested"), "items": items}


def terms(decision: trust.Decision) -> dict[str, Any]:
    """Under which decision something is read: its number, the purpose, the case, and what its reader owes."""
    aim = PURPOSES.get(decision.purpose)
    return {
        "decision": decision.id,
        "purpose": decision.purpose,
        "purpose_title": aim.title if aim else None,
        "case": decision.case,
        "at": decision.at,
        "obligations": [{"name": one, "title": OBLIGATIONS.get(one)} for one in decision.obligations],
    }


def verify(lake: Lake, decision: trust.Decision, number: str, name: str) -> Answer:
    """Whether the base knows the number under this name: agree, differ, or unknown; nothing else is told.

    The decision is one that owes an answer only: the name is compared inside the gate and goes to nobody. A number that was
    merged is answered for the person who survives; `merged` tells whether it was.
    """
    key = citizen_number.encode(citizen_number.canonical(number))
    stated = names.normalised(name)
    reading = reading_of(lake, decision)
    found = (
        []
        if key is None
        else reading.where(person_key=lead.of(lake, int(key))).answers(
            "name", lambda known: names.normalised(known) == stated
        )
    )
    if not found:
        return "unknown"
    return "agree" if all(found) else "differ"


def merged(lake: Lake, number: str) -> bool:
    """Whether a number was given up for another one of the same person; which one is not told."""
    key = citizen_number.encode(citizen_number.canonical(number))
    return key is not None and lead.of(lake, int(key)) != key


def key_of(number: str) -> int:
    """The person key of a number; UnusableNumber when it is none."""
    key = citizen_number.encode(citizen_number.canonical(number))
    if key is None:
        raise UnusableNumber()
    return int(key)


def _rows(lake: Lake, decision: trust.Decision, key: int) -> list[dict[str, Any]]:
    """The base's row of a person: none or one."""
    return list(reading_of(lake, decision).where(person_key=key).fetch().to_pylist())


def standing(lake: Lake) -> dict[str, Any]:
    """Whether the base is `built`, and how many `people` it has; nobody's data."""
    version = lake.snapshot().tables.get(PERSON)
    people = 0 if version is None else sum(file.rows for file in lake.table(PERSON).files(version))
    return {"built": version is not None, "people": people}


def reading_of(lake: Lake, decision: trust.Decision) -> Reading:
    """A read of the base as decided; NotBuilt before the first build."""
    if PERSON not in lake.snapshot().tables:
        raise NotBuilt()
    return lake.read(decision)
