"""The clock once stood in the future: forgetting that time, and who may.

While the clock is behind that time nobody can sign in, so whoever holds the machine may; it rings, and the audit shows it. At any
other time it would only help to put the clock back unseen, and is the security administrator's work.
"""

from __future__ import annotations

from quanmin.trust.actor import Actor
from quanmin.trust.identity import duty, founding
from quanmin.trust.identity.errors import ClockBack, SessionOver
from quanmin.trust.identity.registry import Registry

MACHINE = "local-administrator"
"""Whoever holds the machine, as the audit names him."""


def back(registry: Registry) -> bool:
    """Whether the clock stands before a time that was seen, so that nobody is let in."""
    try:
        with registry.ledger.writing() as connection:
            registry.instant(connection)
    except ClockBack:
        return True
    return False


def reset(registry: Registry, actor: Actor | None) -> None:
    """Forget the time and end every session. SessionOver, NotYourWork."""
    stuck = back(registry)
    if not stuck and founding.founded(registry):
        if actor is None:
            registry.note("refused", MACHINE, {"work": "clock", "why": "no_session"})
            raise SessionOver()
        duty.require(registry, actor, "clock")
    by = MACHINE if actor is None else actor.id
    with registry.ledger.writing() as connection:
        registry.forget_time(connection)
        registry.note("clock_reset", by, {"back": stuck}, connection)
    if stuck:
        registry.warn("clock_reset", by, {})
