"""Who acts, and that nobody who signed in acts under another name."""

from __future__ import annotations

from typing import Any

import pytest

import quanmin
from quanmin import trust
from quanmin.trust.errors import NotYourself
from quanmin.trust.identity import founding
from quanmin.trust.identity.errors import SessionOver


def test_without_accounts_the_local_administrator_may_say_who_sits_there() -> None:
    known = trust.local_administrator()
    assert trust.acting_as(known, None) is known
    named = trust.acting_as(known, "clerk-1")
    assert (named.id, named.roles) == ("clerk-1", known.roles)


def test_whoever_signed_in_is_himself() -> None:
    clerk = trust.Actor("clerk-1", frozenset({"reviewer"}))
    assert trust.acting_as(clerk, "clerk-1") is clerk
    with pytest.raises(NotYourself):
        trust.acting_as(clerk, "clerk-2")
    impostor = trust.Actor("local-administrator", frozenset({"reviewer"}))
    with pytest.raises(NotYourself):
        trust.acting_as(impostor, "clerk-2")


def test_an_installation_with_accounts_is_not_opened_without_a_session(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with quanmin.connect(settings.home) as free:
        assert free.actor == trust.local_administrator()
    monkeypatch.setattr(founding, "founded", lambda registry: True)
    for session in (None, "guessed", "a" * 64):
        with pytest.raises(SessionOver):
            quanmin.connect(settings.home, session)
