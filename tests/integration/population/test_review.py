"""The queue on each kind of ledger, with reviewers who act at the same moment, and its cost on a larger base."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from quanmin import trust
from quanmin.errors import QuanminError
from quanmin.lake import Lake
from quanmin.ledger.errors import IllegalAction
from quanmin.population.review import agreement, item, journal, merge, queue, verdict
from quanmin.population.review.errors import MergedMeanwhile
from quanmin.population.tables import PERSON, STATEMENT, STATEMENT_SCHEMA
from quanmin.settings import Settings

A, B, C = 13022419710307012, 13022419710307014, 13022419710307016


@pytest.fixture
def either(either_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """A lake on each kind of ledger; nothing is in the sample."""
    monkeypatch.setattr(item, "SAMPLE", 10**12)
    with Lake.open(either_settings) as opened:
        yield opened


def ask(lake: Lake, *people: int, records: tuple[int, int] = (1, 0)) -> int:
    """An item about two people."""
    ref = " ".join(journal.reference(lake, one) for one in people)
    return lake.ledger.create("review_double", ref, {"people": list(people), "records": list(records)}).id


def decide(lake: Lake, review: int, answer: str, actor: str) -> Any:
    made = trust.Actor(actor, frozenset({"reviewer", "arbiter"}), region="000000", assurance=2, mfa=True)
    decision = trust.decide(lake.ledger, made, "supervision", PERSON, ("person_key",))
    return verdict.decide(lake, decision, review, answer, "核对了户口簿")


def together(*calls: Any) -> list[Any]:
    """What several calls at once give: a result or an error each."""
    gate, found = threading.Barrier(len(calls)), [None] * len(calls)

    def one(place: int) -> None:
        gate.wait()
        try:
            found[place] = calls[place]()
        except QuanminError as error:
            found[place] = error

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_whole_life_on_each_ledger(either: Lake) -> None:
    review = ask(either, A, B)
    decide(either, review, "same", "first")
    assert (merge.surviving(either, B), merge.others(either, A)) == (A, [B])
    assert agreement.statistics(either)[-1].states["closed"] == 1
    decision = trust.decide(either.ledger, trust.local_administrator(), "supervision", PERSON, ("person_key",))
    verdict.undo(either, decision, review, "号码有误")
    assert (merge.surviving(either, B), merge.everyone(either.ledger)) == (B, {})
    assert [one["event"] for one in journal.changes(either, B)] == ["merged_into", "undone"]


def test_two_reviewers_at_once_decide_once(either: Lake) -> None:
    review = ask(either, A, B)
    found = together(*(lambda a=a: decide(either, review, "same", a) for a in ("first", "second")))
    assert sorted(type(one).__name__ for one in found) == ["Document", "IllegalAction"]
    assert len(either.ledger.find(merge.MERGE.kind)) == 1
    assert [one for one in found if isinstance(one, IllegalAction)]


def test_two_merges_at_once_never_cross(either: Lake) -> None:
    """A is merged into B in one item and B into A in another: one of the two is refused, and no number leads in a circle."""
    left, right = ask(either, A, B, records=(0, 1)), ask(either, B, A, records=(0, 1))
    found = together(lambda: decide(either, left, "same", "first"), lambda: decide(either, right, "same", "second"))
    assert sum(isinstance(one, MergedMeanwhile) for one in found) == 1
    assert merge.surviving(either, A) == merge.surviving(either, B)


def test_a_decision_that_fails_leaves_nothing(either: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    review = ask(either, A, B)

    def broken(*_args: object) -> None:
        raise RuntimeError("power failure")

    with monkeypatch.context() as patch:
        patch.setattr(journal, "note", broken)
        with pytest.raises(RuntimeError):
            decide(either, review, "same", "first")
    assert (either.ledger.get(review).state, merge.everyone(either.ledger)) == ("open", {})
    assert decide(either, review, "same", "first").state == "closed"


def base(lake: Lake, people: int) -> None:
    """Golden records of `people`, one in a hundred with a second number one digit away; nobody else's statements."""
    order = range(people)
    twin = [i % 100 == 1 for i in order]
    source = [i - 1 if t else i for i, t in zip(order, twin, strict=True)]
    days = [dt.date(1930, 1, 1) + dt.timedelta(days=i // 500) for i in source]
    keys = [int(f"130224{d:%Y%m%d}{i % 500:03}") for i, d in zip(order, days, strict=True)]
    rows = {
        "bucket": pa.array([key % lake.settings.buckets for key in keys], pa.int32()),
        "person_key": pa.array(keys, pa.int64()),
        "name": ["王" + "".join("零一二三四五六七八九"[int(digit)] for digit in str(i % 500)) for i in source],
        "sex": ["1"] * people,
        "birth_date": pa.array(days, pa.date32()),
        "birth_place": ["130224"] * people,
        "registered_address": pa.array([None] * people, pa.string()),
    }
    with lake.session("population") as session:
        table = pa.table(rows)
        session.writer(PERSON, table.schema, "bucket").write(table)
        session.writer(STATEMENT, STATEMENT_SCHEMA, "bucket").write(STATEMENT_SCHEMA.empty_table())
        session.commit()


def test_gathering_is_linear_in_the_people(tmp_path: Any) -> None:
    """Ten times the people, about ten times the time: a comparison of all pairs would take a hundred times."""
    taken = {}
    for people in (20_000, 200_000):
        with Lake.open(Settings(home=tmp_path / str(people), buckets=4)) as lake:
            base(lake, people)
            began = time.perf_counter()
            gathered = queue.gather(lake)
            taken[people] = time.perf_counter() - began
            assert (gathered.new["double"], queue.gather(lake).new["double"]) == (people // 100, 0)
    assert taken[200_000] <= 25 * taken[20_000], taken
