"""Counting: nothing lost, nothing twice, nobody known, and what stood is not wiped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quanmin.ledger import Ledger
from quanmin.opendata import usage
from quanmin.opendata.catalogue import Catalogue, Counts
from quanmin.opendata.catalogue import counters as standing
from quanmin.opendata.usage import Tally, gather, is_robot
from quanmin.settings import Settings

SHA = "ab" * 32


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A catalogue with one record, called a-1 and id-1, with one file."""
    document: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "dct:identifier": "id-1",
        "quanmin:name": "a-1",
        "dct:title": {"zh": "甲"},
        "dct:description": {"zh": "说明"},
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫生"}},
        "quanmin:access": "public",
        "dcat:distribution": [
            {
                "dct:identifier": "csv",
                "dcat:accessURL": "/datasets/a-1",
                "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": SHA},
            }
        ],
    }
    with Ledger.open(Settings(home=tmp_path)) as ledger:
        made = Catalogue.open(ledger, tmp_path / "index")
        made.publish(document, "officer")
        yield made


def counts(catalogue: Catalogue) -> dict[str, Counts]:
    return standing.read(catalogue.store.ledger)


def test_views_by_name_and_downloads_by_checksum_become_counters_of_the_record(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    folder = tmp_path / "usage"
    one, two = Tally(folder), Tally(folder)  # two processes
    for tally in (one, two):
        tally.add("views", "a-1")
        tally.add("downloads", SHA)
        tally.add("views", "no-such")
        assert tally.write() and not tally.write()
    assert gather(catalogue, folder) == {"views": 2, "downloads": 2}
    assert counts(catalogue) == {"id-1": Counts(2, 2, 0)} and catalogue.counts("id-1") == Counts(2, 2, 0)
    assert catalogue.search(query_hottest()).rows[0]["counts"]["views"] == 2
    assert gather(catalogue, folder) == {"views": 0, "downloads": 0} and counts(catalogue)["id-1"].views == 2
    assert not list(folder.glob("part-*"))


def query_hottest() -> Any:
    from quanmin.opendata.catalogue import Query

    return Query(sort="hottest")


def test_what_is_written_says_nothing_of_anybody(tmp_path: Path) -> None:
    tally = Tally(tmp_path)
    tally.add("views", "a-1")
    tally.write()
    (part,) = tmp_path.glob("part-*")
    assert json.loads(part.read_text("utf-8")) == [["views", "a-1", 1]]


@pytest.mark.parametrize("stage", ["_write", "_hand_over", "unlink"])
def test_a_death_at_any_moment_neither_loses_nor_doubles(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    folder = tmp_path / "usage"
    tally = Tally(folder)
    tally.add("views", "a-1")
    tally.write()

    def dies(*_given: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(Path if stage == "unlink" else usage, stage, dies)
        with pytest.raises(KeyboardInterrupt):
            gather(catalogue, folder)
    tally.add("views", "a-1")
    tally.write()
    gather(catalogue, folder)
    assert counts(catalogue)["id-1"].views == 2


def test_reuses_that_others_count_stay(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.count({"id-1": Counts(0, 0, 7)})
    tally = Tally(tmp_path / "usage")
    tally.add("views", "a-1")
    tally.write()
    gather(catalogue, tmp_path / "usage")
    assert counts(catalogue)["id-1"] == Counts(1, 0, 7)


def test_a_part_that_is_not_whole_and_a_failing_disk_wipe_nothing(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "usage"
    catalogue.count({"id-1": Counts(5, 5, 5)})
    folder.mkdir()
    (folder / "part-x.json").write_text("[[", "utf-8")
    gather(catalogue, folder)
    assert counts(catalogue)["id-1"] == Counts(5, 5, 5)
    tally = Tally(folder)
    tally.add("views", "a-1")

    def full(*_given: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(usage, "_write", full)
        with pytest.raises(OSError, match="no space"):
            tally.write()
    assert tally.write()


def test_memory_is_bounded_whatever_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST", 3)
    tally = Tally(tmp_path)
    for number in range(10):
        tally.add("views", f"n-{number}")
    tally.add("views", "n-0")
    tally.write()
    (part,) = tmp_path.glob("part-*")
    assert json.loads(part.read_text("utf-8")) == [["views", "n-0", 2], ["views", "n-1", 1], ["views", "n-2", 1]]


@pytest.mark.parametrize(
    ("agent", "robot"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", True),
        ("Baiduspider/2.0", True),
        ("", True),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", False),
        ("curl/8.5.0", False),
    ],
)
def test_programs_that_visit_everything_are_known_by_what_they_say(agent: str, robot: bool) -> None:
    assert is_robot(agent) is robot
