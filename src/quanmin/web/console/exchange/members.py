"""The members of the exchange: where their nodes are, by which keys they are known, and in how many agreements they stand."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from quanmin.exchange.member import directory as directories
from quanmin.exchange.member import enrolment, register
from quanmin.exchange.member.identity import SIGNING, HomeIdentity
from quanmin.exchange.member.member import Directory, Key, Member
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust.agreed import IN_FORCE
from quanmin.trust.keys import open_store
from quanmin.web.ask import Ask
from quanmin.web.console.exchange.agreements import newest, versions
from quanmin.web.console.exchange.area import ROLES, agency, mine, shown
from quanmin.web.face import Face
from quanmin.web.view import Answer


def directory(ask: Ask) -> Directory:
    """Who takes part, as this installation knows it: its own register, or the copy that a node keeps. No key is made for it."""
    settings, ledger = ask.settings, ask.lake.ledger
    if settings.exchange_platform is not None:
        kept = directories.kept(enrolment.folder(settings))
        return kept or Directory(settings.member, ledger.now(), {})
    admitted = [register.member_of(one) for one in ledger.find(register.MEMBER.kind, states=register.STATES)]
    title = agency(settings.member)
    platform = Member(settings.member, title.zh, title.en, settings.exchange_origin, _keys(settings))
    return Directory(settings.member, ledger.now(), {one.id: one for one in (*admitted, platform)})


def _keys(settings: Settings) -> tuple[Key, ...]:
    """The open halves of the own keys, where they were made."""
    store = open_store(settings)
    made = any(one.name == SIGNING for one in store.names())
    return HomeIdentity(settings.member, store).keys() if made else ()


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/exchange/members", "console/exchange/members.html", roles=ROLES)
    def members(ask: Ask) -> Answer:
        """Each member that the viewer may see, with its keys and its agreements in force."""
        known, now = directory(ask), ask.lake.ledger.now()
        counts: Counter[tuple[str, str]] = Counter()
        for one in newest(versions(ask)):
            if one.state == IN_FORCE:
                for side in ("provider", "consumer"):
                    counts[one.data["terms"][side], side] += 1
        names = sorted({*known.members, *(name for name, _ in counts)})
        rows = [_line(name, known.members.get(name), counts, now) for name in names if mine(ask, (name,))]
        data = {"authority": known.authority, "at": known.at, "members": rows}
        return shown(Text("成员", "Members"), data, ask)


def _line(name: str, member: Member | None, counts: Counter[tuple[str, str]], now: datetime) -> dict[str, Any]:
    """A member as a line; one that the directory does not have is known from its agreements only."""
    told: dict[str, Any] = {"id": name, "title": agency(name), "registered": member is not None}
    told |= {"provides": counts[name, "provider"], "consumes": counts[name, "consumer"]}
    if member is None:
        return {**told, "address": None, "active": False, "keys": []}
    told |= {"title": Text(member.title_zh, member.title_en), "address": member.address, "active": member.active}
    keys = [
        {"id": one.id, "use": one.use, "algorithm": one.algorithm, "since": one.since, "counts": one.holds(now)}
        for one in member.keys
    ]
    return {**told, "keys": keys}
