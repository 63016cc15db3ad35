"""Rules on terms, each with its error, and what an answer may narrow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin import standards, trust
from quanmin.errors import QuanminError
from quanmin.exchange.agreement import rule
from quanmin.exchange.agreement.document import changed as written_anew
from quanmin.exchange.agreement.document import terms_of
from quanmin.exchange.agreement.errors import (
    BasisMissing,
    CaseUnasked,
    DatasetClosed,
    DatasetUnknown,
    ElementsUnfit,
    IdentifierUnneeded,
    ModeUnfit,
    OnwardUnconsented,
    PeriodWrong,
    ProviderWithout,
    PurposeUnfit,
    RowsUnfit,
    SidesUnfit,
    TermsUnreadable,
    TermsWidened,
)
from quanmin.exchange.agreement.narrowing import check, widened
from quanmin.exchange.terms import Terms
from quanmin.trust.column import BASE
from quanmin.trust.decision import consider
from quanmin.trust.policy import shipped

from .parties import PLATFORM, wish

TODAY = date(2026, 11, 2)


def made(**changed: Any) -> Terms:
    return Terms.read({"where": {}, **wish(**changed), "id": "A-2026-0001", "version": 1, "authority": PLATFORM})


def test_sound_terms_have_no_fault() -> None:
    assert rule.faults(made(), TODAY) == []
    base: dict[str, Any] = {"dataset": BASE, "provider": PLATFORM, "elements": ["name", "sex"], "region": "370000"}
    assert rule.faults(made(**base), TODAY) == []
    assert rule.faults(made(**base, **PUSH, where={"sex": ["1"]}), TODAY) == []
    assert [type(one) for one in rule.faults(made(**base, where={"sex": ["1"]}), TODAY)] == [RowsUnfit]


PUSH = {"mode": "push", "operations": [], "case": False}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"dataset": "health.nothing"}, DatasetUnknown),
        ({"dataset": "public_security.photo_reference", "provider": "public_security"}, DatasetClosed),
        ({"consumer": "civil_affairs"}, SidesUnfit),
        ({"provider": "education"}, ProviderWithout),
        ({"dataset": BASE}, ProviderWithout),
        ({"purpose": "research"}, PurposeUnfit),
        ({"purpose": "open_data"}, PurposeUnfit),
        ({"purpose": "whatever"}, PurposeUnfit),
        ({"purpose": "public_health"}, PurposeUnfit),
        ({"elements": []}, ElementsUnfit),
        ({"elements": ["name", "name"]}, ElementsUnfit),
        ({"elements": ["name", "person_key"]}, ElementsUnfit),
        ({"elements": ["name", "_row"]}, ElementsUnfit),
        ({"until": "2026-11-01", "starts": "2026-10-01"}, PeriodWrong),
        ({"until": "2026-11-10", "starts": "2026-11-11"}, PeriodWrong),
        ({"until": "2036-12-31", "starts": "2026-11-11"}, PeriodWrong),
        ({"mode": "pull"}, ModeUnfit),
        ({"content": "everything"}, ModeUnfit),
        ({"frequency": "hourly"}, ModeUnfit),
        ({"initiative": "nobody"}, ModeUnfit),
        ({"operations": []}, ModeUnfit),
        ({"operations": ["delete"]}, ModeUnfit),
        ({"operations": ["lookup", "lookup"]}, ModeUnfit),
        ({"mode": "push"}, ModeUnfit),
        ({**PUSH, "frequency": "on_request"}, ModeUnfit),
        ({"mode": "request", "initiative": "provider"}, ModeUnfit),
        ({"purpose": "verification"}, ModeUnfit),
        ({"purpose": "verification", "mode": "request"}, ModeUnfit),
        ({**PUSH, "content": "file", "region": "370000"}, ModeUnfit),
        ({**PUSH, "form": "xml"}, ModeUnfit),
        ({**PUSH, "content": "file", "form": "ndjson"}, ModeUnfit),
        ({"mode": "request", "form": "ndjson"}, ModeUnfit),
        ({"case": False}, CaseUnasked),
        ({"legal_basis": " "}, BasisMissing),
        ({"item": "x" * 501}, BasisMissing),
        ({"title_en": ""}, BasisMissing),
        ({"region": "999999"}, RowsUnfit),
        ({"region": "37"}, RowsUnfit),
        ({"where": {"nothing": ["1"]}}, RowsUnfit),
        ({"where": {"disposal": []}}, RowsUnfit),
        ({"where": {"disposal": ["no such code"]}}, RowsUnfit),
        ({"where": {"name": ["1"]}}, RowsUnfit),
        ({"where": {"home_region": ["1"]}}, RowsUnfit),
        ({"where": {"nature": ["true"]}}, RowsUnfit),
    ],
)
def test_each_rule_has_its_own_error(changed: dict[str, Any], error: type[QuanminError]) -> None:
    terms = made(**changed)
    assert error in [type(one) for one in rule.faults(terms, TODAY)]
    with pytest.raises(QuanminError):
        rule.check(terms, TODAY)


def test_verification_and_pushes_have_terms_that_fit() -> None:
    comparing = made(purpose="verification", mode="request", operations=["verify"], case=False)
    assert rule.faults(comparing, TODAY) == []
    assert rule.faults(made(**PUSH), TODAY) == []
    assert rule.faults(made(**PUSH, initiative="provider", content="file"), TODAY) == []
    assert rule.faults(made(where={"home_region": ["370102"]}, region="000000"), TODAY) == []


def test_the_form_of_rows_is_agreed_on_and_signed_only_where_it_is_another() -> None:
    """What was signed before there was a choice is the same text."""
    before = made(**PUSH)
    assert "form" not in before.to_dict() and made(**PUSH, form="parquet").text() == before.text()
    lines = made(**PUSH, form="ndjson")
    assert rule.faults(lines, TODAY) == [] and lines.digest() != before.digest()
    assert Terms.read(lines.to_dict()) == lines and Terms.read(before.to_dict()) == before
    assert terms_of(lines.to_dict()) == lines and written_anew(lines, {"form": "parquet"}) == before
    assert widened(before, lines) == ["form"] and widened(lines, before) == ["form"]
    assert rule.faults(made(form="ndjson"), TODAY) == []  # asked for and pushed
    with pytest.raises(TermsUnreadable):
        terms_of(lines.to_dict() | {"form": ["ndjson"]})


def test_others_than_whom_a_record_is_about_are_named_only_where_the_purpose_needs_them() -> None:
    birth = {
        "dataset": "health.birth",
        "provider": PLATFORM,
        "elements": ["name", "mother_name", "mother_number"],
    }
    assert rule.faults(made(**birth), TODAY) == []
    told = rule.faults(made(**birth, purpose="public_health"), TODAY)
    assert [type(one) for one in told] == [IdentifierUnneeded]
    assert told[0].fields["elements"] == "mother_name, mother_number"


def test_what_no_provider_answers_for_is_not_passed_on() -> None:
    rule.unconsented(made())
    with pytest.raises(OnwardUnconsented):
        rule.unconsented(made(onward=True))


def test_every_purpose_of_an_agreement_shows_what_the_rules_let_through_and_no_other_does() -> None:
    """The list of the rules is the one that the policies know."""
    actor = trust.Actor("x", frozenset({"exchange_member"}), "y", "000000", "organisation", assurance=2, mfa=True)
    shown = set()
    for purpose in trust.PURPOSES:
        agreed = trust.Situation(exchange=True, agreed=trust.Agreed(frozenset({"name"})))
        if consider(shipped(), datetime(2026, 1, 1, tzinfo=UTC), actor, purpose, BASE, ("name",), None, agreed).allowed:
            shown.add(purpose)
    assert shown == set(rule.PURPOSES)


NARROW: list[tuple[dict[str, Any], str]] = [
    ({"elements": ("name", "sex")}, "elements"),
    ({"operations": ("query",)}, "operations"),
    ({"onward": True}, "onward"),
    ({"starts": date(2026, 10, 1)}, "starts"),
    ({"until": date(2028, 1, 1)}, "until"),
    ({"region": None}, "region"),
    ({"region": "110000"}, "region"),
    ({"where": {}}, "where"),
    ({"where": {"disposal": ("1", "2")}}, "where"),
    ({"quota": None}, "quota"),
    ({"quota": 101}, "quota"),
    ({"keep_days": 31}, "keep_days"),
    ({"case": False}, "case"),
    ({"sealed": False}, "sealed"),
    ({"recall": False}, "recall"),
    ({"purpose": "supervision"}, "purpose"),
    ({"consumer": "education"}, "consumer"),
    ({"frequency": "daily"}, "frequency"),
]


def _asked() -> Terms:
    return replace(made(), region="370000", where={"disposal": ("1",)}, quota=100, keep_days=30)


@pytest.mark.parametrize(("changed", "field"), NARROW)
def test_an_answer_grants_no_more_than_was_asked(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(TermsWidened) as refused:
        check(_asked(), replace(_asked(), **changed))
    assert refused.value.fields["fields"] == field


def test_an_answer_grants_less_of_everything() -> None:
    less = {
        "elements": ("death_date",),
        "operations": ("verify",),
        "mode": "request",
        "starts": date(2026, 12, 1),
        "until": date(2026, 12, 2),
        "region": "370102",
        "where": {"disposal": ("1",), "sex": ("1",)},
        "quota": 1,
        "keep_days": 1,
        "bodies": True,
    }
    check(_asked(), replace(_asked(), **less))
    assert widened(replace(_asked(), mode="request"), replace(_asked(), mode="both")) == ["mode"]


FUNERAL = [one.name for one in standards.catalogue().dataset("civil_affairs.funeral").elements]
SOME = st.lists(st.sampled_from(FUNERAL), unique=True, max_size=5).map(tuple)
PLACES = st.sampled_from([None, "000000", "370000", "370100", "370102", "110000"])
ROWS = {f"{one}{two}" for one in ("3701", "3702", "1101") for two in ("01", "02")}


def _rows(terms: Terms) -> set[tuple[str, str, str]]:
    """Every cell that terms give away, of all regions and two codes."""
    stem = (terms.region or "").rstrip("0")
    codes = terms.where.get("disposal", ("1", "2"))
    return {(name, row, code) for name in terms.elements for row in ROWS if row.startswith(stem) for code in codes}


@given(SOME, SOME, PLACES, PLACES, st.sampled_from([("1",), ("2",), ("1", "2")]), st.sampled_from([("1",), ("1", "2")]))
def test_what_is_no_wider_gives_away_no_cell_more(
    first: Any, second: Any, here: Any, there: Any, some: Any, other: Any
) -> None:
    asked = replace(made(), elements=first, region=here, where={"disposal": some})
    granted = replace(made(), elements=second, region=there, where={"disposal": other})
    if not widened(asked, granted):
        assert _rows(granted) <= _rows(asked)
