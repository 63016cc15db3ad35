"""Applications for data that are given on application: purpose, use and period; decided by the publisher, for a time.

Decided within twenty working days (《政府信息公开条例》, Article 33). Nobody decides his own. What was granted ends with its day
or when it is revoked; both hold within seconds everywhere (`granted`).
"""

from __future__ import annotations

import threading
import time
from datetime import date
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import select

from quanmin.ledger import Action, Document, Ledger, Workflow, WorkingDays, database, register
from quanmin.ledger.forum import PaperAboutRow, PaperRow
from quanmin.ledger.table import DocumentRow
from quanmin.opendata.participation import dataset, notice, owner, paper, words
from quanmin.opendata.participation.errors import (
    AlreadyApplied,
    BadPeriod,
    ChoiceUnknown,
    NotOnApplication,
    TermsNotAccepted,
)
from quanmin.opendata.participation.role import PUBLISHER
from quanmin.opendata.portal import Portal
from quanmin.text import Text
from quanmin.trust import Actor

DECIDE = WorkingDays(20)
LONGEST = 366 * 2
"""Days for which data may be granted."""
FRESH = 3.0
"""Seconds for which what an account was granted is not asked again."""
TERMS = Text(
    "仅用于所述用途；不转交他人；不试图识别任何个人；到期或被撤销即停止使用并删除；成果注明数据来源。",
    "Only for the purpose stated; not passed on; no attempt to find anybody in it; no longer used and deleted when it ends or is "
    "revoked; its source named in what comes of it.",
)
VERSION = "2026-11"
"""Of the terms: it is kept which were accepted."""

KIND = register(
    Workflow(
        "data_application",
        start="submitted",
        actions=[
            Action("grant", "submitted", "granted", by=PUBLISHER, needs=("until",), due=DECIDE),
            Action("refuse", "submitted", "refused", by=PUBLISHER, needs=("reason",)),
            Action("withdraw", "submitted", "withdrawn"),
            Action("give_up", "granted", "withdrawn"),
            Action("revoke", "granted", "revoked", by=PUBLISHER, needs=("reason",)),
        ],
        sealed=("who", "purpose", "use"),
    )
)
STATES: dict[str, Text] = {
    "submitted": Text("待审批", "waits for a decision"),
    "granted": Text("已批准", "granted"),
    "refused": Text("未批准", "refused"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "revoked": Text("已撤销", "revoked"),
    "expired": Text("已到期", "over"),
}
WHO, PURPOSE, USE, WHY = (
    Text("申请人或单位", "Applicant"),
    Text("用途", "Purpose"),
    Text("使用方式", "Use"),
    Text("理由", "Reason"),
)


class Form(NamedTuple):
    """What is applied for: who asks, for what, how the data are used and kept, and until when."""

    who: str
    purpose: str
    use: str
    until: date
    accepted: bool


def apply(portal: Portal, actor: Actor, record: str, form: Form) -> Document:
    """Apply for the data of a record (its name). NotOnApplication, AlreadyApplied, TermsNotAccepted, BadPeriod."""
    owner.person(actor)
    about, ledger = dataset.named(portal, record), portal.ledger
    if about.access.code != "application":
        raise NotOnApplication()
    if not form.accepted:
        raise TermsNotAccepted()
    data: dict[str, Any] = {
        "who": words.checked(form.who, WHO, words.TITLE, lines=False),
        "purpose": words.checked(form.purpose, PURPOSE, words.LONG),
        "use": words.checked(form.use, USE, words.LONG),
        "wanted": _until(ledger, form.until),
        "terms": VERSION,
    }
    filing = paper.Filing(about.publisher.id, None, (about.id,))
    with ledger.writing() as connection:
        database.lock(connection, f"application {actor.id}")
        for one in paper.page(
            ledger, (KIND.kind,), ("submitted", "granted"), author=actor.id, record=about.id
        ).documents:
            if state(ledger, one) != "expired":
                raise AlreadyApplied()
        made = paper.hand_in(ledger, KIND.kind, actor, data, filing, None, connection)
        notice.tell(connection, ledger.now(), "publisher", about.publisher.id, made.id, "create")
    return made


def _until(ledger: Ledger, day: date | None) -> str:
    if day is None or not 0 < (day - ledger.now().date()).days <= LONGEST:
        raise BadPeriod(days=LONGEST)
    return day.isoformat()


def get(portal: Portal, document: int) -> Document:
    """One of them; UnknownPaper."""
    return paper.get(portal.ledger, KIND.kind, document)


def state(ledger: Ledger, one: Document) -> str:
    """Its state; `expired` for what was granted and is over."""
    over = one.state == "granted" and one.data["until"] < ledger.now().date().isoformat()
    return "expired" if over else one.state


def decide(
    portal: Portal, actor: Actor, document: int, step: str, reason: str | None = None, until: date | None = None
) -> Document:
    """Grant until a day, refuse, or revoke, for the publisher. NotYours, OwnMatter, BadPeriod, IllegalAction."""
    ledger, found = portal.ledger, paper.filing(portal.ledger, document)
    owner.decides(ledger, actor, found.publisher, found.author)
    if step not in ("grant", "refuse", "revoke"):
        raise ChoiceUnknown(field=Text("处理", "decision"))
    given = (
        {"until": _until(ledger, until)}
        if step == "grant"
        else {"reason": words.checked(reason or "", WHY, words.SHORT)}
    )
    with ledger.writing() as connection:
        one = paper.get(ledger, KIND.kind, document, connection)
        done = paper.act(ledger, actor, one, step, given, PUBLISHER, connection)
        paper.tell_author(ledger, connection, document, step, actor.id)
    _forget(ledger, found.author)
    return done


def withdraw(portal: Portal, actor: Actor, document: int) -> Document:
    """Take one's own back, or give up what was granted. NotYours, IllegalAction."""
    paper.authored(portal.ledger, actor, document)
    one = get(portal, document)
    done = paper.act(portal.ledger, actor, one, "give_up" if one.state == "granted" else "withdraw")
    _forget(portal.ledger, actor.id)
    return done


_known: WeakKeyDictionary[Ledger, dict[str, tuple[float, frozenset[str]]]] = WeakKeyDictionary()
_keeping = threading.Lock()
_MANY = 10_000


def granted(ledger: Ledger, account: str | None) -> frozenset[str]:
    """The ids of the records that an account was granted and that its grants still hold for; at most `FRESH` seconds old."""
    if not account:
        return frozenset()
    now = time.monotonic()
    with _keeping:
        known = _known.setdefault(ledger, {}).get(account)
    if known is not None and now - known[0] < FRESH:
        return known[1]
    found = _granted(ledger, account)
    with _keeping:
        held = _known.setdefault(ledger, {})
        if len(held) >= _MANY:
            held.clear()
        held[account] = now, found
    return found


def _granted(ledger: Ledger, account: str) -> frozenset[str]:
    """Only what decides is read: the last grant's day stands in its action, which is not sealed."""
    query = (
        select(DocumentRow.id, PaperAboutRow.about)
        .join(PaperRow, PaperRow.document == DocumentRow.id)
        .join(PaperAboutRow, PaperAboutRow.document == DocumentRow.id)
        .where(PaperRow.author == account, DocumentRow.kind == KIND.kind, DocumentRow.state == "granted")
    )
    with ledger.reading() as connection:
        rows = {document: about for document, about in connection.execute(query)}
        documents = ledger.several(list(rows), connection)
    return frozenset(rows[one.id] for one in documents if state(ledger, one) == "granted")


def _forget(ledger: Ledger, account: str) -> None:
    with _keeping:
        _known.get(ledger, {}).pop(account, None)
