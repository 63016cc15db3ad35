"""What a consumer may read under an agreement, through the gate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from quanmin import trust
from quanmin.exchange.agreement import decide
from quanmin.exchange.agreement.decision import consumer
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.settings import Settings
from quanmin.trust.circumstance import Circumstances
from quanmin.trust.errors import AccessDenied

from . import parties as names
from .cremations import DATASET, KEYS, fill, number
from .parties import Parties


@pytest.fixture
def held(settings: Settings) -> Iterator[tuple[Lake, Parties]]:
    with Lake.open(settings) as lake:
        fill(lake)
        yield lake, Parties(settings, lake.ledger)


def test_a_consumer_reads_the_agreed_elements_of_the_agreed_rows_and_nothing_else(held: tuple[Lake, Parties]) -> None:
    lake, parties = held
    terms = parties.in_force(region="370000", where={"disposal": ["1"]}, elements=["citizen_number", "death_date"])
    made = decide(lake, terms, "C-1")
    found = lake.read(made).fetch().to_pylist()
    assert [sorted(one) for one in found] == [["citizen_number", "death_date"]] * len(found)
    assert [one["citizen_number"] for one in found] == [number(KEYS[2]), number(KEYS[4])]
    assert (made.actor.organisation, made.actor.assurance, made.case) == (names.CONSUMER, 2, "C-1")
    wider = decide(lake, terms, "C-1", elements=["citizen_number", "name", "disposal", "person_key"])
    assert {one.name for one in wider.columns if one.outcome == "clear"} == {"citizen_number"}


def test_one_person_is_asked_for_by_number_within_the_agreed_rows(held: tuple[Lake, Parties]) -> None:
    lake, parties = held
    terms = parties.in_force(region="370000")
    [found] = lake.read(decide(lake, terms, "C-1", person=number(KEYS[1]))).fetch().to_pylist()
    assert found["citizen_number"] == number(KEYS[1])
    assert lake.read(decide(lake, terms, "C-1", person=number(KEYS[0]))).fetch().num_rows == 0


def test_without_the_case_that_was_agreed_nothing_is_shown_and_a_push_has_its_own(held: tuple[Lake, Parties]) -> None:
    lake, parties = held
    terms = parties.in_force()
    for case in (None, "", "  "):
        with pytest.raises(AccessDenied):
            lake.read(decide(lake, terms, case))
    assert lake.read(decide(lake, terms, delivery="D-1")).fetch().num_rows == len(KEYS)
    asked = parties.in_force(mode="request")
    assert not decide(lake, asked, delivery="D-1").allowed
    assert decide(lake, parties.in_force(case=False, operations=[], mode="push")).allowed


def test_comparing_is_answered_and_never_shown(held: tuple[Lake, Parties]) -> None:
    lake, parties = held
    comparing = {"purpose": "verification", "mode": "request", "operations": ["verify"], "frequency": "on_request"}
    made = decide(lake, parties.in_force(**comparing), "C-1", person=number(KEYS[0]))
    with pytest.raises(NotReadable):
        lake.read(made).fetch()
    assert lake.read(made).answers("name", lambda name: name == "name 0") == [True]


def test_nothing_is_shown_before_both_signed_nor_while_suspended_nor_outside_its_days(
    held: tuple[Lake, Parties],
) -> None:
    lake, parties = held
    agreement = parties.answered()
    terms = parties.office.terms(parties.office.course(names.CONSUMER, agreement))

    def shown() -> bool:
        return decide(lake, terms, "C-1").allowed

    assert not shown()
    parties.sign(names.CONSUMER, agreement)
    assert not shown()
    parties.sign(names.PROVIDER, agreement)
    assert shown()
    parties.office.suspend(names.PLATFORM, agreement, "核查")
    assert not shown()
    parties.office.resume(names.PLATFORM, agreement)
    assert shown()
    parties.now += timedelta(days=363)
    assert shown()
    parties.now += timedelta(days=1)
    assert not shown()
    parties.now = names.START - timedelta(days=2)
    assert not shown()


def test_terms_that_say_more_than_those_that_were_signed_show_no_more(held: tuple[Lake, Parties]) -> None:
    lake, parties = held
    terms = parties.in_force(elements=["death_date"], region="370000")
    other = parties.in_force(elements=["name"])
    claimed = replace(terms, elements=("death_date", "name"), region=None, case=False)
    made = decide(lake, claimed, "C-1")
    assert made.outcome("name") == "withheld"
    assert lake.read(made).fetch().num_rows == len([one for one in KEYS if str(one).startswith("37")])
    assert not decide(lake, replace(claimed, case=False)).allowed
    assert not decide(lake, replace(terms, version=2), "C-1").allowed
    assert not decide(lake, replace(terms, id="A-2026-0099"), "C-1").allowed
    assert not decide(lake, replace(terms, consumer=names.STRANGER), "C-1").allowed
    assert not decide(lake, replace(terms, purpose="supervision"), "C-1").allowed
    assert not decide(lake, replace(terms, dataset="health.death"), "C-1").allowed
    assert decide(lake, other, "C-1").outcome("death_date") == "withheld"


def test_an_agreement_helps_nobody_who_is_no_member_and_a_member_without_one_sees_nothing(
    held: tuple[Lake, Parties],
) -> None:
    lake, parties = held
    terms = parties.in_force()
    facts = Circumstances.open(lake.ledger, lake.settings)
    staff = replace(consumer(terms), roles=frozenset({"insurer"}))
    assert not facts.situation(staff, "sharing", DATASET, exchange=terms.cited).exchange
    member = consumer(terms)
    for purpose in trust.PURPOSES:
        made = trust.decide(lake.ledger, member, purpose, DATASET, terms.elements, "C-1")
        assert not made.allowed
    everything = trust.decide(
        lake.ledger, member, "open_data", "cdc.notifiable_disease_monthly", ["month", "cases"], None
    )
    assert not everything.allowed


@pytest.mark.parametrize("sides", [("provider",), ("consumer",), ("provider", "consumer")])
def test_a_document_that_says_in_force_needs_both_signatures_in_it(
    held: tuple[Lake, Parties], sides: tuple[str, ...]
) -> None:
    lake, parties = held
    terms = replace(parties.in_force(), id="A-2026-0077")
    names.place_in_force(lake.ledger, terms, *sides)
    assert decide(lake, terms, "C-1").allowed == (len(sides) == 2)


@pytest.mark.parametrize("cited", ["", "A-2026-0001", "A-2026-0001;v=", "A-2026-0001;v=one", ";v=1", "A-2026-0001;v=2"])
def test_what_cites_no_version_that_stands_is_no_fact(held: tuple[Lake, Parties], cited: str) -> None:
    lake, parties = held
    terms = parties.in_force()
    found = Circumstances.open(lake.ledger, lake.settings).situation(
        consumer(terms), "sharing", DATASET, exchange=cited
    )
    assert (found.exchange, found.bound, found.agreed) == (False, False, trust.Agreed())
