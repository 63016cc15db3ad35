"""What somebody holds for a time: posts, grants, guardianships, certificates and keys of services.

All live alike: one person proposes, another confirms, it counts between two days, and it can be ended at once. State is the fold
of the actions; whoever proposed, confirmed or ended is in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeVar, get_args

from sqlalchemy import Connection

from quanmin.ledger import Action, Document, Either, Workflow, database, register
from quanmin.ledger.errors import UnknownDocument
from quanmin.trust.actor import Actor
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import duty, name, organisation
from quanmin.trust.identity.errors import (
    BadMandate,
    IssueInstead,
    NothingToRenew,
    RevokeInstead,
    RolesApart,
    WrongState,
)
from quanmin.trust.identity.registry import Registry

Sort = Literal["post", "grant", "guardianship", "certificate", "service_key"]
Made = TypeVar("Made")
SORTS: tuple[Sort, ...] = get_args(Sort)
LONGEST: dict[Sort, timedelta] = {
    "post": timedelta(days=5 * 366),
    "grant": timedelta(days=366),
    "guardianship": timedelta(days=18 * 366),
    "certificate": timedelta(days=398),
    "service_key": timedelta(days=366),
}
NEEDS: dict[Sort, tuple[str, ...]] = {
    "post": ("role", "organisation"),
    "grant": ("role", "organisation", "purpose", "owner"),
    "guardianship": ("ward", "basis"),
    "certificate": ("request",),
    "service_key": ("key", "kid"),
}
_CONFER: tuple[Sort, ...] = ("post", "grant")


def _workflow(sort: Sort) -> Workflow:
    confirming = Either(*duty.ADMINISTRATORS) if sort == "grant" else duty.SECURITY
    return Workflow(
        f"identity_{sort}",
        start="proposed",
        actions=[
            Action(
                "confirm", "proposed", "held", by=confirming
            ),  # a grant: the security administrator, or who may renew
            Action("refuse", "proposed", "refused", by=duty.SECURITY, needs=("reason",)),
            Action("found", "proposed", "held"),
            Action("end", "held", "ended", by=duty.SECURITY, needs=("reason",)),
        ],
        words=("reason", "purpose", "basis"),
    )


KINDS: dict[Sort, Workflow] = {sort: register(_workflow(sort)) for sort in SORTS}


def propose(
    registry: Registry, actor: Actor, sort: Sort, account: str, until: date, start: date | None = None, **data: Any
) -> Document:
    """Propose something for an account, from `start` (today) to `until`, both days included; never for oneself.

    A certificate is the exception: its holder asks for it, because only the holder has the key.
    """
    if "renews" in data:
        raise BadMandate(fields="renews")
    own = sort == "certificate" and actor.id == account and actor.session is not None
    if not own:
        duty.require(registry, actor, "propose")
        document = accounts.get(registry, account)
        duty.apart(registry, actor, f"propose.{sort}", account, subjects=accounts._subjects(document))
    try:
        with registry.ledger.writing() as connection:
            return create(registry, actor.id, connection, sort, account, until, start, data)
    except RolesApart:
        _apart(registry, actor, f"propose.{sort}")
        raise


def create(
    registry: Registry,
    by: str,
    connection: Connection,
    sort: Sort,
    account: str,
    until: date,
    start: date | None,
    data: Mapping[str, Any],
) -> Document:
    """Write a proposal down once it was found whole."""
    today = registry.instant(connection).date()
    start = start or today
    _whole(sort, start, until, data)
    holder = accounts.get(registry, account, connection)
    if sort in _CONFER:
        name.role(data["role"])
        organisation.tree(registry, connection).get(data["organisation"])
        _compatible(registry, connection, holder, data["role"], start, until)
    if sort == "grant" and data["owner"] == account:
        raise BadMandate(fields="owner")
    if (
        sort == "grant"
        and by != accounts.FOUNDING
        and accounts.get(registry, data["owner"], connection).state != "active"
    ):
        raise BadMandate(fields="owner")
    fields = {**data, "account": account, "from": start.isoformat(), "until": until.isoformat()}
    document = registry.ledger.create(KINDS[sort].kind, account, fields, by, connection)
    registry.note(f"{sort}.propose", by, _told(document), connection)
    return document


def _whole(sort: Sort, start: date, until: date, data: Mapping[str, Any]) -> None:
    missing = [field for field in NEEDS[sort] if not str(data.get(field) or "").strip()]
    if until < start or until - start > LONGEST[sort]:
        missing.append("until")
    if missing:
        raise BadMandate(fields=", ".join(missing))


def _compatible(
    registry: Registry, connection: Connection, holder: Document, role: str, start: date, until: date
) -> None:
    """RolesApart when the person would at any time hold two roles that go not together, in whichever account."""
    subject = holder.data.get("subject")
    same = [
        str(one.ref)
        for one in registry.ledger.find(accounts.KIND.kind, connection=connection)
        if one.ref == holder.ref or (subject is not None and one.data.get("subject") == subject)
    ]
    roles = {role}
    for one in same:
        for document in _held(registry, connection, one, _CONFER):
            if document.data["from"] <= until.isoformat() and start.isoformat() <= document.data["until"]:
                duty.compatible({role, document.data["role"]})
                roles.add(document.data["role"])
    duty.compatible(roles)


def confirm(registry: Registry, actor: Actor, number: int) -> Document:
    """Confirm what another person proposed for a third. IssueInstead for a certificate: what is confirmed is issued, too."""
    duty.require(registry, actor, _confirming(registry, number))
    if get(registry, number).kind == KINDS["certificate"].kind:
        raise IssueInstead(document=number)
    return confirm_with(registry, actor, number, lambda _connection, done: done)


def confirm_with(registry: Registry, actor: Actor, number: int, then: Callable[[Connection, Document], Made]) -> Made:
    """Confirm, and do in the same transaction what follows from it: both or neither."""
    work = _confirming(registry, number)
    duty.require(registry, actor, work)
    document = get(registry, number)
    holder = accounts.get(registry, document.data["account"])
    duty.apart(
        registry, actor, "confirm", document.actions[0].actor, str(holder.ref), subjects=accounts._subjects(holder)
    )
    try:
        with registry.ledger.writing() as connection:
            return then(connection, _confirm(registry, actor, number, holder, work, connection))
    except RolesApart:
        _apart(registry, actor, "confirm")
        raise


def _apart(registry: Registry, actor: Actor, work: str) -> None:
    registry.note("refused", actor.id, {"work": work, "why": "roles_apart"})


def _confirm(
    registry: Registry, actor: Actor, number: int, holder: Document, work: str, connection: Connection
) -> Document:
    database.lock(connection, "mandates")
    document = _in(registry, connection, number, "proposed")
    data = document.data
    if data["until"] < registry.instant(connection).date().isoformat():
        raise BadMandate(fields="until")  # it would be held and never count
    if document.kind in {KINDS[sort].kind for sort in _CONFER}:
        days = date.fromisoformat(data["from"]), date.fromisoformat(data["until"])
        _compatible(registry, connection, holder, data["role"], *days)
    if "renews" in data and not _renewable(registry, connection, document):
        raise NothingToRenew()
    role = next(one for one in duty.WORK[work] if one in actor.roles)
    done = registry.ledger.act(number, "confirm", None, actor.id, role=role, permit=actor, connection=connection)
    registry.note(f"{_sort(done)}.confirm", actor.id, _told(done), connection)
    return done


def renewing(role: str) -> str:
    """The work of renewing an administrator of this role: that of the other two."""
    return f"renew.{role}"


def _confirming(registry: Registry, number: int) -> str:
    """Whose work it is to confirm."""
    try:
        data = get(registry, number).data
    except UnknownDocument:
        return "confirm"
    return renewing(data["role"]) if "renews" in data else "confirm"


def _renewable(registry: Registry, connection: Connection, document: Document) -> bool:
    """Whether a renewal stands for what its holder has now: the same role at the same place, of an administrator."""
    at, data = registry.instant(connection), document.data
    same = ("role", "organisation")
    return data["role"] in duty.ADMINISTRATORS and any(
        one.id == data["renews"] and all(one.data[name] == data[name] for name in same)
        for one in in_force(registry, connection, data["account"], at, "grant")
    )


def refuse(registry: Registry, actor: Actor, number: int, reason: str) -> Document:
    """Refuse a proposal."""
    return _close(registry, actor, number, "refuse", "proposed", reason)


def end(registry: Registry, actor: Actor, number: int, reason: str) -> Document:
    """End it at once: the next question no longer counts it. RevokeInstead for a certificate that was issued."""
    duty.require(registry, actor, "end")
    if get(registry, number).kind == KINDS["certificate"].kind:
        raise RevokeInstead(document=number)
    return _close(registry, actor, number, "end", "held", reason)


def _close(registry: Registry, actor: Actor, number: int, action: str, state: str, reason: str) -> Document:
    duty.require(registry, actor, "end")
    with registry.ledger.writing() as connection:
        _in(registry, connection, number, state)
        given = {"reason": reason}
        done = registry.ledger.act(number, action, given, actor.id, permit=actor, connection=connection)
        registry.note(f"{_sort(done)}.{action}", actor.id, _told(done), connection)
    return done


def get(
    registry: Registry, number: int, connection: Connection | None = None, sorts: Sequence[Sort] = SORTS
) -> Document:
    """The mandate with this number, of one of some sorts; UnknownDocument, also for documents of other kinds."""
    document = registry.ledger.get(number, connection)
    if document.kind not in {KINDS[sort].kind for sort in sorts}:
        raise UnknownDocument(document=number)
    return document


def _in(registry: Registry, connection: Connection, number: int, state: str) -> Document:
    document = get(registry, number, connection)
    if document.state != state:
        raise WrongState(state=document.state)
    return document


def _held(registry: Registry, connection: Connection, account: str, sorts: Sequence[Sort]) -> list[Document]:
    """By sort as asked for, of each the oldest first."""
    kinds = [KINDS[sort].kind for sort in sorts]
    found = registry.ledger.find(kinds, ref=account, state="held", connection=connection)
    return sorted(found, key=lambda one: kinds.index(one.kind))


def in_force(registry: Registry, connection: Connection, account: str, at: datetime, *sorts: Sort) -> list[Document]:
    """What an account holds at a moment, the oldest first."""
    today = at.date().isoformat()
    return [
        one for one in _held(registry, connection, account, sorts) if one.data["from"] <= today <= one.data["until"]
    ]


def listing(registry: Registry, actor: Actor, sort: Sort, expiring: int | None = None) -> list[dict[str, Any]]:
    """All of one sort, or those held that end within so many days."""
    duty.require(registry, actor, "list")
    limit = (registry.ledger.now() + timedelta(days=expiring or 0)).date().isoformat()
    rows = registry.ledger.find(KINDS[sort].kind)
    kept = [one for one in rows if expiring is None or (one.state == "held" and one.data["until"] <= limit)]
    return [_row(one) for one in kept]


def one(registry: Registry, actor: Actor, number: int) -> dict[str, Any]:
    """One of them, with what was done with it by whom; UnknownDocument. The ward of a guardianship is left out."""
    duty.require(registry, actor, "list")
    found = get(registry, number)
    steps = [
        {"step": step.name, "by": step.actor, "at": step.at, "why": step.data.get("reason")} for step in found.actions
    ]
    return {**_row(found), "steps": steps}


def _row(document: Document) -> dict[str, Any]:
    more = {name: document.data.get(name) for name in ("purpose", "basis", "renews", "kid")}
    made = {"state": document.state, "by": document.actions[0].actor, "at": document.at}
    return {**_told(document), **more, **made, "sort": _sort(document)}


def held(registry: Registry, actor: Actor, *sorts: Sort) -> list[dict[str, Any]]:
    """What whoever is signed in holds now, the oldest first."""
    with registry.ledger.writing() as connection:
        found = in_force(registry, connection, actor.id, registry.instant(connection), *sorts)
    return [{**_told(one), "sort": _sort(one), "basis": one.data.get("basis")} for one in found]


def _sort(document: Document) -> str:
    return document.kind.removeprefix("identity_")


def _told(document: Document) -> dict[str, Any]:
    """What the audit says of it: no ward, no key, no free text."""
    names = ("account", "role", "organisation", "owner", "from", "until")
    return {"document": document.id, **{name: document.data[name] for name in names if name in document.data}}
