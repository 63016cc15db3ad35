"""Questions of the base, on the command line and in Python, by people who signed in: their own rows, or a clear no."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin import collect, installation, population, standards, synth, trust
from quanmin.cli import app, questions
from quanmin.cli import population as commands
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.settings import Settings
from quanmin.standards import kernels
from quanmin.trust import Actor
from quanmin.trust.circumstance import Circumstances
from quanmin.trust.errors import AccessDenied, CaseMissing
from quanmin.trust.identity import account
from quanmin.trust.keys.errors import RoleMissing

HOSPITAL = "city-hospital"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small base."""
    folder = tmp_path_factory.mktemp("asked")
    synth.write(folder / "files", 300, 7, formats="parquet")
    with Lake.open(Settings(home=folder / "home", buckets=4)) as lake:
        for dataset in standards.catalogue().datasets.values():
            for file in (folder / "files").glob(f"{dataset.id}.*"):
                collect.collect(lake, dataset.id, file, dataset.steward, trust.local_administrator())
        population.build(lake)
    return folder / "home"


@pytest.fixture
def lake(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    monkeypatch.setenv("QUANMIN_HOME", str(home))
    monkeypatch.setenv("QUANMIN_BUCKETS", "4")
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    with Lake.open(Settings()) as opened:
        yield opened


@pytest.fixture
def people(lake: Lake) -> list[str]:
    """The numbers of the first two of the base."""
    with lake.session("population") as session:
        query = f"SELECT person_key FROM {session.relation('linked.person')} ORDER BY person_key LIMIT 2"
        keys = session.connection.sql(query).to_arrow_table()["person_key"]
    return [str(number) for number in kernels.decode(keys.combine_chunks()).to_pylist()]


def somebody(role: str, kind: Any = "clinician", **more: Any) -> Actor:
    known: dict[str, Any] = {"organisation": HOSPITAL, "region": "000000", "assurance": 2, "mfa": True, **more}
    return Actor(f"one-{role}", frozenset({role}), kind=kind, **known)


def ask(monkeypatch: pytest.MonkeyPatch, actor: Actor, *words: str) -> Any:
    """The JSON answer to somebody, or the error."""
    for module in (questions, commands):
        monkeypatch.setattr(module, "operator", lambda: actor)
    done = CliRunner().invoke(app, ["population", *words, "--json"])
    return json.loads(done.stdout) if done.exit_code == 0 else done.exception


def test_who_treats_a_person_reads_that_history_and_no_other(
    lake: Lake, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts, doctor = Circumstances.open(lake.ledger, lake.settings), somebody("clinician")
    nurse, until = somebody("nurse"), dt.date.today() + dt.timedelta(days=3)
    asked = ("--purpose", "treatment", "--case", "C-1")
    for command in ("history", "identifiers", "show"):
        assert isinstance(ask(monkeypatch, doctor, command, people[0], *asked), AccessDenied), command
    care = facts.open_care(nurse, people[0], until)
    told = ask(monkeypatch, doctor, "history", people[0], *asked)
    assert told["records"] and told["changes"]
    [card] = ask(monkeypatch, doctor, "identifiers", people[0], *asked)["people"]
    assert card["person"] == people[0] and card["identifiers"]
    assert ask(monkeypatch, doctor, "show", people[0], *asked)["items"]
    assert isinstance(ask(monkeypatch, doctor, "history", people[1], *asked), AccessDenied)
    with installation.Installation(Lake.open(lake.settings), doctor) as own:
        assert own.population.history(people[0], "treatment", "C-1")["records"]
        assert own.population.show(people[0], "treatment", "C-1")["items"]
        for refused in (own.population.show, own.population.history, own.population.identifiers):
            with pytest.raises(AccessDenied):
                refused(people[1], "treatment", "C-1")
    facts.end_care(nurse, care.id, "left")
    assert isinstance(ask(monkeypatch, doctor, "history", people[0], *asked), AccessDenied)


def test_a_citizen_reads_the_own_record_only(lake: Lake, people: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Circumstances.open(lake.ledger, lake.settings)
    own = account.subject_of(facts.registry, people[0])
    citizen = somebody("patient", "patient", organisation=None, region=None, subject=own)
    asked = ("--purpose", "own_record")
    assert ask(monkeypatch, citizen, "history", people[0], *asked)["records"]
    shown = ask(monkeypatch, citizen, "show", people[0], *asked)
    assert next(one["value"] for one in shown["items"] if one["item"] == "citizen_number") == people[0]
    for command in ("history", "show", "identifiers"):
        assert isinstance(ask(monkeypatch, citizen, command, people[1], *asked), AccessDenied), command
    assert isinstance(ask(monkeypatch, citizen, "find", "--name", "王伟", "--born", "1980", *asked), AccessDenied)


def test_a_case_that_is_missing_is_told(lake: Lake, people: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    officer = somebody("supervisor", "staff")
    sought = ("find", "--name", "王伟", "--born", "1980", "--purpose", "supervision")
    assert isinstance(ask(monkeypatch, officer, *sought), CaseMissing)
    assert "people" in ask(monkeypatch, officer, *sought, "--case", "C-1")
    stranger = somebody("statistician", "staff")
    assert isinstance(ask(monkeypatch, stranger, *sought), NotReadable | AccessDenied)
    assert not isinstance(ask(monkeypatch, stranger, *sought), CaseMissing)


def test_who_took_the_consent_back_is_in_no_research(
    lake: Lake, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = Circumstances.open(lake.ledger, lake.settings)
    columns = ("sex", "birth_date")
    with installation.Installation(Lake.open(lake.settings), trust.local_administrator()) as own:
        before = own.read("linked.person", columns, "research", "C-1").num_rows
        facts.consent(trust.local_administrator(), people[0], "research", given=False)
        assert own.read("linked.person", columns, "research", "C-1").num_rows == before - 1
        assert own.read("linked.person", columns, "supervision", "C-1").num_rows == before
        facts.consent(trust.local_administrator(), people[0], "research")
        assert own.read("linked.person", columns, "research", "C-1").num_rows == before


def test_whose_work_it_is_counts_in_python_too(lake: Lake, tmp_path: Path) -> None:
    before = lake.snapshot().id
    with installation.Installation(Lake.open(lake.settings), somebody("clinician")) as own:
        for work in (
            lambda: own.population.build(),
            lambda: own.population.link(),
            lambda: own.collect("health.birth", tmp_path / "x.csv", "health"),
            lambda: own.withdraw(1, "no"),
            lambda: own.feedback("health", tmp_path),
        ):
            with pytest.raises(RoleMissing):
                work()
        refused = [one.fields["actor"] for one in trust.audit.entries(own.lake.ledger, "refused")]
    assert refused[-5:] == ["one-clinician"] * 5 and lake.snapshot().id == before and not list(tmp_path.iterdir())
    with installation.Installation(Lake.open(lake.settings), somebody("operator", "staff")) as own:
        assert own.population.build().computed == 0
