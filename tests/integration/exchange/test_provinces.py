"""Three provinces push their month to the nation over real sockets: each is kept, answered, corrected and owed for by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from tests.unit.programs.vital.birth.hospital import Desk

from quanmin import collect, standards
from quanmin.demo_exchange import Ministry, agree
from quanmin.exchange.delivery import fetching, outbox, taking, transfer
from quanmin.exchange.intake import feedback, kept
from quanmin.exchange.member import enrolment, known
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.opening import opened
from quanmin.exchange.terms import Terms
from quanmin.lake import Lake
from quanmin.ledger.blank import HolderRow
from quanmin.programs.vital import holder, national
from quanmin.programs.vital.certificate import desk as writing
from quanmin.programs.vital.number import text
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push import answers, bundle, owing_below, package, send, yearly
from quanmin.programs.vital.push.month import of
from quanmin.settings import Settings
from quanmin.trust import local_administrator

from .conftest import _again, _listening

SOUND, FAULTY, LATE = "health_370000", "health_420000", "health_430000"
"""Shandong, whose month is right; Hubei, which misplaces a hospital; Hunan, which forgets.

Hunan's register stands in a home of its own, as where it is the platform of the province's exchange: another home is its node.
"""
NAMES = (SOUND, FAULTY, LATE)
HOLDERS, STOCK, SUMS = "health.certificate_holder", "health.certificate_stock", "health.certificate_balance"
NOW = dt.datetime.now(dt.UTC)
FIRST = NOW.date().replace(day=1)
PUSHED = of(FIRST - dt.timedelta(days=1))
"""The month that is pushed is the last one, whenever this is run."""
BEFORE = of(PUSHED.first - dt.timedelta(days=1))


@dataclass
class Province:
    """A commission with its ledger, its node and its agreements with the nation; `card` is owed of that certificate."""

    name: str
    node: Node
    office: Office
    terms: dict[str, Terms]
    card: int

    def push(self) -> str:
        """The package of the month, made and sent; its name."""
        path = package(self.office, str(PUSHED))
        send(self.node, self.office, self.node.agreements.all(), path)
        return path.stem

    def correct(self, name: str) -> str:
        path = package(self.office, str(PUSHED), correction_of=name)
        send(self.node, self.office, self.node.agreements.all(), path)
        return path.stem


@dataclass
class Country:
    """The nation's node and the provinces'."""

    nation: Node
    provinces: dict[str, Province]

    def run(self) -> None:
        """Everybody works until nothing is on its way; a province without an address fetches."""
        nodes = [self.nation, *(one.node for one in self.provinces.values())]
        for _ in range(40):
            for node in nodes:
                transfer._polled.clear()
                taking._later.clear()
                transfer.work(node)
                if node.settings.exchange_origin is None:
                    fetching.work(node)
                taking.work(node)
            if not [one for node in nodes for one in node.ledger.find("exchange_delivery", states=transfer.ACTIVE)]:
                return
        raise AssertionError("something does not arrive")

    def told(self, dataset: str) -> dict[str, tuple[int, int]]:
        """The nation looks for errors in what came of a dataset: told and closed, by province."""
        rounds = {one.name: feedback.tell(self.nation, one.terms[dataset]) for one in self.provinces.values()}
        self.run()
        return {name: (one.told, one.closed) for name, one in rounds.items()}

    def owed(self) -> list[tuple[str, str, bool]]:
        return [(one.member, str(one.month), one.late) for one in owing_below(self.nation)]

    def rows(self, dataset: str, columns: str) -> list[tuple[Any, ...]]:
        """Live rows at the nation."""
        with self.nation.lake.session("certificates") as session:
            query = f"SELECT {columns} FROM {session.live(dataset)} AS r ORDER BY ALL"
            return session.connection.sql(query).fetchall()


@pytest.fixture
def country(tmp_path: Path) -> Iterator[Country]:
    """Certificates were issued last month; then everybody is enrolled and every part of a package is agreed on."""
    own = _settings(tmp_path, "hunan").model_copy(update={"member": "health"})
    registers = {name: own if name == LATE else _settings(tmp_path, name) for name in NAMES}
    cards = {name: _issued(settings, name) for name, settings in registers.items()}
    with ExitStack() as stack:
        there = _settings(tmp_path, "nation")
        lake = stack.enter_context(Lake.open(there))
        enrolment.found(lake.ledger, there, local_administrator())
        _, listener = _listening(stack, there)
        there = there.model_copy(update={"exchange_origin": listener.origin})
        nation, listener = _again(stack, there, listener)
        nodes = {name: _joined(stack, tmp_path, name, nation, listener.origin) for name in NAMES}
        nation.directory.forget()
        for node in nodes.values():
            known.renew(node)  # by itself a node asks every ten seconds
        ministry = Ministry(nation, nodes, {})
        provinces = {}
        for name, node in nodes.items():
            terms = {dataset: agree(ministry, _wish(name, dataset)) for dataset in bundle.PARTS}
            lake = stack.enter_context(Lake.open(own)) if name == LATE else node.lake
            provinces[name] = Province(name, node, Office(lake.ledger, lake.settings), terms, cards[name])
        yield Country(nation, provinces)


def _settings(folder: Path, member: str, **more: Any) -> Settings:
    return Settings(home=folder / member, member=member, buckets=1, exchange_chunk_bytes=4096, **more)


def _issued(settings: Settings, name: str) -> int:
    """A province's last month: a certificate with its card, and the number of one whose card is not reported."""
    at = dt.datetime.combine(PUSHED.first + dt.timedelta(days=9), dt.time(4), dt.UTC)
    with Lake.open(settings) as lake:
        place = Desk(settings.home, lake, at, stem=name[7:9])
        place.issue()
        return place.issue(place.application(order=4), card=False)


def _joined(stack: ExitStack, folder: Path, name: str, nation: Node, origin: str) -> Node:
    """A province's node: the first has an address, the others fetch what is for them."""
    own = _settings(folder, name, exchange_platform=origin)
    if name != NAMES[0]:
        enrolment.join(own, _admitted(nation, own))
        return stack.enter_context(opened(own))
    enrolment.join(own, _admitted(nation, own.model_copy(update={"exchange_origin": "https://127.0.0.1:1"})))
    _, listener = _listening(stack, own)
    own = own.model_copy(update={"exchange_origin": listener.origin})
    enrolment.join(own, _admitted(nation, own))
    return _again(stack, own, listener)[0]


def _admitted(nation: Node, settings: Settings) -> dict[str, Any]:
    return enrolment.admit(nation.ledger, nation.settings, local_administrator(), enrolment.asked(settings))


def _wish(name: str, dataset: str) -> dict[str, Any]:
    told = standards.catalogue().dataset(dataset)
    starts = BEFORE.first if name == LATE else PUSHED.first
    return {
        "item": dataset.partition(".")[2],
        "title_zh": f"{told.title.zh}上报",
        "title_en": f"{told.title.en}, pushed upward",
        "provider": name,
        "consumer": "nation",
        "dataset": dataset,
        "elements": [one.name for one in told.elements],
        "mode": "push",
        "content": "file",
        "initiative": "provider",
        "frequency": "monthly",
        "legal_basis": "国卫办妇幼函〔2015〕279号",
        "starts": starts.isoformat(),
        "until": (NOW.date() + dt.timedelta(days=365)).isoformat(),
        "purpose": "sharing",
    }


def _misplace(province: Province, region: str) -> None:
    """Somebody wrote a hospital into the register under another province."""
    with province.node.ledger.writing() as connection:
        connection.execute(update(HolderRow).where(HolderRow.code == "124201020").values(region=region))


def test_three_provinces_push_are_answered_corrected_and_owed_for_each_by_itself(
    country: Country, tmp_path: Path
) -> None:
    sound, faulty, late = (country.provinces[name] for name in NAMES)
    overdue = NOW.date() > PUSHED.due
    assert {one.provider for one in country.nation.agreements.all()} == {*NAMES}
    assert set(country.owed()) == {(LATE, str(BEFORE), True), *((name, str(PUSHED), overdue) for name in NAMES)}

    # two of them push; one has a hospital in another province
    _misplace(faulty, "430102")
    names = {one.name: one.push() for one in (sound, faulty)}
    country.run()
    assert names == {name: f"{name}-{PUSHED}-1" for name in (SOUND, FAULTY)}
    assert country.owed() == [(LATE, str(BEFORE), True), (LATE, str(PUSHED), overdue)]
    refused = {one.dataset: one.quarantined for one in answers(faulty.node, faulty.office, names[FAULTY])}
    assert {dataset: count for dataset, count in refused.items() if count} == {HOLDERS: 1}
    assert {one.quarantined or 0 for one in answers(sound.node, sound.office, names[SOUND])} == {0}
    assert country.rows(STOCK, "DISTINCT _source, action_no // 10000000000") == [(SOUND, 37), (FAULTY, 42)]

    # the error goes back to whom it belongs to, and is closed by a correction
    assert country.told(HOLDERS) == {SOUND: (0, 0), FAULTY: (1, 0), LATE: (0, 0)}
    assert [len(kept.listing(one.node)) for one in (sound, faulty, late)] == [0, 1, 0]
    [part] = [one for one in answers(faulty.node, faulty.office, names[FAULTY]) if one.told]
    assert (part.dataset, part.told, part.closed) == (HOLDERS, 1, 0)
    [line] = kept.show(faulty.node, kept.listing(faulty.node)[0].delivery).lines
    assert line["file"].startswith(f"{FAULTY}-{PUSHED}-1") and line["element"] == "region"
    holder.move(faulty.office, "124201020", "420102")
    faulty.correct(names[FAULTY])
    country.run()
    assert country.told(HOLDERS) == {SOUND: (0, 0), FAULTY: (0, 1), LATE: (0, 0)}
    assert ("124201020", FAULTY) in country.rows(HOLDERS, "code, _source")

    # the third comes late; what it never pushed stays owed
    assert late.push() == f"health-{PUSHED}-1"  # as the home with the register calls itself
    country.run()
    assert {one.state for one in answers(late.node, late.office, f"health-{PUSHED}-1")} == {"acknowledged"}
    assert country.owed() == [(LATE, str(BEFORE), True)]
    places = country.rows(HOLDERS, "_source, code")
    assert {name: sum(source == name for source, _ in places) for name in NAMES} == dict.fromkeys(NAMES, 4)
    assert _broken(country, tmp_path) == {"card.late": 3, "issue.unreported": 3}

    # a card that came late goes upward with the corrections of the year, of one province alone
    before = country.rows("health.certificate_issue", "_source, certificate_no, reported_on")
    writing.card(sound.office, sound.card)
    [path] = yearly(sound.office, PUSHED.year)
    send(sound.node, sound.office, sound.node.agreements.all(), path)
    country.run()
    after = country.rows("health.certificate_issue", "_source, certificate_no, reported_on")
    changed = {row[:2] for row in {*after} ^ {*before}}
    assert changed == {(SOUND, text(sound.card))} and len(after) == len(before) == 6
    births = country.rows("health.birth", "_source, certificate_no")
    assert [source for source, _ in births] == [SOUND, SOUND, FAULTY, LATE]
    assert yearly(faulty.office, PUSHED.year) == []


def test_a_province_cannot_take_the_place_of_anothers_rows(country: Country, tmp_path: Path) -> None:
    sound, faulty, _ = (country.provinces[name] for name in NAMES)
    sound.push()
    country.run()
    held = country.rows(STOCK, "_source, action_no, quantity")
    found, count = _sent_again(country, faulty, STOCK, tmp_path)
    assert found == (0, count) and country.rows(STOCK, "_source, action_no, quantity") == held
    assert country.told(STOCK) == {SOUND: (0, 0), FAULTY: (count, 0), LATE: (0, 0)}
    [one] = kept.listing(faulty.node)
    assert {line["element"] for line in kept.show(faulty.node, one.delivery).lines} == {"action_no"}
    assert kept.listing(sound.node) == []
    # the sums tell no division by themselves: there the row that stands is kept
    sums = country.rows(SUMS, "_source, holder, closing")
    found, count = _sent_again(country, faulty, SUMS, tmp_path)
    assert found == (0, count) and country.rows(SUMS, "_source, holder, closing") == sums
    overdue = NOW.date() > PUSHED.due  # of a month whose sums were all refused nothing came
    assert (SOUND, str(PUSHED), overdue) not in country.owed() and (FAULTY, str(PUSHED), overdue) in country.owed()


def _sent_again(country: Country, by: Province, dataset: str, folder: Path) -> tuple[tuple[int, int], int]:
    """Another province sends what the first did: accepted and quarantined, and how many rows there were."""
    content, rows = bundle.contents(country.provinces[SOUND].office, PUSHED)[dataset]
    path = folder / f"{by.name}-{PUSHED}-1.{dataset}.csv"
    path.write_bytes(content + b"\n")  # other bytes, the same rows
    sent = outbox.send(by.node, by.terms[dataset], path, "file", file=path.name, form="csv", dataset=dataset, rows=rows)
    country.run()
    done = by.node.ledger.get(sent.id)
    assert done.state == "acknowledged", done.data
    return (done.data["accepted"], done.data["quarantined"]), rows


def _broken(country: Country, folder: Path) -> dict[str, int]:
    """Which rules of the national register are broken, once the nation knows itself among the holders."""
    (folder / "nation.csv").write_text("code,name,level,valid_from\n100000,国家卫生健康委,1,1996-01-01\n", "utf-8")
    lake = country.nation.lake
    collect.collect(lake, HOLDERS, folder / "nation.csv", "health", local_administrator())
    counts = national.check(lake, today=PUSHED.due + dt.timedelta(days=10)).counts
    return {rule: count for rule, count in counts.items() if count}
