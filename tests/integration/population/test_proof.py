"""Citizens are proven against the base: number, name and an address of one person; every failure looks alike and is counted."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from quanmin import collect, population, standards, synth, trust
from quanmin.cli import app, patients
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.population.errors import NotBuilt
from quanmin.population.inquiry import COMPARED
from quanmin.population.proof import DEATH, ITEMS, prover
from quanmin.settings import Settings
from quanmin.standards import kernels
from quanmin.standards.identity import citizen_number
from quanmin.trust import Actor, audit, identity
from quanmin.trust.errors import AccessDenied
from quanmin.trust.identity import Claim, account
from quanmin.trust.identity.errors import AccountTaken, Locked, NotFounded, NotProven
from quanmin.trust.keys.errors import RoleMissing

NUMBER, OTHER = "11010519491231002X", "440524188001010014"
DEAD = "11010519491231003" + citizen_number.check_character("11010519491231003")
NAME, PLACE = "李明", "北京市朝阳区胜利巷 1 号"


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    monkeypatch.setenv("QUANMIN_BUCKETS", "4")
    keys = kernels.read_numbers(pa.array([NUMBER, OTHER, DEAD])).key
    people: dict[str, Any] = {
        "bucket": pa.array(kernels.bucket_of(pa.array(keys), None, 4), pa.int32()),
        "person_key": pa.array(keys, pa.int64()),
        "name": [NAME, "欧阳娜娜", NAME],
        "birth_date": pa.array(["1949-12-31", "1880-01-01", "1949-12-31"]).cast(pa.date32()),
        "registered_address": [PLACE, "广东省汕头市 2 号", PLACE],
        "residence": pa.array([None, "广东省汕头市 3 号", ""], pa.string()),
        "death_date": pa.array([None, None, "2020-05-01"]).cast(pa.date32()),
    }
    with Lake.open(Settings()) as opened:
        with opened.session("population") as session:
            session.writer("linked.person", pa.table(people).schema, "bucket").write(pa.table(people))
            session.commit()
        yield opened


CLERK = Actor("a-clerk", frozenset({"verifier"}), "office", "110000", kind="staff", assurance=2, mfa=True)


@pytest.mark.parametrize(
    ("claim", "proven"),
    [
        (Claim(NUMBER, NAME, "registered_address", PLACE), True),
        (Claim(NUMBER.lower(), " 李 明", "registered_address", "北京市朝阳区胜利巷１号"), True),
        (Claim(OTHER, "欧阳娜娜", "residence", "广东省汕头市3号"), True),
        (Claim(NUMBER, "李月", "registered_address", PLACE), False),
        (Claim(NUMBER, NAME, "registered_address", "北京市朝阳区胜利巷 2 号"), False),
        (Claim(OTHER, NAME, "registered_address", PLACE), False),
        (Claim("110105194912310054", NAME, "registered_address", PLACE), False),  # nobody's
        (Claim(DEAD, NAME, "registered_address", PLACE), False),
        (Claim(DEAD, NAME, "residence", ""), False),  # an empty one is none
        (Claim(NUMBER, NAME, "residence", ""), False),  # the base states none
        (Claim(NUMBER, NAME, "marital_status", "10"), False),  # too few possibilities
    ],
)
def test_only_the_three_together_prove(lake: Lake, claim: Claim, proven: bool) -> None:
    found = prover(lake, CLERK)(claim)
    assert (found == claim.number.upper()) if proven else (found is None)
    text = json.dumps([dict(one.fields) for one in audit.entries(lake.ledger)], ensure_ascii=False)
    assert NAME not in text and "胜利巷" not in text and NUMBER not in text


def test_whoever_may_not_verify_proves_nobody(lake: Lake) -> None:
    stranger = Actor("x", frozenset({"operator"}), "office", "110000", kind="staff", assurance=2, mfa=True)
    with pytest.raises(AccessDenied):
        prover(lake, stranger)(Claim(NUMBER, NAME, "registered_address", PLACE))


def run(monkeypatch: pytest.MonkeyPatch, actor: Actor, *typed: str, item: str = ITEMS[0]) -> Any:
    """The answer of the command, or its error."""
    monkeypatch.setattr("quanmin.cli.workplace.operator", lambda: actor)
    done = CliRunner().invoke(
        app, ["identity", "patients", "enrol", "--item", item, "--json"], input="\n".join(typed) + "\n"
    )
    return json.loads(done.stdout) if done.exit_code == 0 else done.exception


def test_an_account_is_made_at_the_counter(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    made = run(monkeypatch, CLERK, NUMBER, NAME, PLACE)
    registry = identity.Registry.open(lake.ledger, lake.settings)
    kept = account.get(registry, made["account"])
    assert kept.data["kind"] == "patient" and kept.data["subject"] == account.subject_of(registry, NUMBER)
    assert len(made["codes"].split(" / ")) == 2
    assert isinstance(run(monkeypatch, CLERK, NUMBER, NAME, PLACE), AccountTaken)
    nobody = CLERK.__class__("y", frozenset({"operator"}), "office", "110000", kind="staff", assurance=2, mfa=True)
    assert isinstance(run(monkeypatch, nobody, NUMBER, NAME, PLACE), RoleMissing)
    listed = CliRunner().invoke(app, ["identity", "patients", "items", "--json"]).stdout
    assert [one["item"] for one in json.loads(listed)] == list(ITEMS)


def test_failures_look_alike_and_are_counted(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [
        ("110105194912310054", NAME, PLACE),
        (DEAD, NAME, PLACE),
        (NUMBER, "李月", PLACE),
        (NUMBER, NAME, "胜利巷"),
        ("12", NAME, PLACE),
    ]
    told = {str(run(monkeypatch, CLERK, *typed)) for typed in wrong}
    assert len(told) == 1 and told == {str(NotProven())}
    seen = [run(monkeypatch, CLERK, NUMBER, NAME, f"guess {n}") for n in range(8)]
    assert isinstance(seen[0], NotProven) and isinstance(seen[-1], Locked)
    assert isinstance(run(monkeypatch, CLERK, NUMBER, NAME, PLACE), Locked)  # not even the right answer, for a while
    assert not patients.prover(lake, trust.local_administrator())(Claim(NUMBER, NAME, "sex", "1"))


def test_another_spelling_of_the_number_is_no_new_try(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = NUMBER.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789X"})
    spellings = (NUMBER, NUMBER.lower(), wide, f" {NUMBER} ", "110105491231002")
    for number, clerk in zip(spellings, "abcde", strict=True):
        told = run(monkeypatch, dataclasses.replace(CLERK, id=clerk), number, NAME, "guess")
        assert isinstance(told, NotProven)
    assert isinstance(run(monkeypatch, dataclasses.replace(CLERK, id="f"), NUMBER, NAME, PLACE), Locked)


def test_nobody_is_enrolled_before_the_administrators_or_the_base(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(run(monkeypatch, trust.local_administrator(), NUMBER, NAME, PLACE), NotFounded)
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "empty"))
    assert isinstance(run(monkeypatch, CLERK, NUMBER, NAME, PLACE), NotBuilt)


def test_the_date_of_death_is_answered_and_goes_to_nobody(lake: Lake) -> None:
    decision = trust.decide(lake.ledger, CLERK, "verification", "linked.person", (*COMPARED, DEATH, "sex"))
    assert decision.obligations == ("answer_only",) and decision.outcome("sex") == "withheld"
    reading = lake.read(decision).where(person_key=int(NUMBER[:17]))
    assert reading.answers(DEATH, lambda death: death is None) == [True]
    with pytest.raises(NotReadable):
        reading.fetch()
    nobody = Actor("x", frozenset({"operator"}), "office", "110000", kind="staff", assurance=2, mfa=True)
    assert not trust.decide(lake.ledger, nobody, "verification", "linked.person", (DEATH,)).allowed


def test_the_living_of_a_built_base_are_proven_and_its_dead_are_not(tmp_path: Path) -> None:
    synth.write(tmp_path / "files", 300, 7, formats="parquet")
    with Lake.open(Settings(home=tmp_path / "home", buckets=4)) as lake:
        for dataset in standards.catalogue().datasets.values():
            for file in (tmp_path / "files").glob(f"{dataset.id}.*"):
                collect.collect(lake, dataset.id, file, dataset.steward, trust.local_administrator())
        population.build(lake)
        with lake.session("population") as session:
            query = (
                "SELECT person_key, name, registered_address AS place, death_date IS NOT NULL AS dead "
                f"FROM {session.relation('linked.person')} WHERE registered_address IS NOT NULL ORDER BY person_key"
            )
            people = session.connection.sql(query).to_arrow_table().to_pylist()
        living, dead = (next(one for one in people if one["dead"] is gone) for gone in (False, True))
        prove = prover(lake, CLERK)
        proven = [
            prove(Claim(citizen_number.decode(one["person_key"]), one["name"], "registered_address", one["place"]))
            for one in (living, dead)
        ]
        assert proven == [citizen_number.decode(living["person_key"]), None]
        [wrong] = [one for one in people if one["place"] != living["place"]][:1]
        number = citizen_number.decode(living["person_key"])
        assert prove(Claim(number, living["name"], "registered_address", wrong["place"])) is None
