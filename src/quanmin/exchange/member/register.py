"""The register of members at the platform: who was admitted with which keys, address, certificate. Changes are actions."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from quanmin import standards
from quanmin.exchange.member.directory import signed
from quanmin.exchange.member.errors import AgencyUnknown, DivisionEnded, DivisionUnknown, EnrolmentRefused
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Key, Member
from quanmin.exchange.role import OPERATOR
from quanmin.ledger import Action, Document, Ledger, Workflow, database, register
from quanmin.standards.frame import Agency
from quanmin.trust import Actor, audit
from quanmin.trust.agreed import day
from quanmin.trust.work import require

MEMBER = register(
    Workflow(
        "exchange_member",
        start="admitted",
        actions=[
            Action("renew", "admitted", "admitted", needs=("keys",)),
            Action("renew", "suspended", "suspended", needs=("keys",)),
            Action("change", "admitted", "admitted"),
            Action("change", "suspended", "suspended"),
            Action("suspend", "admitted", "suspended", needs=("reason",)),
            Action("readmit", "suspended", "admitted"),
            Action("leave", ("admitted", "suspended"), "left", needs=("reason",)),
        ],
        words=("reason",),
    )
)
STATES = ("admitted", "suspended")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def directory(ledger: Ledger, identity: HomeIdentity, address: str | None, own: tuple[str, ...] = ()) -> Directory:
    """Everybody who takes part, the platform among them, signed by it. `own` are the fingerprints of its certificates."""
    title = standards.catalogue().called(identity.member)
    platform = Member(identity.member, title.zh, title.en, address, identity.keys(), own)
    members = {one.id: one for one in (member_of(document) for document in ledger.find(MEMBER.kind, states=STATES))}
    at = max([ledger.now(), *(key.since for key in platform.keys)])
    return signed(Directory(identity.member, at, members | {platform.id: platform}), identity)


def member_of(document: Document) -> Member:
    """A member as the register has it."""
    data = document.data
    keys = tuple(_key(one) for one in data["keys"])
    titles = str(data["title_zh"]), str(data["title_en"])
    active = document.state == "admitted"
    return Member(str(data["id"]), *titles, data["address"], keys, tuple(data["certificates"]), active)


def hold(connection: Connection, member: str) -> None:
    """Wait until nobody else takes this member in or its keys; to be asked for before the audit is written to."""
    database.lock(connection, f"exchange member {member}")


def named(member: str) -> Agency:
    """The agency that a member is, also one in a division (`health_420000`). AgencyUnknown, DivisionUnknown."""
    known = standards.catalogue()
    found = known.body(member)
    if found is not None:
        return found
    kind, _, division = member.rpartition("_")
    if kind in known.agencies and division.isascii() and division.isdigit():
        raise DivisionUnknown(member=f"{kind}_{division[:6]}", division=division[:6])
    raise AgencyUnknown(member=member if _NAME.fullmatch(member) else "?")  # nobody's line breaks are repeated


def _begun(member: str, at: datetime) -> None:
    """A new member is of no division that has ended; DivisionEnded."""
    regions, own = standards.catalogue().regions, named(member)
    if own.division is not None and regions.ended(own.division, day(at)):
        after = ", ".join(regions.successors(own.division)) or "-"
        raise DivisionEnded(member=member, division=own.division, successors=after)


def admit(ledger: Ledger, actor: Actor, member: Member, connection: Connection, signer: str | None = None) -> Document:
    """Take a member in, or its new keys, address and certificate: keys that it no longer names are revoked, and what was
    revoked stays so. One that is suspended stays suspended. `signer`: the key that must count of whoever is a member already.

    RoleMissing, EnrolmentRefused, AgencyUnknown, DivisionUnknown, DivisionEnded.
    """
    require(ledger, actor, OPERATOR)
    hold(connection, member.id)
    known = ledger.find(MEMBER.kind, ref=member.id, states=STATES, connection=connection)
    data = _data(member)
    if not known:
        _begun(member.id, ledger.now())
        made = ledger.create(MEMBER.kind, member.id, data, actor.id, connection)
    else:
        before = member_of(known[-1])
        if signer is not None and not any(one.id == signer and one.revoked is None for one in before.keys):
            raise EnrolmentRefused(reason="signed by no key that counts")
        data = _data(replace(member, keys=_kept(before.keys, member.keys, ledger.now())))
        made = ledger.act(known[-1].id, "renew", data, actor.id, connection=connection)
    audit.append(ledger, "exchange.member", actor.id, {"member": member.id, "document": made.id}, connection)
    return made


def change(ledger: Ledger, actor: Actor, name: str, action: str, **data: Any) -> Document:
    """Suspend, readmit, let leave, or change the address of a member. RoleMissing, MemberUnknown (by the caller's directory)."""
    require(ledger, actor, OPERATOR)
    with ledger.writing() as connection:
        document = _standing(ledger, name, connection)
        made = ledger.act(document.id, action, data, actor.id, connection=connection)
        audit.append(ledger, f"exchange.member.{action}", actor.id, {"member": name, "document": made.id}, connection)
    return made


def move(ledger: Ledger, actor: Actor, name: str, address: str | None) -> Document:
    """Another address of a member's node, or none. RoleMissing, EnrolmentRefused."""
    return change(ledger, actor, name, "change", address=origin(address))


def origin(address: str | None) -> str | None:
    """An address as a member may have it: `https://host:port` (or http) and nothing behind; EnrolmentRefused."""
    if address is not None and not (isinstance(address, str) and len(address) <= 300 and _ORIGIN.fullmatch(address)):
        raise EnrolmentRefused(reason="address")
    return address


def revoke_key(ledger: Ledger, actor: Actor, key: str) -> Document:
    """A key of a member counts no more from now on. RoleMissing, EnrolmentRefused where nobody has it."""
    require(ledger, actor, OPERATOR)
    with ledger.writing() as connection:
        document = _standing(ledger, key.partition("/")[0], connection)
        keys, now = member_of(document).keys, ledger.now()
        if key not in {one.id for one in keys}:
            raise EnrolmentRefused(reason=f"no key {key[:80]}")
        ended = tuple(replace(one, revoked=now) if one.id == key and one.revoked is None else one for one in keys)
        made = ledger.act(
            document.id, "change", {"keys": [_plain(one) for one in ended]}, actor.id, connection=connection
        )
        audit.append(ledger, "exchange.member.revoke", actor.id, {"key": key, "document": made.id}, connection)
    return made


def _standing(ledger: Ledger, name: str, connection: Connection) -> Document:
    found = ledger.find(MEMBER.kind, ref=name, states=STATES, connection=connection)
    if not found:
        raise EnrolmentRefused(reason=f"no member {name[:60]}")
    return found[-1]


def _kept(before: tuple[Key, ...], now: tuple[Key, ...], at: datetime) -> tuple[Key, ...]:
    """The keys named now; earlier ones stay known, so that what they signed can be verified, but count no more.

    Of a key that was known before only what is known counts: whoever hands in an old enrolment brings nothing back.
    """
    named = {one.id: one for one in now}
    known = {one.id: one for one in before}
    for one in before:
        held = named.get(one.id)
        if held is not None and held.public != one.public:
            raise EnrolmentRefused(reason=f"another key as {one.id}")
    old = [replace(one, revoked=one.revoked or at) for one in before if one.id not in named]
    return (*old, *(known.get(one.id, one) for one in now))


def _data(member: Member) -> dict[str, Any]:
    told = asdict(member)
    del told["active"]
    return told | {"keys": [_plain(one) for one in member.keys], "certificates": list(member.certificates)}


def _plain(key: Key) -> dict[str, Any]:
    told = asdict(key)
    for name in ("since", "revoked"):
        told[name] = told[name].astimezone(UTC).isoformat() if told[name] is not None else None
    return told


def _key(told: dict[str, Any]) -> Key:
    revoked = told["revoked"]
    times = {
        "since": datetime.fromisoformat(told["since"]),
        "revoked": datetime.fromisoformat(revoked) if revoked else None,
    }
    return Key(**{**told, **times})
