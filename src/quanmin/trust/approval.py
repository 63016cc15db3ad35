"""What waits for a second person: everything proposed that an actor may sign, by whom, since when, until when; and the signing.

Whoever proposed something, or whom it is for, does not find it here. The signing itself is the call of the package it belongs to,
which asks everything again: this is a desk, not another door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, Literal, NamedTuple, get_args

from quanmin.ledger import Document
from quanmin.ledger.errors import UnknownDocument
from quanmin.settings import Settings
from quanmin.trust import flag, reidentification
from quanmin.trust.actor import Actor
from quanmin.trust.circumstance import AGREEMENT, Circumstances
from quanmin.trust.flag import Flags
from quanmin.trust.identity import Registry, account, authority, duty, emergency, mandate
from quanmin.trust.policy import change

Sort = Literal["account", "mandate", "agreement", "flag", "reidentification", "policy", "emergency"]
SORTS: tuple[Sort, ...] = get_args(Sort)
ELSEWHERE: tuple[Sort, ...] = ("policy", "emergency")
"""What is signed on a page of its own: its differences are approved, or a finding is given."""
SIGNERS = (*duty.ADMINISTRATORS, change.APPROVER, reidentification.APPROVES)
"""Roles that ever sign as the second person."""
_DESK = ("role", "organisation", "purpose", "owner", "from", "until", "kind", "datasets", "case", "reason", "version")


class Waiting(NamedTuple):
    """Something that was proposed. `about` is whom or what it is for; `step` what is to be done next; `told` what it says."""

    sort: Sort
    kind: str
    document: int
    about: str
    by: str
    since: datetime
    due: datetime | None
    step: str
    told: dict[str, Any]


class Signed(NamedTuple):
    """What came of a signature; `half` and `certificate` are shown this once."""

    document: int
    state: str
    half: str | None = None
    certificate: str | None = None


@dataclass(frozen=True)
class Desk:
    """The approvals of one installation, for one actor."""

    registry: Registry
    settings: Settings
    actor: Actor

    def waiting(self) -> list[Waiting]:
        """What the actor may sign now, the oldest first."""
        return sorted((one for one, signs in self._all() if signs), key=_age)

    def asked(self) -> list[Waiting]:
        """What the actor proposed and another has to sign, the oldest first."""
        return sorted((one for one, _ in self._all() if one.by == self.actor.id), key=_age)

    def one(self, sort: Sort, document: int) -> Waiting:
        """Something that the actor may sign; UnknownDocument for whatever else, as if it were not there."""
        found = next((one for one in self.waiting() if (one.sort, one.document) == (sort, document)), None)
        if found is None:
            raise UnknownDocument(document=document)
        return found

    def approve(self, sort: Sort, document: int) -> Signed:
        """Sign as the second person; whatever the call of the package raises."""
        registry, actor, ledger = self.registry, self.actor, self.registry.ledger
        if sort == "account":
            name = self._account(document)
            return Signed(document, "confirmed", half=account.confirm(registry, actor, name) or None)
        if sort == "mandate" and mandate.get(registry, document).kind == mandate.KINDS["certificate"].kind:
            return Signed(document, "held", certificate=authority.issue(registry, actor, document))
        steps: dict[Sort, Callable[[], Document]] = {
            "mandate": lambda: mandate.confirm(registry, actor, document),
            "agreement": lambda: self._facts.confirm_agreement(actor, document),
            "flag": lambda: Flags(registry, self.settings).confirm(actor, document),
            "reidentification": lambda: reidentification.approve(ledger, document, actor),
        }
        if sort not in steps:
            raise UnknownDocument(document=document)
        return Signed(document, steps[sort]().state)

    def refuse(self, sort: Sort, document: int, reason: str) -> None:
        """Say no and why; whatever the call of the package raises."""
        registry, actor, ledger = self.registry, self.actor, self.registry.ledger
        steps: dict[Sort, Callable[[], object]] = {
            "account": lambda: account.disable(registry, actor, self._account(document), reason),
            "mandate": lambda: mandate.refuse(registry, actor, document, reason),
            "agreement": lambda: self._facts.refuse_agreement(actor, document, reason),
            "flag": lambda: Flags(registry, self.settings).end(actor, document, reason),
            "reidentification": lambda: reidentification.refuse(ledger, document, actor, reason),
        }
        if sort not in steps:
            raise UnknownDocument(document=document)
        steps[sort]()

    @property
    def _facts(self) -> Circumstances:
        return Circumstances(self.registry, self.settings)

    def refuses(self, one: Waiting) -> bool:
        """Whether it is also the actor's to say no: a proposed mandate is the security administrator's, a renewal, too."""
        return one.sort not in ELSEWHERE and (one.sort != "mandate" or self._holds(duty.SECURITY))

    def _account(self, document: int) -> str:
        found = self.registry.ledger.get(document)
        if found.kind != account.KIND.kind:
            raise UnknownDocument(document=document)
        return str(found.ref)

    def _all(self) -> Iterator[tuple[Waiting, bool]]:
        """Everything that is proposed, and whether the actor may sign it."""
        yield from self._accounts()
        yield from self._mandates()
        find = partial(self.registry.ledger.find)
        for one in find(AGREEMENT.kind, state="proposed"):
            yield _told("agreement", one, str(one.ref), _day(one)), self._signs(one, duty.SECURITY)
        for one in find(flag.KIND.kind, state="proposed"):
            yield _told("flag", one, "", _day(one)), self._signs(one, duty.AUDIT)
        for one in find(reidentification.REIDENTIFICATION.kind, state="asked"):
            due = one.since + timedelta(days=reidentification.DAYS)
            asked = _told("reidentification", one, one.data["purpose"], due)
            asked.told["pseudonyms"] = len(one.data["pseudonyms"])
            yield asked, self._signs(one, reidentification.APPROVES)
        for one in find(change.CHANGE.kind, states=("proposed", "approved")):
            if one.state == "approved":  # whoever proposed it may put it in force: another has approved it
                yield _told("policy", one, str(one.ref), None, "activate"), self._holds(duty.SECURITY)
            else:
                told = _told("policy", one, str(one.ref), None, "approve")
                yield told, self._signs(one, duty.SECURITY, change.APPROVER)
        for one in find(emergency.KIND.kind, state="open"):
            opened = _told("emergency", one, str(one.ref), emergency.due(one), "review")
            yield opened, self._signs(one, duty.AUDIT)

    def _accounts(self) -> Iterator[tuple[Waiting, bool]]:
        steps = {"create": "confirm", "reset": "confirm_again", "enable": "enable"}
        for one in self.registry.ledger.find(account.KIND.kind, states=("proposed", "returning")):
            last = account.proposed(one)
            step = steps[last.name]
            code = one.data["kind"] in account.PEOPLE and (last.name != "enable" or one.data["anew"])
            due = one.since + account.CODE_LASTS if code else None
            told = _told("account", one, str(one.ref), due, step)._replace(by=last.actor, since=last.at)
            yield told, self._signs(one, duty.SECURITY, by=last.actor, subject=one.data.get("subject"))

    def _mandates(self) -> Iterator[tuple[Waiting, bool]]:
        for sort, flow in mandate.KINDS.items():
            for one in self.registry.ledger.find(flow.kind, state="proposed"):
                renews = "renews" in one.data
                roles = duty.WORK[mandate.renewing(one.data["role"])] if renews else (duty.SECURITY,)
                holder = account.find(self.registry, str(one.ref))
                subject = holder.data.get("subject") if holder else None
                step = "issue" if sort == "certificate" else "renew" if renews else "confirm"
                yield _told("mandate", one, str(one.ref), _day(one), step), self._signs(one, *roles, subject=subject)

    def _signs(self, one: Document, *roles: str, by: str | None = None, subject: str | None = None) -> bool:
        """Whether the actor has a role for it and no part in it."""
        own = self.actor.id in (by or one.actions[0].actor, one.ref) or (
            subject is not None and subject == self.actor.subject
        )
        return not own and self._holds(*roles)

    def _holds(self, *roles: str) -> bool:
        return self.actor.mfa and bool(self.actor.roles & set(roles))


def _age(one: Waiting) -> tuple[datetime, int]:
    return one.since, one.document


def _told(sort: Sort, one: Document, about: str, due: datetime | None, step: str = "confirm") -> Waiting:
    kind = one.kind.removeprefix("identity_")
    told = {name: one.data[name] for name in _DESK if one.data.get(name) is not None}
    return Waiting(sort, kind, one.id, about, one.actions[0].actor, one.since, due, step, told)


def _day(one: Document) -> datetime:
    """The end of the last day that it would count."""
    return datetime.combine(date.fromisoformat(one.data["until"]), time(23, 59, 59), UTC)
