"""The desk: certificates of death are issued, corrected, coded, queried and voided, each step an action of the ledger.

`actor` is an account, `permit` says in which roles it may act (a Decision of trust answers it). Nobody codes what he certified.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from quanmin.ledger import Document, Ledger, database
from quanmin.ledger.errors import NotYours
from quanmin.ledger.ledger import SYSTEM, Permit
from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death.certificate import Certificate
from quanmin.programs.vital.death.edit import edits, refused
from quanmin.programs.vital.death.errors import (
    CaseTaken,
    CertificateTaken,
    CertificateUnfit,
    CertificateUnknown,
    CodeUnfit,
    QueueEmpty,
    SamePerson,
)
from quanmin.programs.vital.death.form import USUAL, Deadline
from quanmin.programs.vital.death.limit import limits
from quanmin.programs.vital.death.selection import Selection, select
from quanmin.programs.vital.death.workflow import CASE, CERTIFICATE, CERTIFIER, CODER
from quanmin.text import Text

_LIVE = ("issued", "corrected", "coded", "queried")
_WAITING = ("waiting", "taken")
_NEVER = icd.spans(("S00-T98", "Z00-Z99"))


@dataclass(frozen=True)
class Desk:
    """Certificates of death in the ledger, and the coder's queue beside them."""

    ledger: Ledger
    deadline: Deadline = USUAL
    zone: str = "Asia/Shanghai"

    # The certifier

    def issue(self, certificate: Certificate, actor: str, permit: Permit) -> Document:
        """Keep a new certificate. NotYours, CertificateUnfit, CertificateTaken."""
        if not permit.holds(CERTIFIER):
            raise NotYours(document="-", action="issue", roles=CERTIFIER)
        self._fit(certificate)
        if certificate.number is None:
            raise CertificateUnfit(rules="certificate_no")
        with self.ledger.writing() as own:
            data = {"certificate": certificate.to_dict()}
            made, new = self.ledger.ensure(CERTIFICATE.kind, certificate.number, data, (*_LIVE, "void"), actor, own)
            if not new:
                raise CertificateTaken()
        return made

    def correct(self, number: str, certificate: Certificate, reason: str, actor: str, permit: Permit) -> Document:
        """Put a corrected certificate in the place of the one before, which stays in its history; a case of it is dropped."""
        self._fit(certificate)
        if certificate.number != number:
            raise CertificateUnfit(rules="certificate_no")
        data = {"certificate": certificate.to_dict(), "reason": reason, "code": None, "steps": None}
        return self._ended(number, "correct", data, actor, permit, CERTIFIER)

    def confirm(self, number: str, reason: str, actor: str, permit: Permit) -> Document:
        """Answer a question: what is on the certificate is right."""
        return self._act(number, "confirm", {"reason": reason}, actor, permit, CERTIFIER)

    def void(self, number: str, reason: str, actor: str, permit: Permit, role: str = CERTIFIER) -> Document:
        """Make a certificate void; its number is not used again."""
        return self._ended(number, "void", {"reason": reason}, actor, permit, role)

    # The coder

    def select(self, number: str) -> Selection:
        """Select the underlying cause by rules: the certificate is coded, or stands in the coder's queue."""
        with self.ledger.writing() as own:
            document = self._found(own, number)
            chosen = select(certificate_of(document))
            if chosen.code is not None:
                data = {"code": chosen.code, "steps": [f"{one.rule} {one.code}" for one in chosen.steps]}
                self.ledger.act(document.id, "assign", data, connection=own)
            else:
                doubt = chosen.queued
                told = {} if doubt is None else {"why": doubt.why, "effect": doubt.effect, "cause": doubt.cause}
                self.ledger.ensure(CASE.kind, number, told, _WAITING, SYSTEM, own)
        return chosen

    def code(self, number: str, code: str, reason: str, actor: str, permit: Permit) -> Document:
        """Code a certificate by hand. SamePerson, CodeUnfit."""
        with self.ledger.writing() as own:
            return self._code(own, number, code, reason, actor, permit)

    def query(self, number: str, question: str, actor: str, permit: Permit) -> Document:
        """Ask the certifier."""
        return self._act(number, "query", {"question": question}, actor, permit, CODER)

    # The queue

    def queue(self) -> list[Document]:
        """The cases that wait for a coder or are with one, oldest first."""
        return self.ledger.find(CASE.kind, states=_WAITING)

    def take(self, number: str, actor: str, permit: Permit) -> Document:
        """Take a case, so that nobody else does. SamePerson, CaseTaken, QueueEmpty."""
        with self.ledger.writing() as own:
            self._apart(self._found(own, number), actor)
            case = self._case(own, number)
            if case.state == "taken":
                raise CaseTaken()
            return self.ledger.act(case.id, "take", {"coder": actor}, actor, permit=permit, connection=own)

    def give_back(self, number: str, actor: str, permit: Permit) -> Document:
        """Let a case go that one has taken. CaseTaken where another has."""
        with self.ledger.writing() as own:
            return self.ledger.act(
                self._mine(own, number, actor).id, "give_back", {}, actor, permit=permit, connection=own
            )

    def decide(self, number: str, code: str, reason: str, actor: str, permit: Permit) -> Document:
        """Decide a case that one has taken: its certificate is coded in the same moment. CaseTaken, CodeUnfit."""
        with self.ledger.writing() as own:
            case = self._mine(own, number, actor)
            self.ledger.act(case.id, "decide", {"code": code, "reason": reason}, actor, permit=permit, connection=own)
            return self._code(own, number, code, reason, actor, permit)

    # What they share

    def find(self, number: str) -> Document:
        """The certificate of a number that stands, else the last one that was made void. CertificateUnknown."""
        with self.ledger.reading() as own:
            return self._found(own, number, (*_LIVE, "void"))

    def _fit(self, certificate: Certificate) -> None:
        today = self.ledger.now().astimezone(ZoneInfo(self.zone)).date()
        found = edits(certificate, today, self.deadline)
        if refused(found):
            rules = dict.fromkeys(one.rule for one in found if one.severity == "reject")
            raise CertificateUnfit(rules=", ".join(rules))

    def _found(self, own: Connection, number: str, states: tuple[str, ...] = _LIVE) -> Document:
        found = self.ledger.find(CERTIFICATE.kind, ref=number, states=states, connection=own)
        if not found:
            raise CertificateUnknown()
        live = [one for one in found if one.state in _LIVE]
        return (live or found)[-1]

    def _case(self, own: Connection, number: str) -> Document:
        database.lock(own, f"{CASE.kind} {number}")  # two coders who take it at once: one is told that it is taken
        found = self.ledger.find(CASE.kind, ref=number, states=_WAITING, connection=own)
        if not found:
            raise QueueEmpty()
        return found[-1]

    def _mine(self, own: Connection, number: str, actor: str) -> Document:
        case = self._case(own, number)
        if case.state != "taken" or case.data["coder"] != actor:
            raise CaseTaken()
        return case

    def _act(
        self, number: str, action: str, data: Mapping[str, Any], actor: str, permit: Permit, role: str
    ) -> Document:
        with self.ledger.writing() as own:
            document = self._found(own, number)
            return self.ledger.act(document.id, action, data, actor, role=role, permit=permit, connection=own)

    def _ended(
        self, number: str, action: str, data: Mapping[str, Any], actor: str, permit: Permit, role: str
    ) -> Document:
        """An action after which a case in the queue means nothing more."""
        with self.ledger.writing() as own:
            document = self._found(own, number)
            after = self.ledger.act(document.id, action, data, actor, role=role, permit=permit, connection=own)
            self._drop(own, number, action)
            return after

    def _drop(self, own: Connection, number: str, reason: str) -> None:
        for case in self.ledger.find(CASE.kind, ref=number, states=_WAITING, connection=own):
            self.ledger.act(case.id, "drop", {"reason": reason}, connection=own)

    def _code(self, own: Connection, number: str, code: str, reason: str, actor: str, permit: Permit) -> Document:
        document = self._found(own, number)
        self._apart(document, actor)
        fitting = underlying(code, certificate_of(document))
        data = {"code": fitting, "reason": reason}
        after = self.ledger.act(document.id, "code", data, actor, permit=permit, connection=own)
        self._drop(own, number, "code")
        return after

    def _apart(self, document: Document, actor: str) -> None:
        """Whoever issued or corrected a certificate does not code it."""
        wrote = {one.actor for one in document.actions if one.name in ("create", "correct", "confirm")}
        if actor in wrote:
            raise SamePerson()


def certificate_of(document: Document) -> Certificate:
    """The certificate as it stands after its last correction."""
    return Certificate.from_dict(document.data["certificate"])


def history(document: Document) -> list[tuple[dt.datetime, str, str, Certificate | None]]:
    """Every action with its time, name and actor, and the certificate as it was then written where one was."""
    return [
        (
            one.at,
            one.name,
            one.actor,
            Certificate.from_dict(one.data["certificate"]) if "certificate" in one.data else None,
        )
        for one in document.actions
    ]


def underlying(text: str, certificate: Certificate) -> str:
    """A code as underlying cause of a certificate, in its one way of writing. CodeUnfit where it cannot be one."""
    code = icd.normalised(text)
    years = certificate.years()
    if code is None or icd.entry(code) is None:
        raise CodeUnfit(reason=Text("ICD-10 中没有此编码", "ICD-10 has no such code"))
    if icd.within(code, _NEVER):
        raise CodeUnfit(reason=Text("损伤和Z编码说明不了起因", "an injury or a code of chapter XXI tells no origin"))
    if limits().manifestation(code):
        raise CodeUnfit(reason=Text("星号编码只表示临床表现", "an asterisk code tells a manifestation"))
    if certificate.sex in ("1", "2") and limits().only(code) not in (None, certificate.sex):
        raise CodeUnfit(reason=Text("与性别不符", "it does not fit the sex"))
    broken = limits().broken(code, years) if years is not None else None
    if broken is not None and broken.severity == "reject":
        raise CodeUnfit(reason=Text("与年龄不符", "it does not fit the age"))
    return code
