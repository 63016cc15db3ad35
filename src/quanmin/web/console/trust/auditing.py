"""The audit for its administrator: search, an entry with its proof, alarms, a bounded check, signing, and the whole as a file."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Query

from quanmin.population import inquiry
from quanmin.text import Text
from quanmin.trust import PURPOSES, Pseudonyms, audit, work
from quanmin.trust.audit.recent import NEWEST, recent
from quanmin.trust.colleague import Colleagues
from quanmin.trust.errors import UnknownSubject
from quanmin.web.ask import Ask
from quanmin.web.console.trust.area import AUDIT, PERSON, SIZE, Number, Word, shown
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Download, Redirect, View

TITLE = Text("审计", "Audit")
TEMPLATE = "console/trust/audit.html"
_PSEUDONYM = re.compile(r"[0-9a-f]{24}|[0-9a-f]{32}")
_CHUNK = 1 << 16
NDJSON = "application/x-ndjson"
NUMBER = (PERSON,)
WORDS = {name: one.title for name, one in PURPOSES.items()}
Before = Annotated[int, Query(ge=0, le=2**53)]
Person = Annotated[str, Query(max_length=40)]


def install(face: Face) -> None:
    """Register the pages."""
    _checks(face, _search(face))
    _entry(face)
    _alarms(face)
    _whole(face)


def _reading(ask: Ask, action: str, persons: Sequence[str] = ()) -> None:
    """Only for the audit administrator, signed in with two proofs; a look into the audit is an entry of it."""
    work.require(ask.lake.ledger, ask.who, AUDIT[0])
    audit.append(ask.lake.ledger, "audit", ask.who.id, {"action": action, "persons": list(persons)})


def _start(day: date | None, ask: Ask, after: int = 0) -> datetime | None:
    """The beginning of a day (or of one after it) in the zone of the installation, in UTC."""
    if day is None or day.year > 9000:
        return None
    return datetime.combine(day + timedelta(days=after), time(), ZoneInfo(ask.settings.zone)).astimezone(UTC)


def _search(face: Face) -> Callable[..., Answer]:
    """The search."""

    @face.page("/trust/audit", TEMPLATE, roles=AUDIT)
    def search(
        ask: Ask,
        actor: Word = "",
        person: Person = "",
        purpose: Word = "",
        event: Word = "",
        since: Annotated[str, Query(max_length=10)] = "",
        until: Annotated[str, Query(max_length=10)] = "",
        before: Before = 0,
    ) -> Answer:
        """Entries by who, whom, when, why and what, the newest first."""
        if person and not _PSEUDONYM.fullmatch(person):
            raise UnknownSubject(kind=Text("假名", "pseudonym"), name="***")
        days = _day(since), _day(until)
        found = audit.search(
            ask.lake.ledger,
            actor=actor or None,
            person=person or None,
            purpose=purpose or None,
            event=event or None,
            since=_start(days[0], ask),
            until=_start(days[1], ask, 1),
            before=before or None,
            limit=SIZE + 1,
        )
        _reading(ask, "search", [person] if person else [])
        rows = [{"sequence": one.sequence, "at": one.at, **_line(one.fields)} for one in found[:SIZE]]
        asked = {"actor": actor, "person": person, "purpose": purpose, "event": event}
        asked |= {"since": days[0].isoformat() if days[0] else "", "until": days[1].isoformat() if days[1] else ""}
        older = {
            **{name: value for name, value in asked.items() if value},
            "before": rows[-1]["sequence"] if rows else 0,
        }
        data = {
            "rows": rows,
            "asked": asked,
            "older": urlencode(older) if len(found) > SIZE else None,
            **_standing(ask),
        }
        return shown(
            ask,
            TITLE,
            data,
            fields=_fields(asked),
            number=NUMBER,
            purposes=WORDS,
            damage=audit.DAMAGE,
            verdict=None,
            newest=NEWEST,
        )

    return search


def _checks(face: Face, search: Callable[..., Answer]) -> None:
    """What is done from the page of the search."""

    @face.form("/trust/audit/person", NUMBER, page=search, template=TEMPLATE, roles=AUDIT)
    def person(ask: Ask, posted: Posted) -> Answer:
        """From a citizen number to its pseudonym, which is searched; the number is kept nowhere."""
        work.require(ask.lake.ledger, ask.who, AUDIT[0])
        pseudonym = Pseudonyms.open(ask.settings, "audit").of(inquiry.key_of(posted["person"]))
        return Redirect(f"/trust/audit?person={pseudonym}")

    @face.form("/trust/audit/verify", (), page=search, template=TEMPLATE, roles=AUDIT)
    def verify(ask: Ask, _posted: Posted) -> Answer:
        """The bounded check: the newest entries, the tree, and that it goes on from the noted head."""
        _reading(ask, "verify")
        own = ask.settings.home / "keys" / "audit.pub"
        public = audit.Ed25519Public.read(own) if own.exists() else None
        verdict = recent(ask.lake.ledger, audit.noted(ask.settings), public)
        whole = search(ask)
        if not isinstance(whole, View):
            return whole
        told = {**verdict._asdict(), "sound": verdict.sound}
        return View(whole.title, {**whole.data, "verdict": told}, {**whole.more, "verdict": told})

    @face.form("/trust/audit/head", (), page=search, template=TEMPLATE, roles=AUDIT)
    def head(ask: Ask, _posted: Posted) -> Answer:
        """Sign the log as it stands."""
        work.require(ask.lake.ledger, ask.who, AUDIT[0])
        signed = audit.sign(ask.lake.ledger, ask.settings)
        return Redirect("/trust/audit", Text(f"已签发树头，共 {signed.size} 条", f"Signed, over {signed.size} entries"))


def _day(text: str) -> date | None:
    """A day as it was typed; UnknownSubject for what is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UnknownSubject(kind=Text("日期", "day"), name="***") from None


def _fields(asked: dict[str, str]) -> list[Field]:
    fields = (
        Field("actor", Text("操作人", "Who"), needed=False, limit=60),
        Field("event", Text("事件", "Event"), needed=False, limit=60),
        Field("purpose", Text("用途", "Purpose"), "choice", needed=False, choices=list(WORDS.items())),
        Field("person", Text("当事人假名", "Pseudonym of the person"), needed=False, limit=40),
        Field("since", Text("起", "From"), "day", needed=False),
        Field("until", Text("止", "Until"), "day", needed=False),
    )
    return [Field(**{**vars(one), "value": asked[one.name] or None}) for one in fields]


def _line(fields: Any) -> dict[str, Any]:
    return {name: fields.get(name) for name in ("event", "actor", "purpose", "dataset")}


def _standing(ask: Ask) -> dict[str, Any]:
    """How long the log is and the newest signed head, as it was noted."""
    signed = audit.noted(ask.settings)
    return {"entries": audit.head(ask.lake.ledger).sequence, "head": signed.document() if signed else None}


def _entry(face: Face) -> None:
    @face.page("/trust/audit/entries/{number}", "console/trust/audit_entry.html", roles=AUDIT)
    def entry(ask: Ask, number: Number) -> Answer:
        """One entry, the path from it to the root, and the signed head that it leads to."""
        signed, ledger = audit.noted(ask.settings), ask.lake.ledger
        standing = audit.head(ledger)
        covering = signed if signed is not None and number <= signed.size <= standing.sequence else None
        size, root = (covering.size, covering.root) if covering else (standing.sequence, bytes.fromhex(standing.digest))
        proof = audit.prove(ledger, number, size)
        holds = proof.holds(root)
        _reading(ask, "entry")
        found = audit.search(ledger, before=number + 1, limit=1)[0]
        data = {
            "sequence": number,
            "at": found.at,
            "fields": dict(found.fields),
            "proof": proof.document(),
            "holds": holds,
        }
        data["head"] = covering.document() if covering else None
        return shown(ask, Text(f"审计第 {number} 条", f"Entry {number} of the audit"), data)


def _alarms(face: Face) -> None:
    @face.page("/trust/audit/alarms", "console/trust/alarms.html", roles=AUDIT)
    def alarms(ask: Ask, days: Annotated[int, Query(ge=1, le=31)] = 1) -> Answer:
        """What rang within the last days."""
        ledger = ask.lake.ledger
        end = ledger.now().astimezone(UTC)
        facts = Colleagues(ask.registry, ask.settings)
        found = audit.alarms(ledger, end - timedelta(days=days), end, facts)
        _reading(ask, "alarms")
        rows = [one._asdict() for one in found[::-1]]
        return shown(ask, Text("审计告警", "Alarms"), {"days": days, "rows": rows})


def _whole(face: Face) -> None:
    def again(ask: Ask) -> Answer:
        return Redirect("/trust/audit")

    @face.form("/trust/audit/export", (), page=again, template=TEMPLATE, roles=AUDIT, kinds=["application/x-ndjson"])
    def export(ask: Ask, _posted: Posted) -> Answer:
        """The whole log with its heads as a file that can be verified elsewhere."""
        _reading(ask, "export")
        audit.sign(ask.lake.ledger, ask.settings)
        folder = tempfile.TemporaryDirectory()
        file = Path(folder.name) / "audit.ndjson"
        audit.export(ask.lake.ledger, file)
        return Download("quanmin-audit.ndjson", NDJSON, _pieces(folder, file))


def _pieces(folder: tempfile.TemporaryDirectory[str], file: Path) -> Iterator[bytes]:
    """The file in pieces; it is gone afterwards."""
    with folder, file.open("rb") as source:
        while piece := source.read(_CHUNK):
            yield piece
