"""What an agreement of the exchange gives, as the ledger has it: the platform's documents, or a node's signed copies of them.

Policies ask for it (`exchange.cedar`) and the exchange asks it what stands: one rule for both. It is read anew each time, so that
a suspension counts at once where it is written down.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection

from quanmin.ledger import Document, Ledger, progress
from quanmin.ledger.workflow import CHINA
from quanmin.settings import Settings
from quanmin.trust.actor import Actor
from quanmin.trust.policy.role import EXCHANGE_MEMBER
from quanmin.trust.policy.situation import Agreed

COURSE, COPY = "exchange_agreement", "exchange_copy"
"""Kinds of documents: the course of an agreement's version at the platform, and the copy of one at a node.

Both are found by the agreement's id and hold its `terms`, the `signatures` of both sides, and their state.
"""
IN_FORCE, SUSPENDED = "in_force", "suspended"
SIDES = ("provider", "consumer")
_CITED = re.compile(r"([A-Za-z0-9-]{1,64});v=([1-9][0-9]{0,8})")
FRESH = timedelta(hours=24)
"""A node's copies count for so long after the platform was last heard of: a suspension that cannot come through ends all."""


class Standing(NamedTuple):
    """A version of an agreement: its terms as a JSON document, and whether it counts on a day apart from other versions."""

    terms: Mapping[str, Any]
    state: str
    whole: bool


def day(at: datetime) -> date:
    """The day of a moment, as agreements count it: of the country's time, like working days."""
    return at.astimezone(CHINA).date()


def standings(ledger: Ledger, settings: Settings, agreement: str, connection: Connection) -> list[Standing]:
    """The versions of an agreement that are in force or suspended."""
    states = (IN_FORCE, SUSPENDED)
    if settings.exchange_platform is None:
        return [_standing(one) for one in ledger.find(COURSE, ref=agreement, states=states, connection=connection)]
    copies = ledger.find(COPY, ref=agreement, states=states, connection=connection)
    heard = progress.told(connection, [one.id for one in copies])
    oldest = ledger.now() - FRESH
    return [_standing(one) for one in copies if one.id in heard and heard[one.id].at >= oldest]


def _standing(document: Document) -> Standing:
    signed = set(document.data.get("signatures") or ()) >= set(SIDES)
    return Standing(document.data["terms"], document.state, signed)


def stands(found: list[Standing], today: date) -> Mapping[str, Any] | None:
    """The terms that count on a day: of the newest version that has begun, if it is signed, in force and not over."""
    begun = [one for one in found if one.terms["starts"] <= today.isoformat()]
    newest = max(begun, key=lambda one: int(one.terms["version"]), default=None)
    if newest is None or newest.state != IN_FORCE or not newest.whole:
        return None
    return newest.terms if today.isoformat() <= newest.terms["until"] else None


def cited(text: str) -> tuple[str, int]:
    """`A-2026-0001;v=2` as id and version; ValueError."""
    found = _CITED.fullmatch(text)
    if found is None:
        raise ValueError("cites no version of an agreement")
    return found[1], int(found[2])


def in_force(
    ledger: Ledger, settings: Settings, agreement: str, at: datetime, connection: Connection
) -> Mapping[str, Any] | None:
    """The terms of the cited version if they count at a time; None."""
    try:
        name, version = cited(agreement)
    except ValueError:
        return None
    found = stands(standings(ledger, settings, name, connection), day(at))
    return found if found is not None and found["version"] == version else None


def facts(
    ledger: Ledger, settings: Settings, actor: Actor, purpose: str, dataset: str, agreement: str, connection: Connection
) -> dict[str, Any]:
    """What the situation of a question says of an agreement: nothing unless it gives this actor this dataset for this purpose."""
    if EXCHANGE_MEMBER not in actor.roles or actor.organisation is None:
        return {}
    terms = in_force(ledger, settings, agreement, ledger.now(), connection)
    if terms is None or (terms["consumer"], terms["purpose"], terms["dataset"]) != (
        actor.organisation,
        purpose,
        dataset,
    ):
        return {}
    where = tuple(sorted((name, tuple(codes)) for name, codes in terms["where"].items()))
    given = Agreed(frozenset(terms["elements"]), terms["region"], where)
    return {"exchange": True, "bound": bool(terms["case"]), "agreed": given}
