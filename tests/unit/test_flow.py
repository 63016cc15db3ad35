"""The map: every stage is a package or part of one, patterns mean what they say, and a whole run reads what stands there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from quanmin import collect, demo, measures, population, standards, trust
from quanmin.exchange.intake import standing
from quanmin.flow import STAGES, ZONES, stage
from quanmin.lake import Lake, Session
from quanmin.population.review import merge
from quanmin.programs.vital import national
from quanmin.programs.vital.birth import crosscheck, newborn, registration
from quanmin.programs.vital.death import activity
from quanmin.settings import Settings

MONTHLY = "cdc.notifiable_disease_monthly"
CASES = "month,disease,cases,deaths,region\n2010-01,Tuberculosis,5,1,110000\n2010-02,Tuberculosis,5,9,110000\n"

BILLS = (
    "settlement_no,line_no,citizen_number,name,visit,institution_code,item_name,amount,settled_on\n"
    "SETTLED00001,1,13010219500301001X,某人,3,MA0000001,阿司匹林,9.5,2015-06-01\n"
)


class Run(NamedTuple):
    """What a whole run read and wrote, by stage: rows that were looked at, and what the lake and the ledger noted."""

    read: dict[str, set[str]]
    touched: dict[str, dict[str, set[str]]]
    lineage: list[Any]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The demo on a small province, and one dataset beside the base, with its feedback."""
    read: dict[str, set[str]] = defaultdict(set)
    lakes: list[Lake] = []
    version, open_lake = Session._version, Lake.open

    def noted(session: Session, table: str) -> int:
        read[session.stage.name].add(table)
        return version(session, table)

    def opened(settings: Settings) -> Lake:
        lakes.append(open_lake(settings))
        return lakes[-1]

    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "_version", noted)
        patch.setattr(Lake, "open", opened)
        demo.run(Settings(home=home), 300, 7, lambda text: None)
        [lake] = lakes
        collect_cases(lake, home)
        merge_two(lake)
        births(lake)
        assert measures.compute(lake).figures
        collect_bill(lake, home)
        activity.look(lake)
        population.export_feedback(lake, "cdc", home / "feedback")
        standing.errors(lake, MONTHLY, "cdc", [collect_cases(lake, home), collect_cases(lake, home, "5,3")], {})
        check_certificates(lake, home)
    yield Run(read, lake.touched, lake.lineage())
    lake.close()


def merge_two(lake: Lake) -> None:
    """Two numbers as a review found them to be one person's, and the build that follows."""
    with lake.session("linkage") as session:
        query = f"SELECT person_key FROM {session.relation('linked.person')} ORDER BY 1 LIMIT 2"
        [(surviving,), (old,)] = session.connection.execute(query).fetchall()
    with lake.ledger.writing() as connection:
        merge.make(lake, connection, old, surviving, 0, "reviewer")
    assert not population.build(lake).full


def births(lake: Lake) -> None:
    """Newborns joined, certificates and base checked against each other, the cohorts counted."""
    newborn.join(lake, date(2026, 11, 29))
    assert crosscheck.crosscheck(lake, date(2026, 11, 29)).births > 0
    assert registration.completeness(lake, 2014, 2014)[0].joined > 0


def collect_cases(lake: Lake, home: Path, corrected: str = "5,9") -> int:
    """One file of a dataset that is not about persons; its batch."""
    (home / "cases.csv").write_text(CASES.replace("5,9", corrected), "utf-8")
    receipt = collect.collect(lake, MONTHLY, home / "cases.csv", "cdc", trust.local_administrator())
    assert receipt.accepted == 2
    return receipt.batch


def collect_bill(lake: Lake, home: Path) -> None:
    """One file of a dataset about persons that the base is not made from."""
    (home / "bills.csv").write_text(BILLS, "utf-8")
    assert collect.collect(
        lake, "insurance.settlement", home / "bills.csv", "insurance", trust.local_administrator()
    ).accepted


CERTIFICATES = {
    "holder": "code,name,level,valid_from\n00,Nation,1,2014-01-01\n",
    "stock": "action_no,kind,to_org,edition,letter,first_serial,last_serial,quantity,occurred_on,reported_on\n"
    "110000000001,1,00,7,V,110000001,110000009,9,2024-01-02,2024-01-02\n",
    "issue": "action_no,kind,certificate_no,newborn,edition,institution_code,issued_on,reported_on\n"
    f"110000000001,1,V110000001,{'0' * 64},7,00,2024-01-03,2024-01-03\n",
}


def check_certificates(lake: Lake, home: Path) -> None:
    """The least that the check of birth certificates needs."""
    for name, text in CERTIFICATES.items():
        (home / "certificates.csv").write_text(text, "utf-8")
        dataset = f"health.certificate_{name}"
        collect.collect(lake, dataset, home / "certificates.csv", "health", trust.local_administrator())
    assert national.check(lake).certificates == 1


def test_every_table_of_the_map_lies_in_a_zone():
    tables = [table for s in STAGES for table in (*s.reads, *s.writes)]
    assert {table.split(".")[0] for table in tables} <= set(ZONES)


def test_a_stage_may_touch_only_what_it_declares():
    collect = stage("collect")
    assert collect.may_write("clean.health.birth")
    assert not collect.may_write("linked.person")
    assert not collect.may_read("linked.person")
    assert stage("population").may_read("clean.health.birth")
    assert not stage("population").may_write("clean.health.birth")
    assert stage("population").may_read("linked.person")


def test_an_unknown_stage_is_a_key_error():
    with pytest.raises(KeyError):
        stage("nowhere")


def matched(patterns: tuple[str, ...], tables: set[str]) -> set[str]:
    """The patterns that some table meets."""
    return {pattern for pattern in patterns if any(fnmatchcase(table, pattern) for table in tables)}


@pytest.mark.parametrize("declared", STAGES, ids=lambda one: one.name)
def test_a_stage_reads_and_writes_what_the_map_says_and_all_of_it(run, declared):
    """Both ways: nothing is touched that the map does not say, and the map says nothing that no run touches."""
    read, wrote = run.read[declared.name], run.touched[declared.name]["writes"]
    assert read <= run.touched[declared.name]["reads"] | wrote
    others = {table for table in read if not any(fnmatchcase(table, pattern) for pattern in declared.writes)}
    assert {table for table in others if not any(fnmatchcase(table, one) for one in declared.reads)} == set()
    assert matched(declared.reads, others) == set(declared.reads)
    assert {table for table in wrote if not any(fnmatchcase(table, one) for one in declared.writes)} == set()
    assert matched(declared.writes, wrote) == set(declared.writes)


def test_the_base_reads_every_dataset_that_an_item_names_and_no_other(run):
    persons = {f"clean.{one.id}" for one in standards.catalogue().sources}
    assert {table for table in run.read["population"] if table.startswith("clean.")} == persons


def test_feedback_reads_flags_of_what_is_not_about_persons_and_never_a_person(run):
    flagged = {table for table in run.read["feedback"] if table.startswith("clean.")}
    assert all(standards.catalogue().dataset(table.removeprefix("clean.")).person is None for table in flagged)
    assert f"clean.{MONTHLY}" in flagged
    linked = {"linked.activity", "linked.birth_finding", "linked.discrepancy"}
    assert {table for table in run.read["feedback"] if table.startswith("linked.")} == linked


def test_the_lineage_tells_the_same_reads(run):
    for declared in STAGES:
        told = {table for line in run.lineage if line.stage == declared.name for table in line.reads}
        assert told <= run.touched[declared.name]["reads"]
    last = [line for line in run.lineage if line.stage == "population"]
    assert {table for table in run.read["population"] if table.startswith("clean.")} <= set(last[-1].reads)
