"""A build that loses its process, a thread or a worker goes on where it was, and the base is the same as without the loss."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from quanmin import collect, population, standards, synth, trust
from quanmin.lake import Lake
from quanmin.lake.errors import ClusterFailed
from quanmin.lake.progress import FOLDER, Progress
from quanmin.population import build as build_module  # noqa: F401  the function of this name hides the module
from quanmin.population.share import Share
from quanmin.settings import Settings

BUILD = sys.modules["quanmin.population.build"]
TABLES = ("linked.person", "linked.statement", "linked.discrepancy", "linked.reliability")
BUCKETS = 6


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("province")
    synth.write(folder, 400, 9, formats="parquet")
    return folder


@pytest.fixture(autouse=True)
def _a_piece_for_each_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BUILD, "LEAST_ROWS", 1)
    monkeypatch.setattr(BUILD, "MOST_ROWS", 1)


@pytest.fixture
def province(tmp_path: Path, files: Path) -> Iterator[Lake]:
    with Lake.open(Settings(home=tmp_path / "home", buckets=BUCKETS)) as lake:
        for dataset in standards.catalogue().datasets.values():
            for file in files.glob(f"{dataset.id}.*"):
                collect.collect(lake, dataset.id, file, dataset.steward, trust.local_administrator())
        yield lake


def contents(lake: Lake) -> dict[str, list[str]]:
    with lake.session("population") as session:
        return {
            table: sorted(map(str, session.connection.execute(f"SELECT * FROM {session.relation(table)}").fetchall()))
            for table in TABLES
        }


def notes(lake: Lake) -> list[Path]:
    return sorted((lake.settings.home / "lake" / FOLDER).rglob("*.json"))


def failing(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the computation of any piece behind the first ones fail, once these are noted."""
    compute, note = Share.compute, Progress.note
    began, noted, there = count(1), count(1), threading.Event()

    def fail(self: Share, *arguments: Any) -> int:
        if next(began) > after:
            assert there.wait(60)
            raise OSError("the worker is gone")
        return compute(self, *arguments)

    def told(self: Progress, *arguments: Any) -> None:
        note(self, *arguments)
        if next(noted) == after:
            there.set()

    monkeypatch.setattr(Share, "compute", fail)
    monkeypatch.setattr(Progress, "note", told)


def test_a_killed_build_goes_on_where_it_was(province: Lake) -> None:
    code = """
        import sys, time
        from pathlib import Path
        from quanmin import population
        from quanmin.lake import Lake
        from quanmin.lake.progress import Progress
        from quanmin.settings import Settings
        build = sys.modules["quanmin.population.build"]
        build.LEAST_ROWS = build.MOST_ROWS = 1
        note, noted = Progress.note, []
        def stop(self, *arguments):
            note(self, *arguments)
            noted.append(1)
            if len(noted) == 3:
                print("three", flush=True)
            if len(noted) >= 3:
                time.sleep(60)
        Progress.note = stop
        population.build(Lake.open(Settings(home=Path(sys.argv[1]), buckets=6)))
    """
    arguments = [sys.executable, "-c", textwrap.dedent(code), str(province.settings.home)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline().strip() == "three"
        os.kill(process.pid, signal.SIGKILL)
    assert 3 <= len(notes(province)) < BUCKETS and "linked.person" not in province.snapshot().tables
    built = population.build(province)
    assert 0 < built.resumed < built.computed and not notes(province)
    resumed = contents(province)
    whole = population.build(province, full=True)
    assert (whole.resumed, whole.computed, whole.people) == (0, built.computed, built.people)
    assert contents(province) == resumed


def test_an_incremental_build_goes_on_too(province: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    population.build(province)
    batch = next(b for b in province.ledger.find("batch") if b.data["dataset"] == "health.whole_population")
    collect.withdraw(province, batch.id, trust.local_administrator(), "sent by mistake")
    monkeypatch.setattr(BUILD.change, "MOST_AT_ONCE", 1.0)
    before = contents(province)
    with monkeypatch.context() as patch:
        failing(patch, after=2)
        with pytest.raises(OSError, match="gone"):
            population.build(province)
    assert len(notes(province)) == 2 and contents(province) == before
    built = population.build(province)
    assert 0 < built.resumed < built.computed and not built.full
    resumed = contents(province)
    population.build(province, full=True)
    assert contents(province) == resumed != before


def test_what_has_changed_meanwhile_or_is_gone_is_computed_anew(
    province: Lake, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        failing(patch, after=3)
        with pytest.raises(OSError, match="gone"):
            population.build(province)
    first = notes(province)
    assert len(first) == 3
    staged = sorted((province.settings.home / "lake" / "linked").rglob("*.parquet"))
    staged[0].unlink()
    gone = next(note for note in first if staged[0].name not in note.read_text())
    gone.write_text('{"rows": 1, "staged": {"linked.person": {"adds"')  # a disk that lost the rest of a note
    built = population.build(province)
    assert 0 < built.resumed < built.computed
    expected = contents(province)
    assert population.build(province, full=True).resumed == 0
    assert contents(province) == expected
    with monkeypatch.context() as patch:
        failing(patch, after=3)
        with pytest.raises(OSError, match="gone"):
            population.build(province, full=True)
    dataset = standards.catalogue().dataset("health.death")
    batch = next(b for b in province.ledger.find("batch") if b.data["dataset"] == dataset.id)
    collect.withdraw(province, batch.id, trust.local_administrator(), "sent by mistake")
    assert len(notes(province)) == 3
    changed = population.build(province, full=True)
    assert changed.resumed == 0 and not notes(province), "the rows are others, so nothing is taken over"
    assert contents(province) != expected


def test_what_a_lost_build_staged_is_removed_by_vacuum(province: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    population.build(province)
    expected = contents(province)
    with monkeypatch.context() as patch:
        failing(patch, after=3)
        with pytest.raises(OSError, match="gone"):
            population.build(province, full=True)
    assert province.vacuum() >= 9  # three files of each of the three tables
    assert population.build(province, full=True).resumed == 0
    assert contents(province) == expected


def test_a_cluster_that_dies_in_the_middle_is_resumed(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch, sail: str
) -> None:
    settings = Settings(home=tmp_path / "home", buckets=BUCKETS, spark=sail)
    with Lake.open(settings) as lake:
        for dataset in standards.catalogue().datasets.values():
            for file in files.glob(f"{dataset.id}.*"):
                collect.collect(lake, dataset.id, file, dataset.steward, trust.local_administrator())
        with monkeypatch.context() as patch:
            failing(patch, after=3)
            with pytest.raises(ClusterFailed):
                population.build(lake, engine="spark")
        assert len(notes(lake)) == 3 and "linked.person" not in lake.snapshot().tables
        built = population.build(lake, engine="spark")
        assert 0 < built.resumed < built.computed
        resumed = contents(lake)
        population.build(lake, full=True)
        assert contents(lake) == resumed
