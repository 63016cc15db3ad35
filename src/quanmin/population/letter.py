"""Feedback as a letter: prepared for a source from one snapshot, sent, answered; each step by an operator, each with its time.

The files of a letter are those of the snapshot that it was prepared from, whenever they are taken; their digests are kept in it.
A source answers by sending the records again (a batch that is collected like any other), or by saying that they are right.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quanmin import trust
from quanmin.lake import Lake
from quanmin.ledger import Action, Document, Workflow, WorkingDays, listing, register
from quanmin.ledger.errors import UnknownDocument
from quanmin.population.build import ANSWER
from quanmin.population.errors import LetterWaits, NoSuchLetter, NothingToTell, NotItsCorrection
from quanmin.population.feedback import Feedback, export_feedback
from quanmin.text import Text
from quanmin.trust import Actor, work

STATES: dict[str, Text] = {
    "prepared": Text("已备好，待发出", "prepared, not sent"),
    "sent": Text("已发出，待答复", "sent, waits for an answer"),
    "answered": Text("已答复", "answered"),
    "dropped": Text("已作废", "dropped"),
}
WAYS: dict[str, Text] = {
    "exchange": Text("共享交换平台", "the exchange platform"),
    "mail": Text("公文或邮件", "official mail"),
    "hand": Text("当面交接", "handed over"),
}
OUTCOMES: dict[str, Text] = {
    "corrected": Text("已更正重报", "corrected and sent again"),
    "partly": Text("部分更正重报", "partly corrected"),
    "confirmed": Text("核实无误", "found to be right"),
}
LETTER = register(
    Workflow(
        "feedback_letter",
        start="prepared",
        actions=[
            Action("send", "prepared", "sent", by=work.OPERATOR, needs=["way"], due=WorkingDays(3)),
            Action("answer", "sent", "answered", by=work.OPERATOR, needs=["outcome"], due=ANSWER),
            Action("drop", "prepared", "dropped", by=work.OPERATOR, needs=["reason"]),
        ],
        words=("remark", "reason"),
    )
)


def prepare(lake: Lake, actor: Actor, source: str) -> Document:
    """Prepare feedback for a source from the newest snapshot. RoleMissing, UnknownSource, NothingToTell, LetterWaits."""
    work.require(lake.ledger, actor)
    snapshot = lake.snapshot().id
    with tempfile.TemporaryDirectory(prefix="feedback-") as folder:
        made = export_feedback(lake, source, Path(folder), snapshot)
        summary = made.read(Path(folder))
    if not summary["errors"]:
        raise NothingToTell(source=source)
    told = {name: summary[name] for name in ("errors", "rows", "codes", "uncoded", "due_on")}
    files = [{name: one[name] for name in ("dataset", "file", "sha256", "errors")} for one in summary["files"]]
    data = {"source": source, "snapshot": snapshot, **told, "files": files}
    document, new = lake.ledger.ensure(LETTER.kind, source, data, ["prepared"], actor.id)
    if not new:
        raise LetterWaits(source=source, letter=document.id)
    _note(lake, actor, document, "prepare")
    return document


def get(lake: Lake, letter: int) -> Document:
    """A letter; NoSuchLetter."""
    try:
        return lake.ledger.get(letter, kinds=(LETTER.kind,))
    except UnknownDocument:
        raise NoSuchLetter(letter=letter) from None


def send(lake: Lake, actor: Actor, letter: int, way: str) -> Document:
    """Note that it was sent, and how. RoleMissing, NoSuchLetter, IllegalAction."""
    return _act(lake, actor, letter, "send", {"way": way if way in WAYS else None})


def answer(
    lake: Lake, actor: Actor, letter: int, outcome: str, batch: int | None = None, remark: str | None = None
) -> Document:
    """Note what the source answered, with the batch in which it sent the records again.

    RoleMissing, NoSuchLetter, NotItsCorrection, MissingField, IllegalAction.
    """
    if batch is not None:
        _correction(lake, get(lake, letter), batch)
    given = {"outcome": outcome if outcome in OUTCOMES else None, "batch": batch, "remark": remark}
    return _act(lake, actor, letter, "answer", given)


def drop(lake: Lake, actor: Actor, letter: int, reason: str) -> Document:
    """Give up what was prepared. RoleMissing, NoSuchLetter, MissingField, IllegalAction."""
    return _act(lake, actor, letter, "drop", {"reason": reason})


def files(lake: Lake, actor: Actor, letter: int, directory: Path) -> Feedback:
    """Write the files of a letter, as they were when it was prepared. RoleMissing, NoSuchLetter."""
    work.require(lake.ledger, actor)
    found = get(lake, letter)
    _note(lake, actor, found, "take")
    return export_feedback(lake, found.data["source"], directory, found.data["snapshot"])


def page(lake: Lake, source: str | None = None, number: int = 1) -> dict[str, Any]:
    """Letters, the newest first, of one source or of all: `letters`, `page`, `pages`, `total`."""
    found = listing.page(lake.ledger, [LETTER.kind], number=number, newest=True, ref=source)
    letters = [told(lake, one) for one in found.documents]
    return {"letters": letters, "page": found.page, "pages": found.pages, "total": found.total}


def latest(lake: Lake) -> dict[str, dict[str, Any]]:
    """The newest letter of each source that was not dropped."""
    states = [state for state in STATES if state != "dropped"]
    return {str(one.ref): told(lake, one) for one in lake.ledger.find(LETTER.kind, states=states)}


def told(lake: Lake, document: Document) -> dict[str, Any]:
    """A letter as pages show it: what it holds, its state, since when, and until when the next step is due."""
    steps = {step.name: step for step in document.actions}
    dues = [one.due.after(document.since) for one in LETTER.allowed(document.state) if one.due is not None]
    due, data = min(dues, default=None), document.data
    outcome, way = data.get("outcome"), data.get("way")
    return {
        "letter": document.id,
        **{
            name: data[name] for name in ("source", "snapshot", "errors", "rows", "codes", "uncoded", "due_on", "files")
        },
        "state": document.state,
        "state_title": STATES[document.state],
        "since": document.since,
        "due": due,
        "late": due is not None and due < lake.ledger.now(),
        "prepared": _when(steps, "create"),
        "sent": _when(steps, "send"),
        "answered": _when(steps, "answer"),
        "way": WAYS.get(way) if way else None,
        "outcome": OUTCOMES.get(outcome) if outcome else None,
        "batch": data.get("batch"),
        "remark": data.get("remark") or data.get("reason"),
    }


def _when(steps: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    step = steps.get(name)
    return None if step is None else {"at": step.at, "by": step.actor}


def _correction(lake: Lake, letter: Document, batch: int) -> None:
    """NotItsCorrection unless a batch is of the source of a letter, and came after it was prepared."""
    try:
        found = lake.ledger.get(batch)
    except UnknownDocument:
        raise NotItsCorrection(batch=batch) from None
    its = found.kind == "batch" and found.data.get("source") == letter.data["source"]
    if not its or found.id < letter.id:
        raise NotItsCorrection(batch=batch)


def _act(lake: Lake, actor: Actor, letter: int, action: str, given: Mapping[str, Any]) -> Document:
    work.require(lake.ledger, actor)
    get(lake, letter)
    done = lake.ledger.act(letter, action, given, actor.id, permit=actor)
    _note(lake, actor, done, action)
    return done


def _note(lake: Lake, actor: Actor, document: Document, action: str) -> None:
    entry = {"letter": document.id, "source": document.data["source"], "action": action}
    trust.audit.append(lake.ledger, "feedback", actor.id, entry)
