"""Who looked, as a citizen is told: organisation and role of everybody, the name of who treats, the account of nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from quanmin.trust import Actor, audit
from quanmin.trust.identity import account, looker
from quanmin.trust.identity.errors import VaultUnreadable

House = Any  # the fixture of conftest.py
AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
CITIZEN = Actor("citizen-one", frozenset({"patient"}), kind="patient", mfa=True)


def access(actor: str, purpose: str, number: int = 7, place: str | None = "city-hospital") -> audit.Access:
    columns = {"cause_a": "clear"}
    return audit.Access(number, AT, "read", actor, ("physician",), place, purpose, "health.death", columns)


def test_who_treats_is_named_and_nobody_s_account_is(house: House) -> None:
    house.doctor()
    house.person("clerk-one", "staff")
    asked = [
        access("dr-wang", "treatment"),
        access("dr-wang", "supervision"),
        access("clerk-one", "treatment"),
        access("clerk-one", "verification"),
        access("somebody-gone", "treatment"),
        access("citizen-one", "own_record", place=None),
    ]
    found = looker.told(house.registry, CITIZEN, asked)
    assert [one.name for one in found] == ["王dr-wang", None, None, None, None, None]
    assert [one.own for one in found] == [False] * 5 + [True]
    assert found[0].entry == 7 and found[0].organisation == "city-hospital" and found[0].title != "city-hospital"
    assert found[-1].title is None and found[0].columns == {"cause_a": "clear"}
    assert "actor" not in looker.Looker._fields
    assert "clerk-one" not in str(found) and "somebody-gone" not in str(found)


def test_an_organisation_that_is_closed_goes_by_its_short_name(house: House) -> None:
    [one] = looker.told(house.registry, CITIZEN, [access("dr-wang", "treatment", place="old-hospital")])
    assert (one.organisation, one.title) == ("old-hospital", "old-hospital")


def test_a_name_that_cannot_be_read_any_more_is_left_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.doctor()
    assert account.get(house.registry, "dr-wang").data["shown"]

    def gone(*_: object) -> str:
        raise VaultUnreadable(reason="seal")

    monkeypatch.setattr(type(house.registry.vault), "unseal", gone)
    [one] = looker.told(house.registry, CITIZEN, [access("dr-wang", "treatment")])
    assert one.name is None
