"""A citizen's claim that something held of him is wrong: asked, sent to the source that states it, answered.

The base corrects nothing by itself: whoever states a value corrects it and sends it again, and the next build takes it over. A
request goes to one source about one item, with the address of each of its records; what the citizen wrote is sealed and is read
by the citizen and by an operator only. Steps are in the audit without a word of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.csv

from quanmin import standards, trust
from quanmin.lake import Lake
from quanmin.ledger import Action, Document, Ledger, Workflow, WorkingDays, register
from quanmin.ledger.errors import UnknownDocument
from quanmin.ledger.ledger import SYSTEM
from quanmin.ledger.workflow import CHINA
from quanmin.population.errors import AlreadyAsked, NothingStated, NotYourRequest
from quanmin.population.plan import plan_of
from quanmin.population.statement import statements
from quanmin.text import Text
from quanmin.trust import work
from quanmin.trust.actor import Actor

SEND, ANSWER = WorkingDays(3), WorkingDays(15)
"""To the source within three working days, and fifteen for its answer, as for every error (`build.ANSWER`). Together they stay
within the thirty days of GB/T 35273-2020 §8.7 unless many of them are holidays."""

Outcome = Literal["corrected", "kept"]
OUTCOMES: dict[str, Text] = {
    "corrected": Text("来源已更正", "the source corrected it"),
    "kept": Text("来源核实无误，未更正", "the source found it right and keeps it"),
}
STATES: dict[str, Text] = {
    "asked": Text("已提出", "asked"),
    "sent": Text("已转来源核实", "with the source"),
    "answered": Text("已答复", "answered"),
    "withdrawn": Text("已撤回", "withdrawn"),
}

CORRECTION = register(
    Workflow(
        "correction_request",
        start="asked",
        actions=[
            Action("send", "asked", "sent", by=work.OPERATOR, due=SEND),
            Action("answer", "sent", "answered", by=work.OPERATOR, needs=["outcome", "answer"], due=ANSWER),
            Action("withdraw", ("asked", "sent"), "withdrawn"),
        ],
        words=("claim", "answer"),
    )
)
_OPEN = ("asked", "sent")
Decide = Callable[[str, Sequence[str]], trust.Decision]


class Claim(NamedTuple):
    """What is said to be wrong: the item, the dataset whose records say it, and what would be right, in the citizen's words."""

    item: str
    dataset: str
    words: str


def ask(lake: Lake, decide: Decide, actor: Actor, number: str, claim: Claim) -> Document:
    """Ask the source of a dataset to look at an item again. NothingStated, AlreadyAsked, and what a read raises."""
    about = _about(actor)
    rows = _rows(statements(lake, decide, number), claim)
    if not rows or about is None:
        raise NothingStated(source=claim.dataset)
    source = standards.catalogue().dataset(claim.dataset).steward
    data = {"item": claim.item, "dataset": claim.dataset, "source": source, "rows": rows, "claim": claim.words}
    with lake.ledger.writing() as connection:
        made, new = lake.ledger.ensure(
            CORRECTION.kind,
            f"{about} {claim.item} {claim.dataset}",
            {**data, "about": about},
            _OPEN,
            actor.id,
            connection,
        )
        if not new:
            raise AlreadyAsked()
        _note(lake.ledger, actor.id, "ask", made, connection)
    return made


def _rows(found: Mapping[str, Any], claim: Claim) -> list[dict[str, int]]:
    """The addresses of the dataset's records that state the item."""
    return [
        {"batch": one["batch"], "row": one["row"]}
        for one in found["records"]
        if one["dataset"] == claim.dataset and one["items"].get(claim.item, {}).get("value") is not None
    ]


def withdraw(ledger: Ledger, actor: Actor, document: int) -> Document:
    """Give up one's own request. NotYourRequest, IllegalAction."""
    if _held(ledger, document).data["about"] != _about(actor):
        raise NotYourRequest(document=document)
    return _act(ledger, actor, document, "withdraw", {})


def mine(ledger: Ledger, actor: Actor) -> list[dict[str, Any]]:
    """What oneself or the ward asked for, newest first, with the words of both sides."""
    about = _about(actor)
    return [_told(one) for one in reversed(ledger.find(CORRECTION.kind)) if about and one.data["about"] == about]


def standing(ledger: Ledger, actor: Actor, source: str | None = None) -> list[dict[str, Any]]:
    """The requests that are not answered yet, the oldest first: an operator's list. RoleMissing."""
    work.require(ledger, actor)
    found = ledger.find(CORRECTION.kind, states=_OPEN)
    return [_told(one) for one in found if source is None or one.data["source"] == source]


def send(ledger: Ledger, actor: Actor, document: int) -> Document:
    """Note that the source was told. RoleMissing, IllegalAction."""
    work.require(ledger, actor)
    _held(ledger, document)
    return _act(ledger, actor, document, "send", {})


def answer(ledger: Ledger, actor: Actor, document: int, outcome: Outcome, words: str) -> Document:
    """Write down what the source answered. RoleMissing, MissingField, IllegalAction."""
    work.require(ledger, actor)
    _held(ledger, document)
    return _act(ledger, actor, document, "answer", {"outcome": outcome, "answer": words})


def export(lake: Lake, source: str, directory: Path) -> dict[str, int]:
    """Write the open requests for a source as `<source>.corrections.csv` (addresses, no words, no values), and note them as sent.

    A line is a record to look at; how many, by the name of the file. Without requests there is no file. It is part of the
    feedback, whose callers ask whose work that is.
    """
    found = [one for one in lake.ledger.find(CORRECTION.kind, states=_OPEN) if one.data["source"] == source]
    lines = [line for one in found for line in _lines(lake.ledger, one)]
    if not lines:
        return {}
    name = f"{source}.corrections.csv"
    with (directory / name).open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        pyarrow.csv.write_csv(pa.Table.from_pylist(lines), file)
    for one in found:
        if one.state == "asked":
            with lake.ledger.writing() as connection:
                done = lake.ledger.act(one.id, "send", {}, connection=connection)
                _note(lake.ledger, SYSTEM, "send", done, connection)
    return {name: len(lines)}


def _lines(ledger: Ledger, one: Document) -> list[dict[str, Any]]:
    item = next(item for item in standards.catalogue().items if item.id == one.data["item"])
    element = plan_of(standards.catalogue()).by_dataset[one.data["dataset"]].values.get(item.id, item.id)
    due = ANSWER.after(ledger.now() if one.state == "asked" else one.since)
    told = {
        "request": one.id,
        "dataset": one.data["dataset"],
        "element": element,
        "title_zh": f"本人申请核实：{item.title.zh}",
        "title_en": f"the person asks to look again at: {item.title.en}",
        "due_on": _day(due),
    }
    return [
        {**told, "file": _file(ledger, row["batch"]), "batch": row["batch"], "row": row["row"]}
        for row in one.data["rows"]
    ]


def _file(ledger: Ledger, batch: int) -> str | None:
    try:
        found: str | None = ledger.get(batch).data.get("file")
    except UnknownDocument:
        return None
    return found


def _told(one: Document) -> dict[str, Any]:
    """A request as lists show it; `due` is the last day of what is waited for."""
    data, catalogue = one.data, standards.catalogue()
    due = next((action.due for action in CORRECTION.allowed(one.state) if action.due is not None), None)
    outcome = data.get("outcome")
    return {
        "document": one.id,
        "item": data["item"],
        "title": next(item.title for item in catalogue.items if item.id == data["item"]),
        "dataset": data["dataset"],
        "dataset_title": catalogue.dataset(data["dataset"]).title,
        "source": data["source"],
        "source_title": catalogue.agency(data["source"]).title,
        "rows": data["rows"],
        "asked": one.at,
        "state": one.state,
        "state_title": STATES[one.state],
        "since": one.since,
        "due": due and _day(due.after(one.since)),
        "claim": data["claim"],
        "outcome": outcome,
        "outcome_title": OUTCOMES.get(outcome) if outcome else None,
        "answer": data.get("answer"),
    }


def _day(moment: datetime) -> date:
    """The last day of a deadline, which ends with that day."""
    return (moment - timedelta(seconds=1)).astimezone(CHINA).date()


def _held(ledger: Ledger, document: int) -> Document:
    found = ledger.get(document)
    if found.kind != CORRECTION.kind:
        raise UnknownDocument(document=document)
    return found


def _act(ledger: Ledger, actor: Actor, document: int, action: str, data: dict[str, Any]) -> Document:
    with ledger.writing() as connection:
        done = ledger.act(document, action, data, actor.id, permit=actor, connection=connection)
        _note(ledger, actor.id, action, done, connection)
    return done


def _note(ledger: Ledger, actor: str, action: str, one: Document, connection: Any) -> None:
    fields = {"action": action, "document": one.id, "item": one.data["item"], "dataset": one.data["dataset"]}
    trust.audit.append(ledger, "correction", actor, fields, connection)


def _about(actor: Actor) -> str | None:
    """Of whom the actor may ask something: the ward while acting for one, else oneself."""
    return actor.acting_for or actor.subject
