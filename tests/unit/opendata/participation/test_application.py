"""Applications for data, who decides them, and how long what was granted holds; accounts that people open themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from quanmin.ledger import database
from quanmin.ledger.errors import IllegalAction
from quanmin.opendata import Portal, Reader, require
from quanmin.opendata.access import ApplicationNeeded
from quanmin.opendata.participation import application, dataset, granted, name, paper, registration
from quanmin.opendata.participation.errors import (
    AlreadyApplied,
    BadPeriod,
    BadPublicName,
    NotOnApplication,
    NotYours,
    OwnMatter,
    PersonInText,
    PublicNameTaken,
    RegistrationClosed,
    TermsNotAccepted,
    TextRefused,
    TooOften,
)
from quanmin.opendata.participation.role import PUBLISHER
from quanmin.trust import Actor, identity
from quanmin.trust.identity import Registry, account, totp
from quanmin.trust.identity.errors import BadName, SignInRefused, WeakPassword
from quanmin.trust.identity.name import role

from .conftest import Clock, somebody


def form(clock: Clock, **more: Any) -> application.Form:
    """An application for a hundred days."""
    until = clock.now.date() + timedelta(days=100)
    return application.Form("某大学", "研究趋势", "在本校服务器上分析", until, True)._replace(**more)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "FRESH", 0.0)


def test_what_is_granted_opens_the_data_until_its_day(
    portal: Portal, ann: Actor, ben: Actor, publisher: Actor, clock: Clock
) -> None:
    made, asked = application.apply(portal, ann, "asked-one", form(clock)), dataset.named(portal, "asked-one")
    assert granted(portal.ledger, ann.id) == frozenset()
    until = clock.now.date() + timedelta(days=10)
    application.decide(portal, publisher, made.id, "grant", until=until)
    assert (
        granted(portal.ledger, ann.id) == {"id-asked-one"}
        and granted(portal.ledger, ben.id) == granted(portal.ledger, None) == set()
    )
    require(asked, Reader(ann.id, granted(portal.ledger, ann.id)))
    with pytest.raises(ApplicationNeeded):
        require(asked, Reader(ben.id, granted(portal.ledger, ben.id)))
    with pytest.raises(AlreadyApplied):
        application.apply(portal, ann, "asked-one", form(clock))
    clock.on(days=10)
    assert granted(portal.ledger, ann.id) == {"id-asked-one"}, "the last day counts"
    clock.on(days=1)
    assert granted(portal.ledger, ann.id) == frozenset()
    assert application.state(portal.ledger, application.get(portal, made.id)) == "expired"
    application.apply(portal, ann, "asked-one", form(clock))


def test_what_is_revoked_or_given_up_holds_at_once_in_this_process(
    portal: Portal, ann: Actor, publisher: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "FRESH", 3600.0)
    made = application.apply(portal, ann, "asked-one", form(clock))
    assert granted(portal.ledger, ann.id) == frozenset()
    application.decide(portal, publisher, made.id, "grant", until=clock.now.date() + timedelta(days=10))
    assert granted(portal.ledger, ann.id) == {"id-asked-one"}
    application.decide(portal, publisher, made.id, "revoke", "违反条款")
    assert granted(portal.ledger, ann.id) == frozenset()
    again = application.apply(portal, ann, "asked-one", form(clock))
    application.decide(portal, publisher, again.id, "grant", until=clock.now.date() + timedelta(days=10))
    assert (
        application.withdraw(portal, ann, again.id).state == "withdrawn"
        and granted(portal.ledger, ann.id) == frozenset()
    )


def test_what_another_process_granted_is_known_in_seconds(
    portal: Portal, ann: Actor, publisher: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "FRESH", 3600.0)
    made = application.apply(portal, ann, "asked-one", form(clock))
    assert granted(portal.ledger, ann.id) == frozenset()
    monkeypatch.setattr(application, "_forget", lambda *_: None)
    application.decide(portal, publisher, made.id, "grant", until=clock.now.date() + timedelta(days=10))
    assert granted(portal.ledger, ann.id) == frozenset()
    monkeypatch.setattr(application, "FRESH", 0.0)
    assert granted(portal.ledger, ann.id) == {"id-asked-one"}


def test_who_decides(
    portal: Portal, ann: Actor, publisher: Actor, stranger: Actor, moderator: Actor, clock: Clock
) -> None:
    made = application.apply(portal, ann, "asked-one", form(clock))
    until = clock.now.date() + timedelta(days=10)
    for other in (ann, stranger, moderator, replace(publisher, mfa=False)):
        with pytest.raises(NotYours):
            application.decide(portal, other, made.id, "grant", until=until)
    with pytest.raises(OwnMatter):
        application.decide(portal, replace(publisher, id=ann.id), made.id, "grant", until=until)
    for day in (None, clock.now.date(), clock.now.date() - timedelta(days=1), clock.now.date() + timedelta(days=800)):
        with pytest.raises(BadPeriod):
            application.decide(portal, publisher, made.id, "grant", until=day)
    with pytest.raises(TextRefused):
        application.decide(portal, publisher, made.id, "refuse")
    clock.on(days=40)
    assert [one.action for one in portal.ledger.overdue()] == ["grant"]
    application.decide(portal, publisher, made.id, "refuse", "用途不符")
    with pytest.raises(IllegalAction):
        application.decide(portal, publisher, made.id, "revoke", "x")
    assert granted(portal.ledger, ann.id) == frozenset()


def test_a_publisher_who_applies_needs_a_colleague(portal: Portal, publisher: Actor, clock: Clock) -> None:
    name.choose(portal.ledger, publisher, "发布员甲")
    made = application.apply(portal, publisher, "asked-one", form(clock))
    until = clock.now.date() + timedelta(days=10)
    with pytest.raises(OwnMatter):
        application.decide(portal, publisher, made.id, "grant", until=until)
    colleague = somebody("pub-two", PUBLISHER, organisation="health", kind="staff")
    assert application.decide(portal, colleague, made.id, "grant", until=until).state == "granted"


@pytest.mark.parametrize(
    ("record", "change", "error"),
    [
        ("open-one", {}, NotOnApplication),
        ("closed-one", {}, NotOnApplication),
        ("asked-one", {"accepted": False}, TermsNotAccepted),
        ("asked-one", {"who": ""}, TextRefused),
        ("asked-one", {"purpose": "他的号码 11010519491231002X"}, PersonInText),
        ("asked-one", {"use": "x" * 5001}, TextRefused),
        ("asked-one", {"until": None}, BadPeriod),
    ],
)
def test_what_is_no_application(
    portal: Portal, ann: Actor, clock: Clock, record: str, change: dict[str, Any], error: type
) -> None:
    with pytest.raises(error):
        application.apply(portal, ann, record, form(clock, **change))


def test_what_somebody_wrote_for_the_publisher_is_ciphertext(portal: Portal, ann: Actor, clock: Clock) -> None:
    made = application.apply(portal, ann, "asked-one", form(clock))
    with portal.ledger.reading() as connection:
        kept = str(connection.execute(text(f"SELECT data FROM action WHERE document = {made.id}")).scalar())
    assert "某大学" not in kept and "研究趋势" not in kept and "\\u67d0" not in kept
    assert application.get(portal, made.id).data["who"] == "某大学"


PASSWORD = "a strange horse eats 7 lamps"


@pytest.fixture
def registry(portal: Portal) -> Registry:
    """The register of identities, at a cost that tests can bear."""
    return replace(Registry.open(portal.ledger, portal.settings), work=10)


def open_account(
    registry: Registry, portal: Portal, shown: str, clock: Clock, address: str = "192.0.2.1"
) -> tuple[str, str, Actor]:
    """Somebody who registered and signed in."""
    import base64

    made = registration.register(registry, portal.settings, shown, PASSWORD, address)
    seed = base64.b32decode(made.seed)

    def proofs() -> identity.Proofs:
        return identity.Proofs(PASSWORD, totp.code(seed, totp.step_of(clock.now)))

    identity.enrol(registry, made.account, proofs(), address)
    clock.on(minutes=1)
    return (
        made.account,
        made.seed,
        identity.authenticate(registry, identity.sign_in(registry, made.account, proofs(), address)),
    )


def test_whoever_registers_takes_part_and_has_no_right(portal: Portal, registry: Registry, clock: Clock) -> None:
    account_name, _, actor = open_account(registry, portal, "小王", clock)
    assert actor.roles == {"participant"} and actor.mfa and actor.organisation is None and actor.subject is None
    assert account_name.startswith("u-") and name.several(portal.ledger, [account_name]) == {account_name: "小王"}
    application.apply(portal, actor, "asked-one", form(clock))
    with pytest.raises(SignInRefused):
        identity.sign_in(registry, account_name, identity.Proofs(PASSWORD), "192.0.2.1")
    assert account.get(registry, account_name).state == "active"


def test_a_role_that_is_derived_is_given_to_nobody() -> None:
    with pytest.raises(BadName):
        role("participant")


def test_what_keeps_somebody_from_registering(portal: Portal, registry: Registry, clock: Clock) -> None:
    open_account(registry, portal, "小王", clock)
    before = portal.ledger.count("account")
    for shown, chosen, error in [
        ("小 王", PASSWORD, PublicNameTaken),
        ("admin", PASSWORD, BadPublicName),
        ("小李", "short", WeakPassword),
        ("小李", "password1234", WeakPassword),
    ]:
        with pytest.raises(error):
            registration.register(registry, portal.settings, shown, chosen, "192.0.2.2")
    with pytest.raises(RegistrationClosed):
        registration.register(
            registry, portal.settings.model_copy(update={"registration": False}), "小李", PASSWORD, "192.0.2.2"
        )
    assert portal.ledger.count("account") == before


def test_whoever_registers_and_whoever_is_called_anew_wait_in_one_order(
    portal: Portal, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way round, each has what the other waits for."""
    taken, lock = list[str](), database.lock

    def noted(connection: Connection, *alone: str, share: Sequence[str] = ()) -> None:
        taken.extend(alone)
        lock(connection, *alone, share=share)

    monkeypatch.setattr(database, "lock", noted)
    made = registration.register(registry, portal.settings, "甲甲", PASSWORD, "192.0.2.3")
    first = [one for one in taken if one in ("public names", "audit")]
    taken.clear()
    name.choose(portal.ledger, Actor(made.account, frozenset(), kind="participant"), "乙乙")
    assert first == [one for one in taken if one in ("public names", "audit")] == ["public names", "audit"]


def test_an_address_registers_so_often(
    portal: Portal, registry: Registry, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registration, "ADDRESS", ((1, 2),))
    for shown in ("甲甲", "乙乙"):
        registration.register(registry, portal.settings, shown, PASSWORD, "192.0.2.3")
    with pytest.raises(TooOften):
        registration.register(registry, portal.settings, "丙丙", PASSWORD, "192.0.2.3")
    registration.register(registry, portal.settings, "丙丙", PASSWORD, "192.0.2.4")
    monkeypatch.setattr(registration, "EVERYBODY", ((1, 3),))
    with pytest.raises(TooOften):
        registration.register(registry, portal.settings, "丁丁", PASSWORD, "192.0.2.5")
    clock.on(hours=1)
    registration.register(registry, portal.settings, "丁丁", PASSWORD, "192.0.2.3")
    with portal.ledger.reading() as connection:
        assert "192.0.2" not in str(connection.execute(text("SELECT who FROM deed")).all())
    assert paper.LIMITS
