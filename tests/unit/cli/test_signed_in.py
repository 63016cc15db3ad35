"""People with accounts ask the base on the command line, from the first proof at the counter to the own record."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin import collect, population, standards, synth, trust
from quanmin.cli import app
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.settings import Settings
from quanmin.standards.identity import citizen_number
from quanmin.trust.errors import AccessDenied, CaseMissing
from quanmin.trust.identity import totp
from quanmin.trust.identity.errors import NotProven

from .test_facts import UNTIL, post
from .test_identity_work import WORD, Desk, desk

__all__ = ["desk"]
TREATMENT, OWN = ("--purpose", "treatment", "--case", "C-1"), ("--purpose", "own_record")
SOUGHT = ("find", "--name", "王伟", "--born", "1980")


@pytest.fixture
def people(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Number, name and address of two living people of a base that was built in the home."""
    monkeypatch.setenv("QUANMIN_BUCKETS", "4")
    synth.write(tmp_path / "files", 200, 7, formats="parquet")
    with Lake.open(Settings(home=desk.home)) as lake:
        for dataset in standards.catalogue().datasets.values():
            for file in (tmp_path / "files").glob(f"{dataset.id}.*"):
                collect.collect(lake, dataset.id, file, dataset.steward, trust.local_administrator())
        population.build(lake)
        with lake.session("population") as session:
            query = (
                f"SELECT person_key, name, registered_address AS place FROM {session.relation('linked.person')} "
                "WHERE registered_address IS NOT NULL AND death_date IS NULL ORDER BY person_key LIMIT 2"
            )
            found = session.connection.sql(query).to_arrow_table().to_pylist()
    return [{**one, "number": citizen_number.decode(one["person_key"])} for one in found]


def refused(error: type[Exception] | tuple[type[Exception], ...], *words: str) -> None:
    done = CliRunner().invoke(app, ["population", *words, "--json"])
    assert isinstance(done.exception, error), (words, done.output, done.exception)


@pytest.mark.slow
def test_doctor_citizen_and_officer_ask_for_what_is_theirs(desk: Desk, people: list[dict[str, Any]]) -> None:
    one, other = people[0]["number"], people[1]["number"]
    post(desk, "dr-li", "clinician", "clinician")
    refused(AccessDenied, "history", one, *TREATMENT)
    refused((AccessDenied, NotReadable), *SOUGHT, *TREATMENT)
    post(desk, "desk-one", "registrar")
    desk.run("trust", "care", "open", "--until", UNTIL, "--for", "dr-li", typed=f"{one}\n")
    desk.sits("dr-li")
    assert desk.run("population", "history", one, *TREATMENT, "--json")["records"]
    assert desk.run("population", "identifiers", one, *TREATMENT, "--json")["people"][0]["person"] == one
    refused(AccessDenied, "history", other, *TREATMENT)
    refused(AccessDenied, "identifiers", other, *TREATMENT)

    signed_in = enrolled(desk, people[0])
    assert desk.run("identity", "whoami", "--json")["account"] == signed_in
    assert desk.run("population", "history", one, *OWN, "--json")["records"]
    assert desk.run("population", "show", one, *OWN, "--json")["person"] == one
    refused(AccessDenied, "history", other, *OWN)
    refused(AccessDenied, "history", one, *TREATMENT)

    post(desk, "officer", "supervisor")
    refused(CaseMissing, *SOUGHT)
    assert "people" in desk.run("population", *SOUGHT, "--case", "C-1", "--json")


def enrolled(desk: Desk, person: dict[str, Any]) -> str:
    """The account of a citizen, proven at the counter, opened and signed in by commands."""
    post(desk, "clerk", "verifier")
    typed = f"{person['number']}\n{person['name']}\n"
    wrong = CliRunner().invoke(app, ["identity", "patients", "enrol"], input=f"{typed}elsewhere\n")
    assert isinstance(wrong.exception, NotProven)
    made = desk.run("identity", "patients", "enrol", "--json", typed=f"{typed}{person['place']}\n")
    desk.sits(None)
    opening = "\n".join([*made["codes"].split(" / "), WORD]) + "\n"
    seed = base64.b32decode(desk.run("identity", "activate", made["account"], "--json", typed=opening)["seed"])
    now = totp.step_of(datetime.now(UTC))
    desk.run("identity", "enrol", made["account"], typed=f"{WORD}\n{totp.code(seed, now)}\n")
    desk.run("identity", "sign-in", made["account"], typed=f"{WORD}\n{totp.code(seed, now + 1)}\n")
    return str(made["account"])
