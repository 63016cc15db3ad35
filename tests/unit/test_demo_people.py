"""The accounts of the demonstration: everybody can sign in with what is printed, sees what is his, and nothing else."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from quanmin import collect, demo_people, population, readers_demo, standards, synth, trust
from quanmin.cli.app import app
from quanmin.demo_people import FILE, NOTE, Current, NoSignIns, SignIn
from quanmin.lake import Lake
from quanmin.ledger.credential import SessionRow
from quanmin.population.errors import UnknownNumber
from quanmin.population.tables import PERSON
from quanmin.settings import Settings
from quanmin.standards import kernels
from quanmin.standards.identity import citizen_number
from quanmin.trust import Actor, audit, work
from quanmin.trust.circumstance import Circumstances
from quanmin.trust.errors import AccessDenied
from quanmin.trust.identity import Proofs, Registry, account, authenticate, credential, founding, mandate, sign_in
from quanmin.trust.identity.errors import Founded, NotProven, SignInRefused
from quanmin.trust.keys.errors import RoleMissing
from quanmin.trust.selfcheck.people import DEMO

BENCH = "public_security.household_registration"
AT = datetime(2026, 11, 2, 8, 0, 10, tzinfo=UTC)


@dataclass
class Show:
    """A small province with the accounts of its demonstration; everybody signs in once."""

    lake: Lake
    number: str
    other: str
    people: dict[str, SignIn]
    actors: dict[str, Actor]

    @property
    def register(self) -> Registry:
        return replace(Registry.open(self.lake.ledger, self.lake.settings), work=demo_people.WORK)

    def asks(self, name: str, purpose: str, number: str | None) -> trust.Decision:
        """A question about the base."""
        about = Circumstances.open(self.lake.ledger, self.lake.settings)
        found = about.situation(self.actors[name], purpose, PERSON, number)
        columns = population.PERSON_COLUMNS
        return trust.decide(self.lake.ledger, self.actors[name], purpose, PERSON, columns, context=found)

    def sees(self, name: str, purpose: str, number: str) -> str | None:
        """Whose record somebody gets."""
        found = population.show(self.lake, self.asks(name, purpose, number), number)["person"]
        return None if found is None else str(found)


@pytest.fixture(scope="module", autouse=True)
def _cheap() -> Iterator[None]:
    """The cost of scrypt is not what is tested."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_people, "WORK", 4)
        yield


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    folder = tmp_path_factory.mktemp("demo")
    synth.write(folder / "files", 300, 7, formats="parquet")
    with Lake.open(Settings(home=folder / "demo", buckets=4)) as lake:
        steward = standards.catalogue().datasets[BENCH].steward
        collect.collect(lake, BENCH, folder / "files" / f"{BENCH}.parquet", steward, trust.local_administrator())
        population.build(lake)
        number = readers_demo.somebody(lake)
        with lake.session("population") as session:
            query = f"SELECT person_key, death_date FROM {session.relation(PERSON)} ORDER BY person_key"
            rows = [(citizen_number.decode(key), day) for key, day in session.connection.sql(query).fetchall()]
        other = next(one for one, day in rows if day is None and one != number)
        with demo_people.reception(lake, number) as here:
            readers_demo.readers(lake, number, here.actor)
        people = {one.account: one for one in demo_people.read(lake.settings.home)}
        made = Show(lake, number, other, people, {})
        codes = demo_people.current(made.register, list(people.values()))
        for one, now in zip(people.values(), codes, strict=True):
            token = sign_in(made.register, one.account, Proofs(one.password, now.code), one.account)
            made.actors[one.account] = authenticate(made.register, token)
        yield made


def test_everybody_signs_in_with_two_proofs_and_has_his_posts(show: Show) -> None:
    named = (*demo_people.ADMINISTRATORS, *demo_people.STAFF, demo_people.PATIENT)
    assert [one.account for one in named] == list(show.actors)
    for one in named:
        actor, printed = show.actors[one.account], show.people[one.account]
        assert actor.mfa and actor.assurance == 2 and actor.roles == set(one.roles) == set(printed.roles)
        assert (actor.organisation, actor.kind) == (one.organisation, one.kind)
        assert one.account.startswith(DEMO) and printed.title == one.title


def test_ids_and_organisations_are_those_of_the_readers(show: Show) -> None:
    facts = Circumstances.open(show.lake.ledger, show.lake.settings)
    for one in readers_demo._people(facts, show.number):
        actor = show.actors[one.actor.id]
        assert (actor.organisation, actor.roles, actor.kind if actor.kind == "patient" else "staff") == (
            one.actor.organisation,
            one.actor.roles,
            one.actor.kind,
        )
        assert actor.subject == one.actor.subject or one.actor.subject is None


def test_the_citizen_sees_the_own_record_and_no_other(show: Show) -> None:
    assert show.sees("demo-citizen", "own_record", show.number) == show.number
    with pytest.raises((AccessDenied, UnknownNumber)):
        show.sees("demo-citizen", "own_record", show.other)
    assert not show.asks("demo-citizen", "treatment", show.number).allowed


def test_the_doctor_sees_the_patient_and_no_other(show: Show) -> None:
    assert show.sees("demo-doctor", "treatment", show.number) == show.number
    assert not show.asks("demo-doctor", "treatment", show.other).allowed


def test_the_statistician_sees_sums_and_nobody(show: Show) -> None:
    asked = show.asks("demo-statistician", "statistics", None)
    assert asked.allowed and asked.obligations == ("aggregate_only",)
    assert {asked.outcome(name) for name in ("citizen_number", "person_key", "name", "registered_address")} == {
        "withheld"
    }
    assert not show.asks("demo-statistician", "statistics", show.number).allowed
    assert not show.asks("demo-statistician", "treatment", show.number).allowed


def test_insurer_and_researcher_have_their_agreements(show: Show) -> None:
    insurer, researcher = (
        show.asks("demo-insurer", "insurance", show.number),
        show.asks("demo-researcher", "research", None),
    )
    assert (insurer.outcome("name"), researcher.outcome("name")) == ("masked", "pseudonymised")
    assert not show.asks("demo-insurer", "insurance", show.other).allowed


def test_administrators_see_no_data_and_the_operator_alone_operates(show: Show) -> None:
    for name in show.actors:
        if name in (demo_people.SYSTEM, demo_people.SECURITY, demo_people.AUDIT):
            assert not show.asks(name, "supervision", show.number).allowed
        if name != "demo-operator":
            with pytest.raises(RoleMissing):
                work.require(show.lake.ledger, show.actors[name])
    work.require(show.lake.ledger, show.actors["demo-operator"])
    assert show.asks("demo-reviewer", "supervision", show.number).outcome("name") == "masked"
    assert len(account.listing(show.register, show.actors[demo_people.SYSTEM])) == len(show.actors)


def test_nobody_was_let_in_by_one_person_alone(show: Show) -> None:
    staff = {one.account for one in demo_people.STAFF}
    for kind in (account.KIND.kind, mandate.KINDS["post"].kind):
        found = [one for one in show.lake.ledger.find(kind) if str(one.ref) in staff]
        assert {str(one.ref) for one in found} == staff
        for one in found:
            by = {step.name: step.actor for step in one.actions}
            assert (by["create"], by["confirm"]) == (demo_people.SYSTEM, demo_people.SECURITY)
    [citizen] = [one for one in show.lake.ledger.find(account.KIND.kind) if one.ref == demo_people.CITIZEN]
    assert "prove" in {step.name for step in citizen.actions}


def test_the_file_is_its_owners_and_says_what_it_is_for(show: Show) -> None:
    path = show.lake.settings.home / FILE
    kept = json.loads(path.read_text("utf-8"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept["note"] == NOTE._asdict() and kept["password_work"] == demo_people.WORK
    assert show.number not in path.read_text("utf-8")


def test_no_secret_is_in_the_audit_or_in_what_a_sign_in_shows_of_itself(show: Show) -> None:
    told = json.dumps([dict(one.fields) for one in audit.entries(show.lake.ledger)], ensure_ascii=False)
    for one in show.people.values():
        assert one.password not in told + repr(one) and one.seed not in told + repr(one)


def test_a_second_opening_is_refused(show: Show) -> None:
    with pytest.raises(Founded):
        demo_people.open_accounts(show.lake, show.number)
    assert (show.lake.settings.home / FILE).exists()


def test_codes_on_the_command_line(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    home = show.lake.settings.home
    for place in (home, home.parent):
        monkeypatch.setenv("QUANMIN_HOME", str(place))
        told = json.loads(CliRunner().invoke(app, ["demo", "--codes", "--json"], catch_exceptions=False).stdout)
        assert told["note"] == NOTE._asdict()
        assert [one["account"] for one in told["accounts"]] == list(show.people)
        assert all(one["code"] or one["wait"] for one in told["accounts"])
        assert [one.seed for one in show.people.values() if one.seed in str(told)] == []
    monkeypatch.setenv("QUANMIN_LANGUAGE", "zh")
    said = CliRunner().invoke(app, ["demo", "--codes"], catch_exceptions=False, env={"COLUMNS": "200"}).stdout
    assert NOTE.zh in said and "经治医师" in said and show.people["demo-doctor"].password in said
    monkeypatch.setenv("QUANMIN_HOME", str(home / "none"))
    assert isinstance(CliRunner().invoke(app, ["demo", "--codes"]).exception, NoSignIns)


def people_of(lake: Lake, number: str, death: str | None = None) -> None:
    """One person in the base."""
    key = kernels.read_numbers(pa.array([number])).key
    kinds = {name: pa.string() for name in population.PERSON_COLUMNS}
    with lake.session("population") as session:
        dates = {one.id for one in standards.catalogue().items if one.id.endswith("_date")}
        columns = {name: pa.array([None], pa.date32() if name in dates else kind) for name, kind in kinds.items()}
        columns |= {"person_key": pa.array(key, pa.int64()), "name": pa.array(["李明"])}
        columns |= {"bucket": pa.array(kernels.bucket_of(pa.array(key), None, lake.settings.buckets), pa.int32())}
        columns |= {"registered_address": pa.array(["北京市朝阳区胜利巷 1 号"]), "contested": pa.array([False])}
        columns |= {"death_date": pa.array([death]).cast(pa.date32())}
        table = pa.table(columns)
        session.writer(PERSON, table.schema, "bucket").write(table)
        session.commit()


def test_codes_that_a_sign_in_takes(either_lake: Lake) -> None:
    lake, now = either_lake, [AT]
    lake.ledger.now = lambda: now[0]
    people_of(lake, "11010519491231002X")
    people = {one.account: one for one in demo_people.open_accounts(lake, "11010519491231002X")}
    register = replace(Registry.open(lake.ledger, lake.settings), work=5)  # it is kept anew at the higher cost
    fresh, used = people["demo-audit"], people["demo-clerk"]
    with lake.ledger.reading() as connection:
        open_ = connection.execute(select(func.count()).where(SessionRow.ended.is_(None))).scalar()
    assert open_ == 0  # whoever signed in meanwhile was signed out
    step = int(AT.timestamp()) // 30
    first, second = demo_people.current(register, [fresh, used])
    assert first == Current(fresh.code(step), 50) and second == Current(used.code(step + 1), 80)
    for one, shown in ((fresh, first), (used, second)):
        sign_in(register, one.account, Proofs(one.password, shown.code), one.account)
        with pytest.raises(SignInRefused):
            sign_in(register, one.account, Proofs(one.password, shown.code), one.account)
    first, second = demo_people.current(register, [fresh, used])
    assert first.code == fresh.code(step + 1) and second == Current(None, 0, 20)
    now[0] = datetime.fromtimestamp(now[0].timestamp() + 20, UTC)
    [second] = demo_people.current(register, [used])
    assert sign_in(register, used.account, Proofs(used.password, second.code), used.account)
    with lake.ledger.writing() as connection:
        credential.retire(connection, used.account, now[0], "totp")
    assert demo_people.current(register, [used]) == [Current(None, 0)]


def test_a_citizen_who_is_dead_in_the_base_gets_no_account(lake: Lake) -> None:
    people_of(lake, "11010519491231002X", "2020-03-01")
    with pytest.raises(NotProven):
        demo_people.open_accounts(lake, "11010519491231002X")
    assert not (lake.settings.home / FILE).exists()
    assert not founding.founded(Registry.open(lake.ledger, lake.settings))
