"""Agreements with agencies of divisions: what they may give, and what becomes of them when the division ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin import standards
from quanmin.exchange.agreement import rule
from quanmin.exchange.agreement.errors import (
    DivisionOutside,
    DivisionOver,
    ModeUnfit,
    ProviderWithout,
    RowsUnfit,
)
from quanmin.exchange.member.member import Member
from quanmin.exchange.template import template
from quanmin.exchange.template import terms as of_template
from quanmin.exchange.terms import Terms
from quanmin.settings import Settings
from quanmin.trust.column import BASE

from .parties import PLATFORM, Parties, Pen, wish

TODAY = date(2026, 11, 2)
REGIONS = standards.catalogue().regions
PUSH: dict[str, Any] = {"mode": "push", "operations": [], "case": False}
FILE = {**PUSH, "content": "file", "initiative": "provider"}


def made(**changed: Any) -> Terms:
    own = {"dataset": "health.death", "elements": ["name", "death_date"], "provider": "health_420000"}
    return Terms.read(
        {"where": {}, **wish(**{**own, **changed}), "id": "A-2026-0001", "version": 1, "authority": PLATFORM}
    )


def faults(terms: Terms, today: date = TODAY) -> list[type[Exception]]:
    return [type(one) for one in rule.faults(terms, today)]


def test_an_agency_of_a_division_gives_what_the_agency_has_and_of_its_division_only() -> None:
    assert faults(made(region="420000")) == faults(made(region="420106")) == []
    assert faults(made(**FILE)) == []  # files go as they are; the consumer looks at their rows
    assert faults(made(region="420000", provider="civil_affairs_420000")) == [ProviderWithout]
    assert faults(made(region="420000", provider="health_999999")) == [ProviderWithout]
    assert faults(made(provider="health", authority="nation")) == []  # as it always was


def test_the_base_is_the_platforms_also_where_it_is_of_a_division() -> None:
    base = {"dataset": BASE, "elements": ["name"], "provider": "health_420000"}
    assert faults(made(**base, region="420000")) == [ProviderWithout]
    own = replace(made(**base, region="420000"), authority="health_420000")
    assert faults(own) == [] and faults(replace(own, region=None)) == [DivisionOutside]


def test_where_files_are_pushed_and_requests_answered_no_terms_fit_both() -> None:
    both = {"content": "file", "mode": "both"}
    assert DivisionOutside in faults(made(**both)) and ModeUnfit in faults(made(**both, region="420000"))


def test_rows_that_belong_nowhere_are_given_without_a_division() -> None:
    lists = {"dataset": "insurance.catalogue", "provider": "insurance_420000", **PUSH}
    names = [one.name for one in standards.catalogue().dataset("insurance.catalogue").elements]
    assert faults(made(**lists, elements=names)) == []
    assert RowsUnfit in faults(made(**lists, elements=names, region="420000"))


@settings(max_examples=200, deadline=None)
@given(
    division=st.sampled_from(REGIONS.codes),
    region=st.one_of(st.none(), st.just("000000"), st.sampled_from(REGIONS.codes)),
    starts=st.dates(date(2010, 1, 1), date(2026, 12, 31)),
)
def test_terms_hold_where_the_division_is_one_then_and_the_rows_lie_in_it(
    division: str, region: str | None, starts: date
) -> None:
    told = faults(made(provider=f"health_{division}", region=region, starts=starts.isoformat()))
    rows = [row for row in REGIONS.rows if row.code == division and not row.identity]
    if not rows:
        assert ProviderWithout in told
        return
    day = max(starts, TODAY)
    stands = any((row.valid_from or date.min) <= day <= (row.valid_to or date.max) for row in rows)
    first = division[:2] if division[2:] == "0000" else division[:4] if division[4:] == "00" else division
    within = region is not None and region.startswith(first)
    assert (DivisionOver not in told, DivisionOutside not in told) == (stands, within)


def test_a_consumer_of_a_division_that_ended_is_given_nothing_new() -> None:
    [error] = rule.faults(made(provider="health", consumer="cdc_371200"), TODAY)
    assert isinstance(error, DivisionOver)
    told = {"member": "cdc_371200", "division": "371200", "day": "2026-11-02", "successors": "370100, 370116"}
    assert error.fields == told
    assert faults(made(provider="health", consumer="cdc_371200", starts="2019-06-01"), date(2019, 5, 1)) == []


def test_what_is_in_force_goes_on_when_the_division_ends_and_nothing_new_is_agreed(tmp_path: Path) -> None:
    parties, name = Parties(Settings(home=tmp_path)), "health_371200"
    parties.now = datetime(2019, 12, 1, 1, tzinfo=UTC)
    parties.pens[name] = Pen(name)
    members = {
        one: Member(one, one, one, None, (replace(pen.public(), since=parties.now - timedelta(9)),))
        for one, pen in parties.pens.items()
    }
    parties.directory = replace(parties.directory, members=members)
    days = {"starts": "2019-12-01", "until": "2021-11-30"}
    told = {"dataset": "health.death", "elements": ["name", "death_date"], "provider": name, "region": "371200"}
    terms = parties.in_force(**told, **days)
    waiting = parties.answered(**told, **days)
    parties.now = datetime(2020, 6, 1, 1, tzinfo=UTC)
    parties.office.tick()
    assert parties.office.course(name, terms.id).state == "in_force"
    with pytest.raises(DivisionOver):
        parties.sign(name, waiting)
    parties.office.revise(name, terms.id, {"until": "2022-11-30"})
    with pytest.raises(DivisionOver):
        parties.office.request(name, terms.id)
    parties.office.suspend(name, terms.id, "moved")
    assert parties.office.resume(name, terms.id).state == "in_force"


def test_an_item_of_the_table_taken_over_by_a_division_says_which_rows() -> None:
    days = (date(2026, 11, 1), date(2027, 10, 31))
    own = of_template(
        template(4), *days, "A-2026-0004", authority="nation", provider="health_420000", consumer="nation"
    )
    assert own.region == "420000" and rule.faults(own, TODAY) == []
    lists = of_template(template(16), *days, "A-2026-0016", provider="insurance_420000", consumer="health")
    assert lists.region is None and rule.faults(lists, TODAY) == []
    assert of_template(template(4), *days, "A-2026-0004").region is None
