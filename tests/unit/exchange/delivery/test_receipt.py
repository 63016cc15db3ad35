"""A receipt counts only if it is of this delivery, of what was sent, by its receiver, by a key that counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto import jwk, jws
from tests.unit.exchange.delivery.network import BEGAN, Keys
from tests.unit.exchange.delivery.test_manifest import made

from quanmin.exchange.delivery.errors import ReceiptRefused
from quanmin.exchange.delivery.receipt import Receipt, read, sign, verify
from quanmin.exchange.member.member import Directory, Member
from quanmin.exchange.message.compact import encoded

NOW = made().made + timedelta(hours=1)
SKEW = timedelta(minutes=5)
HEALTH, OTHER = Keys("health"), Keys("education")


def directory(*members: Member) -> Directory:
    known = {one.member: Member(one.member, "", "", None, one.public()) for one in (HEALTH, OTHER)}
    return Directory("health", BEGAN, known | {one.id: one for one in members})


def receipt(**changed) -> Receipt:
    told = made()
    own = Receipt(told.id, told.digest(), told.agreement, told.sender, "health", "accepted", 2, 1, 1, NOW)
    return replace(own, **changed)


def refused(text, known=None, now=NOW) -> str:
    with pytest.raises(ReceiptRefused) as caught:
        verify(known or directory(), text, made(), now, SKEW)
    return caught.value.fields["fault"]


def test_a_receipt_that_counts_is_read() -> None:
    assert verify(directory(), sign(HEALTH, receipt()), made(), NOW, SKEW) == receipt()
    assert read(sign(HEALTH, receipt())) == receipt()


def test_another_library_verifies_it() -> None:
    public = HEALTH.signing.public_key().public_bytes_raw()
    key = jwk.JWK(kty="OKP", crv="Ed25519", x=encoded(public))
    token = jws.JWS()
    token.allowed_algs = ["Ed25519"]
    token.deserialize(sign(HEALTH, receipt()), key)
    assert token.payload == receipt().text()


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"delivery": "social_security." + "1" * 24}, "of another delivery"),
        ({"manifest": "0" * 64}, "of another delivery"),
        ({"agreement": "A-2026-0001;v=3"}, "of another delivery"),
        ({"receiver": "education"}, "of another delivery"),
        ({"rows": 3, "accepted": 2}, "another number of rows"),
        ({"accepted": 2}, "outcome or counts"),
        ({"accepted": -1, "quarantined": 3}, "form"),
        ({"outcome": "lost"}, "outcome or counts"),
        ({"at": NOW + timedelta(hours=1)}, "time"),
        ({"at": NOW - timedelta(hours=3)}, "time"),
    ],
)
def test_a_receipt_of_something_else_is_refused(changed, fault) -> None:
    assert refused(sign(HEALTH, receipt(**changed))) == fault


def test_a_receipt_by_somebody_else_is_refused() -> None:
    assert refused(sign(OTHER, receipt())) == "not of its receiver"
    forger = Keys("health")
    assert refused(sign(forger, receipt())) == "signature"


def test_a_key_that_does_not_count_is_refused() -> None:
    key, sealing = HEALTH.public()
    gone = replace(key, revoked=NOW - timedelta(minutes=1))
    later = replace(key, since=NOW + timedelta(minutes=1))
    misused = replace(key, use="encryption")
    for one in (gone, later, misused):
        assert refused(sign(HEALTH, receipt()), directory(Member("health", "", "", None, (one, sealing)))) == (
            "a key that does not count"
        )
    away = Member("health", "", "", None, HEALTH.public(), active=False)
    assert refused(sign(HEALTH, receipt()), directory(away)) == "not of its receiver"
    unknown = Member("health", "", "", None, ())
    assert refused(sign(HEALTH, receipt()), directory(unknown)) == "not of its receiver"


@pytest.mark.parametrize("text", [None, 5, "", "a.b", "a.b.c", "..", "é.b.c", "a" * 70_000, "e30.e30.e30", b"a.b.c"])
def test_what_is_no_receipt_is_refused(text) -> None:
    assert refused(text) in ("form", "header")


def test_an_algorithm_of_ones_own_choice_is_refused() -> None:
    text = sign(HEALTH, receipt())
    for header in (b'{"alg":"none","kid":"health/signature/1","typ":"quanmin-receipt+jws"}',
                   b'{"alg":"HS256","kid":"health/signature/1","typ":"quanmin-receipt+jws"}'):  # fmt: skip
        assert refused(f"{encoded(header)}.{text.partition('.')[2]}") == "a key that does not count"


SIGNED = sign(HEALTH, receipt())


@given(st.integers(0, len(SIGNED) - 1), st.sampled_from("ABCxyz019-_.=~"))
def test_any_sign_changed_is_refused(at, sign_) -> None:
    text = SIGNED[:at] + sign_ + SIGNED[at + 1 :]
    if text != SIGNED:
        refused(text)
