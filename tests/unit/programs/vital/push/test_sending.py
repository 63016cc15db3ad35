"""A package on its way to the level above: taken in there, checked there, its errors told and corrected, what is owed told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.exchange.delivery.network import Pair, pair
from tests.unit.exchange.intake.conftest import TERMS
from tests.unit.programs.vital.birth.hospital import COUNTY, FIRST, OCTOBER, Desk, october

from quanmin import collect, standards
from quanmin.exchange.delivery import outbox, taking, transfer
from quanmin.exchange.intake import collecting, feedback, kept
from quanmin.exchange.terms import Terms
from quanmin.programs.vital import holder, national
from quanmin.programs.vital.blank import loss
from quanmin.programs.vital.certificate import desk as writing
from quanmin.programs.vital.number import Span, text
from quanmin.programs.vital.push import answers, bundle, month, owing, owing_below, package, read_package, send
from quanmin.programs.vital.push.errors import NotAgreed
from quanmin.trust import local_administrator

NOVEMBER = dt.datetime(2026, 11, 4, 4, tzinfo=dt.UTC)


def agreements() -> list[Terms]:
    """One for each part, between the province (`health`, as an agency) and the nation."""
    made = []
    for place, dataset in enumerate(bundle.PARTS, 1):
        elements = tuple(one.name for one in standards.catalogue().dataset(dataset).elements)
        sides = {"provider": "health", "consumer": "nation", "authority": "nation"}
        days = {"starts": dt.date(2026, 9, 1)}
        made.append(replace(TERMS, id=f"A-2026-000{place}", dataset=dataset, elements=elements, **sides, **days))
    return made


class Upward:
    """A province with its hospital, the nation, and what is between them."""

    def __init__(self, made: Pair, terms: list[Terms]) -> None:
        self.pair, self.terms = made, terms
        self.desk = Desk(Path(), made.provider.lake)
        self.at(OCTOBER)
        for node in (made.provider, made.consumer):
            agreed: Any = node.agreements
            agreed.terms = {one.cited: one for one in terms}
        taking.TAKERS.update({"file": collecting.take, "correction": collecting.take, "feedback": kept.keep})

    def at(self, moment: dt.datetime) -> None:
        self.desk.at = self.pair.clock[0] = moment

    def send(self, path: Path) -> dict[str, str]:
        sent = send(self.pair.provider, self.desk.office, self.terms, path)
        self.run()
        return sent

    def broken(self, folder: Path) -> dict[str, int]:
        """How many rows break which rule of the nation, once it knows itself among the holders."""
        lake = self.pair.consumer.lake
        (folder / "nation.csv").write_text("code,name,level,valid_from\n100000,国家卫生健康委,1,1996-01-01\n", "utf-8")
        itself = folder / "nation.csv"
        collect.collect(lake, "health.certificate_holder", itself, "health", local_administrator())
        counts = national.check(lake, today=self.desk.at.date()).counts
        return {rule: count for rule, count in counts.items() if count}

    def run(self) -> None:
        for _ in range(12):
            for node in (self.pair.provider, self.pair.consumer):
                transfer._polled.clear()
                taking._later.clear()
                transfer.work(node)
            for node in (self.pair.provider, self.pair.consumer):
                taking.work(node)


@pytest.fixture
def upward(tmp_path: Path) -> Iterator[Upward]:
    terms = agreements()
    with pair(tmp_path / "homes", terms[0]) as made:
        yield Upward(made, terms)


def test_a_month_is_sent_taken_in_and_holds_all_invariants_above(upward, tmp_path):
    place, nation = upward.desk, upward.pair.consumer
    first = place.issue()
    place.exchange(first, place.application(name="王晓明"))
    loss.void(place.office, COUNTY, Span(FIRST + 950, FIRST + 950), "damaged")
    assert owing(place.office) == []
    upward.at(NOVEMBER)
    assert [(str(one.month), one.late) for one in owing(place.office)] == [("2026-10", False)]
    assert [str(one.month) for one in owing_below(nation, month("2026-10"))] == ["2026-10"]
    path = package(place.office, "2026-10")
    sent = upward.send(path)
    assert sent.keys() == bundle.PARTS.keys()
    found = answers(upward.pair.provider, place.office, "health-2026-10-1")
    assert {(one.state, one.quarantined) for one in found} == {("acknowledged", 0)}
    assert [one.accepted for one in found] == [part.rows for part in read_package(path).parts]
    assert owing(place.office) == owing_below(nation, month("2026-10")) == []
    assert [(str(one.month), one.late) for one in owing_below(nation)] == [("2026-09", True)]
    assert upward.broken(tmp_path) == {}
    assert send(upward.pair.provider, place.office, upward.terms, path) == sent  # nothing is sent again


def test_everything_that_a_month_can_hold_is_understood_above(upward, tmp_path):
    october(upward.desk)
    upward.at(dt.datetime(2026, 11, 6, 4, tzinfo=dt.UTC))
    upward.send(package(upward.desk.office, "2026-10"))
    # one certificate without its card: that is found, and nothing else
    assert upward.broken(tmp_path) == {"card.late": 1, "issue.unreported": 1}


def test_what_comes_late_is_a_correction_that_takes_the_place_of_the_first(upward):
    place, nation = upward.desk, upward.pair.consumer
    one = place.issue(card=False)
    upward.at(NOVEMBER)
    first = upward.send(package(place.office, "2026-10"))
    assert "health.birth" not in first  # no card, no birth
    [empty] = [part for part in answers(upward.pair.provider, place.office, "health-2026-10-1") if not part.rows]
    assert (empty.dataset, empty.state) == ("health.birth", "empty")
    writing.card(place.office, one)
    path = package(place.office, "2026-10", correction_of="health-2026-10-1")
    second = upward.send(path)
    told = {name: outbox.of(upward.pair.provider, ref).data["manifest"] for name, ref in second.items()}
    assert told["health.certificate_issue"]["content"] == "correction"
    assert told["health.certificate_issue"]["answers"] == first["health.certificate_issue"]
    assert told["health.birth"]["content"] == "file"
    with nation.lake.session("certificates") as session:
        rows = session.connection.sql(
            f"SELECT certificate_no, reported_on FROM {session.live('health.certificate_issue')} AS r"
        ).fetchall()
    assert rows == [(text(one), NOVEMBER.date())]


def test_errors_that_the_level_above_finds_are_shown_here(upward):
    place = upward.desk
    holder.add(place.office, "123701021", "很长的名称" * 21, "institution", COUNTY, COUNTY)
    place.issue()
    upward.at(NOVEMBER)
    sent = upward.send(package(place.office, "2026-10"))
    [terms] = [one for one in upward.terms if one.dataset == "health.certificate_holder"]
    feedback.tell(upward.pair.consumer, terms)
    upward.run()
    [found] = [one for one in answers(upward.pair.provider, place.office, "health-2026-10-1") if one.told]
    assert (found.dataset, found.delivery, found.told, found.closed) == (terms.dataset, sent[terms.dataset], 1, 0)


def test_what_is_not_agreed_on_is_not_sent_and_nothing_else_is_either(upward):
    place = upward.desk
    place.issue()
    upward.at(NOVEMBER)
    path = package(place.office, "2026-10")
    births = next(one for one in upward.terms if one.dataset == "health.birth")
    less = replace(births, elements=tuple(one for one in births.elements if one != "mother_number"))
    with pytest.raises(NotAgreed):
        upward.terms = [one if one is not births else less for one in upward.terms]
        upward.send(path)
    assert upward.pair.provider.ledger.find("exchange_delivery") == []


@pytest.mark.parametrize("other", [{"provider": "health_420000"}, {"content": "change"}, {"mode": "request"}])
def test_an_agreement_of_another_or_on_something_else_is_not_the_way_upward(upward, other):
    place = upward.desk
    place.issue()
    upward.at(NOVEMBER)
    upward.terms = [replace(one, **other) if one.dataset == "health.birth" else one for one in upward.terms]
    with pytest.raises(NotAgreed):
        upward.send(package(place.office, "2026-10"))
    assert upward.pair.provider.ledger.find("exchange_delivery") == []


def test_a_kill_between_two_parts_goes_on_with_the_rest(upward, monkeypatch):
    place = upward.desk
    place.issue()
    upward.at(NOVEMBER)
    path, calls = package(place.office, "2026-10"), []

    def killed(*given: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return outbox_send(*given, **more)

    outbox_send = outbox.send
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(outbox, "send", killed)
        upward.send(path)
    assert [one.late for one in owing(place.office)] == [False]
    assert len(upward.send(path)) == 5
    assert len(upward.pair.provider.ledger.find("exchange_delivery")) == 5
