"""Files of institutions without a line: the same acts, told later, under the same checks.

One JSON document a line: `action`, `on` (the day of the act), `by` (who did it; of an issue `clerk`, `approver` and `sealer`) and
what the act needs: `number` (and `last`), `application`, `reason`. A line is done wholly or refused with its code; one that was
done before, in this file or another, is not done twice, so that a file can be sent again after it was put right.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from quanmin.errors import QuanminError
from quanmin.ledger import Workflow, register
from quanmin.programs.vital.blank import loss, movement
from quanmin.programs.vital.certificate import desk
from quanmin.programs.vital.certificate.application import read
from quanmin.programs.vital.errors import BadLine, ClockWrong, FileUnreadable, SamePerson
from quanmin.programs.vital.number import key, span
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.role import APPROVER, CLERK, KEEPER, ROLES, SEALER
from quanmin.text import Text
from quanmin.trust import Actor

OLDEST = timedelta(days=400)
"""How long ago an act may have been: a year of the card's corrections and some days."""
ACT = register(Workflow("offline_act", start="done", actions=[]))


@dataclass(frozen=True)
class Refused:
    """A line that was refused: its number in the file, the code, and the message in both languages."""

    line: int
    code: str
    message: Text

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"line": self.line, "code": self.code, "message": {"zh": self.message.zh, "en": self.message.en}}


@dataclass
class Report:
    """What became of a file: lines done, done before, and refused."""

    file: str
    sha256: str
    done: int = 0
    repeated: int = 0
    refused: list[Refused] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        told = [one.to_dict() for one in self.refused]
        return {"file": self.file, "sha256": self.sha256, "done": self.done, "repeated": self.repeated, "refused": told}


def take(office: Office, holder: str, file: Path) -> Report:
    """Do what a file tells of one institution, line by line. Whoever brings it is a clerk or keeper there.

    FileUnreadable, RoleMissing, NotYourHolder; what is wrong with a line is in the report.
    """
    office.require(CLERK if office.actor.holds(CLERK) else KEEPER, holder)
    try:
        content = file.read_bytes()
        lines = content.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise FileUnreadable(file=file.name) from None
    report = Report(file.name, hashlib.sha256(content).hexdigest())
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            if _line(office, holder, line):
                report.done += 1
            else:
                report.repeated += 1
        except QuanminError as error:
            report.refused.append(Refused(number, error.code, Text(error.message("zh"), error.message("en"))))
    return report


def _line(office: Office, holder: str, line: str) -> bool:
    """Do it; False where it was done before."""
    try:
        told = json.loads(line)
        action, on = str(told["action"]), date.fromisoformat(told["on"])
    except (ValueError, KeyError, TypeError):
        raise BadLine(element="action, on") from None
    if action not in _ACTS:
        raise BadLine(element="action")
    _day(office, on)
    digest = hashlib.sha256(json.dumps([holder, told], sort_keys=True).encode()).hexdigest()
    with office.ledger.writing() as connection:
        _, new = office.ledger.ensure(ACT.kind, digest, {"action": action}, ("done",), office.actor.id, connection)
        if new:
            _ACTS[action](replace(office, on=on, connection=connection), holder, told)
    return new


def _day(office: Office, on: date) -> None:
    office.not_after_today(on, "on")
    if on < office.reported_on() - OLDEST:
        raise ClockWrong(field="on")


def _as(office: Office, holder: str, told: Mapping[str, Any], name: str, role: str) -> Office:
    """The office of whoever did it there, by the name that the file gives."""
    who = told.get(name)
    if not isinstance(who, str) or not who.strip():
        raise BadLine(element=name)
    actor = Actor(f"offline:{holder}:{who.strip()}", frozenset({role}), holder, kind="staff", assurance=2, mfa=True)
    return replace(office, actor=actor)


def _text(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name)
    if not isinstance(found, str) or not found:
        raise BadLine(element=name)
    return found


def _last(told: Mapping[str, Any]) -> str | None:
    found = told.get("last")
    if found is not None and not isinstance(found, str):
        raise BadLine(element="last")
    return found


def _issue(office: Office, holder: str, told: Mapping[str, Any]) -> None:
    people = [told.get(name) for name in ("clerk", "approver", "sealer")]
    if len({str(one).strip() for one in people}) < len(people):
        raise SamePerson(duty=ROLES[CLERK], other=ROLES[APPROVER])
    application = told.get("application")
    if not isinstance(application, Mapping):
        raise BadLine(element="application")
    number = key(_text(told, "number"))
    desk.prepare(_as(office, holder, told, "clerk", CLERK), holder, number, read(application))
    desk.approve(_as(office, holder, told, "approver", APPROVER), number)
    desk.seal(_as(office, holder, told, "sealer", SEALER), number)


def _card(office: Office, holder: str, told: Mapping[str, Any]) -> None:
    desk.card(_as(office, holder, told, "by", CLERK), key(_text(told, "number")))


def _void(office: Office, holder: str, told: Mapping[str, Any]) -> None:
    run = span(_text(told, "number"), _last(told))
    loss.void(_as(office, holder, told, "by", KEEPER), holder, run, _text(told, "reason"))


def _lose(office: Office, holder: str, told: Mapping[str, Any]) -> None:
    loss.lose(_as(office, holder, told, "by", KEEPER), holder, span(_text(told, "number"), _last(told)))


def _return(office: Office, holder: str, told: Mapping[str, Any]) -> None:
    run = span(_text(told, "number"), _last(told))
    keeper = _as(office, holder, told, "by", KEEPER)
    movement.send(keeper, movement.RETURN, holder, _text(told, "to"), [run])


def _receive(office: Office, holder: str, told: Mapping[str, Any]) -> None:
    found = told.get("movement")
    if not isinstance(found, int) or not 0 < found < 1 << 31:
        raise BadLine(element="movement")
    movement.receive(_as(office, holder, told, "by", KEEPER), found)


_ACTS: dict[str, Callable[[Office, str, Mapping[str, Any]], None]] = {
    "issue": _issue,
    "card": _card,
    "void": _void,
    "lose": _lose,
    "return": _return,
    "receive": _receive,
}
