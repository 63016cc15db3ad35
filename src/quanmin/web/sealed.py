"""What a browser keeps for a session without being able to read it: it opens for the same account and session only."""

from __future__ import annotations

import binascii

from quanmin.trust.identity.errors import VaultUnreadable
from quanmin.web.ask import Ask

_AWAY, _BACK = str.maketrans("+/", "-_"), str.maketrans("-_", "+/")


def close(ask: Ask, use: str, value: str) -> str:
    """A text that can stand in an address or a cookie."""
    return ask.registry.vault.seal(value, _place(ask, use)).translate(_AWAY).rstrip("=")


def opened(ask: Ask, use: str, sealed: str) -> str | None:
    """What was closed for this use in this session; None for anything else."""
    try:
        return ask.registry.vault.unseal(sealed.translate(_BACK) + "=" * (-len(sealed) % 4), _place(ask, use))
    except (VaultUnreadable, binascii.Error, ValueError):
        return None


def _place(ask: Ask, use: str) -> str:
    return f"web {use} {ask.who.id} {ask.who.session}"
