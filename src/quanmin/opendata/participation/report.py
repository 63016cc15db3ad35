"""Error reports: what is wrong in which field, row or code of a dataset, to its publisher; what becomes of one is public.

Where a dataset is made of sources that agencies send, what was found goes back to them with the feedback, as errors that the
platform finds do: `export` writes the file that lies beside it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from quanmin import standards
from quanmin.ledger import Action, Document, Ledger, Workflow, WorkingDays, register
from quanmin.opendata.catalogue import Record
from quanmin.opendata.participation import dataset, notice, owner, paper, words
from quanmin.opendata.participation.errors import ChoiceUnknown, NoSuchField, NotYours
from quanmin.opendata.participation.role import MODERATOR, PUBLISHER
from quanmin.opendata.portal import Portal
from quanmin.text import Text
from quanmin.trust import Actor

CONFIRM, CORRECT = WorkingDays(15), WorkingDays(15)
"""As for every error that a source is told of (`population.build.ANSWER`), and as long again until it is corrected."""
_GOING = ("received", "confirmed")
SHOWN = (*_GOING, "corrected", "no_error")

KIND = register(
    Workflow(
        "error_report",
        start="received",
        actions=[
            Action("confirm", "received", "confirmed", by=PUBLISHER, due=CONFIRM),
            Action("correct", "received", "corrected", by=PUBLISHER, needs=("version",)),
            Action("correct", "confirmed", "corrected", by=PUBLISHER, needs=("version",), due=CORRECT),
            Action("reject", _GOING, "no_error", by=PUBLISHER, needs=("reason",)),
            Action("withdraw", _GOING, "withdrawn"),
            Action("hide", SHOWN, "hidden", by=MODERATOR, needs=("reason",)),
        ],
    )
)
STATES: dict[str, Text] = {
    "received": Text("已收到", "received"),
    "confirmed": Text("已确认", "confirmed"),
    "corrected": Text("已更正", "corrected"),
    "no_error": Text("核实无误", "not an error"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "hidden": Text("已屏蔽", "hidden"),
}
SORTS: dict[str, Text] = {
    "value": Text("数值有误", "a value is wrong"),
    "missing": Text("数据缺失", "something is missing"),
    "duplicate": Text("重复", "something is there twice"),
    "code": Text("代码或分类有误", "a code or class is wrong"),
    "description": Text("说明或元数据有误", "the description is wrong"),
    "file": Text("文件打不开或损坏", "a file does not open"),
    "privacy": Text("可能识别出个人", "somebody could be found in it"),
}
WORDS, ROW, VERSION, WHY = (
    Text("说明", "What is wrong"),
    Text("行", "Row"),
    Text("版本", "Version"),
    Text("理由", "Reason"),
)
COLUMNS = ("report", "dataset", "sources", "sort", "field", "row", "code", "words", "state", "due_on")
"""What a source is told of a report."""


class Finding(NamedTuple):
    """What is wrong: of a sort, with the field, row and code where that can be said."""

    sort: str
    words: str
    field: str | None = None
    row: str | None = None
    code: str | None = None


def send(portal: Portal, actor: Actor, record: str, finding: Finding) -> Document:
    """Report an error of a dataset (its name); its publisher is told. NoSuchDataset, NoSuchField."""
    owner.person(actor)
    about = dataset.named(portal, record)
    if finding.sort not in SORTS:
        raise ChoiceUnknown(field=Text("类型", "type"))
    if finding.field and finding.field not in {one.name for one in about.variables}:
        raise NoSuchField()
    data: dict[str, Any] = {"sort": finding.sort, "words": words.checked(finding.words, WORDS, words.LONG)}
    data |= {"field": finding.field or None, "sources": list(about.origin.sources), "version_seen": about.version}
    for key, title in (("row", ROW), ("code", Text("代码", "code"))):
        said = getattr(finding, key)
        data[key] = words.checked(said, title, words.TITLE, lines=False) if said else None
    filing = paper.Filing(about.publisher.id, finding.sort, (about.id,))
    with portal.ledger.writing() as connection:
        made = paper.hand_in(portal.ledger, KIND.kind, actor, data, filing, about.id, connection)
        notice.tell(connection, portal.ledger.now(), "publisher", about.publisher.id, made.id, "create")
    return made


def get(portal: Portal, document: int) -> Document:
    """One of them; UnknownPaper."""
    return paper.get(portal.ledger, KIND.kind, document)


def answer(portal: Portal, actor: Actor, document: int, step: str, said: str | None = None) -> Document:
    """Confirm it, say in which version it is corrected, or that it is no error and why. NotYours, OwnMatter, IllegalAction."""
    ledger, found = portal.ledger, paper.filing(portal.ledger, document)
    owner.decides(ledger, actor, found.publisher, found.author)
    given: dict[str, Any] = {}
    if step == "correct":
        given["version"] = words.checked(said or "", VERSION, words.TITLE, lines=False)
    elif step == "reject":
        given["reason"] = words.checked(said or "", WHY, words.SHORT)
    elif step != "confirm":
        raise ChoiceUnknown(field=Text("处理", "Answer"))
    with ledger.writing() as connection:
        one = paper.get(ledger, KIND.kind, document, connection)
        done = paper.act(ledger, actor, one, step, given, PUBLISHER, connection)
        paper.tell_author(ledger, connection, document, step, actor.id)
    return done


def withdraw(portal: Portal, actor: Actor, document: int) -> Document:
    """Take one's own back. NotYours."""
    paper.authored(portal.ledger, actor, document)
    return paper.act(portal.ledger, actor, get(portal, document), "withdraw")


def hide(portal: Portal, actor: Actor, document: int, reason: str) -> Document:
    """Take one from view and say why; a moderator's work."""
    if not owner.moderates(actor):
        raise NotYours()
    given = {"reason": words.checked(reason, WHY, words.SHORT)}
    with portal.ledger.writing() as connection:
        one = paper.get(portal.ledger, KIND.kind, document, connection)
        done = paper.act(portal.ledger, actor, one, "hide", given, MODERATOR, connection)
        paper.tell_author(portal.ledger, connection, document, "hide", actor.id)
    return done


def senders(sources: Sequence[str]) -> set[str]:
    """The agencies that send some sources, which are datasets of the standards or agencies themselves."""
    known = standards.catalogue()
    return {known.datasets[one].steward for one in sources if one in known.datasets} | {
        one for one in sources if one in known.agencies
    }


def waiting(ledger: Ledger, source: str) -> list[dict[str, Any]]:
    """The reports that are not settled yet of datasets that an agency's data are in, the oldest first, by the columns above."""
    found = ledger.find(KIND.kind, states=_GOING)
    return [_told(one) for one in found if source in senders(one.data["sources"])]


def export(ledger: Ledger, source: str, directory: Path) -> dict[str, int]:
    """Write them for a source as `<source>.reports.csv`; how many, by the name of the file. Without any there is no file.

    It is part of the feedback, whose callers ask whose work that is.
    """
    found = waiting(ledger, source)
    if not found:
        return {}
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    lines.writerows([[_harmless(one[column]) for column in COLUMNS] for one in found])
    name = f"{source}.reports.csv"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())
    return {name: len(found)}


def _told(one: Document) -> dict[str, Any]:
    due = next((action.due for action in KIND.allowed(one.state) if action.due is not None), None)
    day = (due.after(one.since) - timedelta(seconds=1)).date().isoformat() if due else None
    told = {name: one.data[name] for name in ("sort", "field", "row", "code", "words")}
    head = {"report": one.id, "dataset": one.ref, "sources": " ".join(one.data["sources"])}
    return {**head, **told, "state": one.state, "due_on": day}


def _harmless(value: object) -> str:
    """A cell that no spreadsheet computes (OWASP, *CSV Injection*)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠") else text


def fields(record: Record) -> list[tuple[str, Text]]:
    """The fields of a dataset as choices."""
    return [(one.name, one.title if any(one.title) else Text(one.name, one.name)) for one in record.variables]
