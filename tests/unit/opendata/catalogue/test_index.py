"""The index follows the records: incrementally, after a crash, beside other processes, and when its files are not whole."""

import os
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.ledger import Ledger
from quanmin.opendata.catalogue import Catalogue, Counts, Query, building, catalogue, folder, read, search, segment
from quanmin.opendata.catalogue.building import build
from quanmin.opendata.catalogue.errors import CatalogueFull
from quanmin.opendata.catalogue.folder import CONTENTS, CURRENT, FORMAT
from quanmin.opendata.catalogue.order import order
from quanmin.opendata.catalogue.posting import best, pack, postings
from quanmin.opendata.catalogue.projection import project
from quanmin.opendata.catalogue.search import Searcher
from quanmin.opendata.catalogue.view import View
from quanmin.settings import Settings


@pytest.fixture
def home(tmp_path):
    return tmp_path


@pytest.fixture
def small(home):
    with Ledger.open(Settings(home=home)) as ledger:
        yield ledger


def answers(opened):
    """What a catalogue answers to several questions."""
    queries = [
        Query(text, sort=sort, rows=500) for text in ("", "医疗", "e 20") for sort in ("relevance", "title", "hottest")
    ]
    return [opened.search(query).document() for query in queries]


def test_changes_laid_over_answer_like_an_index_made_anew(small, home, simulated, monkeypatch):
    monkeypatch.setattr(catalogue, "LAYERS", 3)
    opened = Catalogue.open(small, home / "index")
    opened.publish_all(simulated[:200], "officer")
    opened.rebuild()
    for number in range(8):
        changed = [
            one | {"dct:title": {"zh": f"改题{number}", "en": f"Changed {number}"}}
            for one in simulated[number * 9 :][:7]
        ]
        opened.publish_all([*changed, *simulated[200 + number * 20 :][:20]], "officer")
        opened.withdraw(simulated[100 + number]["dct:identifier"], "理由", "officer")
        opened.count({simulated[number * 5]["dct:identifier"]: Counts(number, 1, 1)})
    assert 1 <= len(opened._layers) <= 3
    laid = answers(opened)
    opened.rebuild()
    anew = answers(opened)
    for one, other in zip(laid, anew, strict=True):
        assert one["total"] == other["total"]
        assert sorted(row["id"] for row in one["rows"]) == sorted(row["id"] for row in other["rows"])
        assert one["facets"] == other["facets"]
    for number in (1, 2):  # orders that do not depend on how rare a term is
        assert laid[number]["rows"] == anew[number]["rows"]


def test_many_changes_make_the_index_anew(small, home, make, monkeypatch):
    monkeypatch.setattr(catalogue, "SMALL", 5)
    opened = Catalogue.open(small, home / "index")
    opened.publish_all([make(number) for number in range(20)], "officer")
    assert opened._layers == [] and len(opened._base.ids) == 20
    assert opened.search(Query()).total == 20


def test_another_process_s_changes_are_followed(small, home, make, monkeypatch):
    monkeypatch.setattr(catalogue, "FRESH", 0.0)
    one, other = Catalogue.open(small, home / "index"), Catalogue.open(small, home / "index")
    one.publish(make(), "officer")
    assert other.search(Query()).total == 1
    one.count({"id-000001": Counts(views=3)})
    assert other.search(Query()).rows[0]["counts"]["views"] == 3
    one.rebuild()  # takes away the files of the build that `other` has open
    assert other.search(Query("高血压")).total == 1


def test_an_index_that_another_process_made_anew_is_taken_up_and_so_quality_ages(small, home, make, monkeypatch):
    monkeypatch.setattr(catalogue, "FRESH", 0.0)
    now = small.now()
    monthly = {"dct__accrualPeriodicity": "MONTHLY", "dct__modified": now.date().isoformat()}
    one, other = Catalogue.open(small, home / "index"), Catalogue.open(small, home / "index")
    one.publish_all([make(1, **monthly), make(2)], "officer")
    other.publish(make(3), "officer")

    def quality(opened):
        return {row["id"]: row["quality"] for row in opened.search(Query()).rows}

    fresh = quality(other)
    small.now = lambda: now + timedelta(days=200)
    assert quality(other) == fresh
    one.rebuild()  # as the daily job does
    aged = quality(other)
    assert aged == quality(one) and aged["id-000001"] < fresh["id-000001"]
    assert aged["id-000002"] == fresh["id-000002"] and len(aged) == 3
    other.publish(make(4), "officer")
    assert len(quality(one)) == len(quality(other)) == 4


def test_an_index_of_another_process_that_is_not_whole_is_left_alone(small, home, make, monkeypatch):
    monkeypatch.setattr(catalogue, "FRESH", 0.0)
    one = Catalogue.open(small, home / "index")
    one.publish(make(1), "officer")
    one.rebuild()
    (home / "index" / CURRENT).write_text("build-nothing")
    assert one.search(Query()).total == 1
    one.publish(make(2), "officer")
    assert one.search(Query()).total == 2


def test_an_index_is_opened_as_it_was_kept(small, home, make, monkeypatch):
    opened = Catalogue.open(small, home / "index")
    opened.publish_all([make(number) for number in range(3)], "officer")
    opened.rebuild()
    monkeypatch.setattr(Catalogue, "_rebuild", lambda self: pytest.fail("not needed"))
    again = Catalogue.open(small, home / "index")
    assert answers(again) == answers(opened)


@pytest.mark.parametrize("damage", ["missing", "cut", "contents", "odd", "format", "ahead"])
def test_an_index_that_is_missing_stale_or_damaged_is_made_anew(small, home, make, damage):
    opened = Catalogue.open(small, home / "index")
    opened.publish_all([make(number) for number in range(3)], "officer")
    opened.rebuild()
    place = home / "index" / (home / "index" / CURRENT).read_text()
    contents = (place / CONTENTS).read_text("utf-8")
    match damage:
        case "missing":
            (home / "index" / CURRENT).write_text("build-nothing")
        case "cut":
            os.truncate(place / "grams.documents.npy", 90)
        case "contents":
            (place / CONTENTS).write_text(contents[:50], "utf-8")
        case "odd":
            (place / CONTENTS).write_text("[]", "utf-8")
        case "format":
            (place / CONTENTS).write_text(contents.replace(f'"format": {FORMAT}', '"format": 0'), "utf-8")
        case "ahead":
            (place / CONTENTS).write_text(contents.replace('"sequence": 3', '"sequence": 99'), "utf-8")
    again = Catalogue.open(small, home / "index")
    assert again.search(Query("高血压")).total == 3
    assert folder.current(home / "index") != place.name


KILLED = """
import os, sys
from pathlib import Path
from quanmin.ledger import Ledger
from quanmin.opendata.catalogue import Catalogue, folder
from quanmin.settings import Settings
home = Path(sys.argv[1])
folder._point = lambda *_: os._exit(9)  # killed when all files are written and before the build is named
with Ledger.open(Settings(home=home)) as ledger:
    Catalogue.open(ledger, home / "index").rebuild()
"""


def test_a_build_that_is_killed_leaves_the_old_index(small, home, make):
    opened = Catalogue.open(small, home / "index")
    opened.publish(make(), "officer")
    opened.rebuild()
    before = folder.current(home / "index")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(home)], env=dict(os.environ), check=False)
    assert ended.returncode == 9
    assert folder.current(home / "index") == before
    assert len([one for one in (home / "index").iterdir() if one.is_dir()]) == 2
    again = Catalogue.open(small, home / "index")
    assert again.search(Query("高血压")).total == 1
    again.rebuild()
    assert [one.name for one in (home / "index").iterdir() if one.is_dir()] == [folder.current(home / "index")]


def test_an_empty_catalogue_is_searched_kept_and_opened(small, home: Path):
    opened = Catalogue.open(small, home / "index")
    opened.rebuild()
    again = Catalogue.open(small, home / "index")
    assert [one["total"] for one in answers(again)] == [0] * 9


pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 3)), max_size=60)


@given(pairs)
def test_postings_hold_of_each_key_and_document_the_best_place(given):
    packed = [pack(np.array([k], np.uint64), np.array([d], np.uint64), p) for k, d, p in given]
    made = postings(best(np.concatenate(packed) if packed else np.empty(0, np.uint64)))
    expected: dict[tuple[int, int], int] = {}
    for key, document, place in given:
        expected[key, document] = max(place, expected.get((key, document), 0))
    found = {
        (key, int(document)): int(place) for key in range(10) for document, place in zip(*made.at(key), strict=True)
    }
    assert found == expected


@given(st.lists(st.integers(0, 5), max_size=12), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99)), max_size=8))
def test_an_order_with_later_documents_is_by_key_and_id(first, later):
    ids = [f"b{number:02}" for number in range(len(first))]
    ids += [f"{'a' if place % 2 else 'c'}{place:02}{number}" for number, (_, place) in enumerate(later)]
    keys = np.array([*first, *(key for key, _ in later)], np.int64)
    made = order(keys, ids, len(first))
    expected = sorted(range(len(keys)), key=lambda number: (int(keys[number]), ids[number]))
    assert made.documents.tolist() == expected
    for place, number in enumerate(expected):
        assert made.rank[number] == place and made.after(int(keys[number]), ids[number], ids) == place + 1


def test_results_that_are_remembered_are_bounded(simulated, monkeypatch):
    monkeypatch.setattr(search, "_REMEMBERED", 50_000)
    monkeypatch.setattr(search, "_TERMS", 5_000)
    entries = sorted((project(read(one), date(2026, 1, 1)) for one in simulated[:50]), key=lambda one: one.id)
    searcher = Searcher(View([build(entries)], (), {}))
    for number in range(300):
        searcher.search(Query(f"高血压 {number}"))
    assert searcher._term_bytes <= 5_000 and 1 <= len(searcher._terms) < 300
    assert searcher._bytes <= 50_000 and 1 <= len(searcher._kept) < 300


def test_more_records_than_an_index_holds_are_refused(small, home, make, monkeypatch):
    monkeypatch.setattr(building, "CAPACITY", 3)
    opened = Catalogue.open(small, home / "index")
    with pytest.raises(CatalogueFull):
        opened.publish_all([make(number) for number in range(4)], "officer")


def test_signs_that_share_a_number_find_too_much_and_never_too_little(simulated, monkeypatch):
    monkeypatch.setattr(segment, "_SIGNS", 50)
    entries = sorted((project(read(one), date(2026, 1, 1)) for one in simulated[:200]), key=lambda one: one.id)
    searcher = Searcher(View([build(entries)], (), {}))
    for document in simulated[:60]:
        title = document["dct:title"]["zh"]
        found = searcher.search(Query(title[-4:], rows=200))
        assert document["dct:identifier"] in {row["id"] for row in found.rows}


def test_searches_go_on_while_others_publish(small, home, make):
    opened = Catalogue.open(small, home / "index")
    opened.publish_all([make(number) for number in range(30)], "officer")
    totals, done = [], threading.Event()

    def look():
        while not done.is_set():
            found = opened.search(Query("高血压", rows=100))
            assert found.total == len(found.rows)
            totals.append(found.total)

    users = [threading.Thread(target=look) for _ in range(3)]
    for one in users:
        one.start()
    for number in range(30, 40):
        opened.publish(make(number), "officer")
    done.set()
    for one in users:
        one.join()
    assert totals and set(totals) <= set(range(30, 41))
    assert opened.search(Query("高血压")).total == 40
