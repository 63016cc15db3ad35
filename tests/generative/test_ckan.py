"""CKAN's filters against a plain reading of them, and packages there and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.ledger import Ledger
from quanmin.opendata.catalogue import Catalogue, Query, problems
from quanmin.opendata.ckan import fq
from quanmin.opendata.ckan.describing import describe
from quanmin.opendata.ckan.package import Look, Standing, package
from quanmin.settings import Settings

START = datetime(2026, 1, 1, tzinfo=UTC)
LOOK = Look("zh", "http://localhost:8000")
TAGS, FORMATS, THEMES = ("a", "ab", "b c", "高血压", 'q"t'), ("csv", "json", "xlsx"), ("HEAL", "SOCI")
KINDS = ("dcat:Dataset", "dcat:DatasetSeries")
NUMBER = 60


def _document(number: int) -> dict[str, Any]:
    return {
        "@type": KINDS[number % 5 == 4],
        "dct:identifier": f"id-{number:03}",
        "quanmin:name": f"{'xy'[number % 2]}-{number}",
        "dct:title": {"zh": f"标题 {number}"},
        "dct:description": {"zh": "说明"},
        "dcat:keyword": {"zh": [one for place, one in enumerate(TAGS) if number >> place & 1]},
        "dct:publisher": {"dct:identifier": f"org-{number % 3}", "foaf:name": {"zh": "机构"}},
        "quanmin:access": "public",
        "dcat:theme": [one for place, one in enumerate(THEMES) if (number + place) % 3],
        "dct:modified": f"{2015 + number % 10}-05-01",
        "dcat:distribution": [
            {"dct:identifier": one, "dcat:accessURL": "/x", "dct:format": one, "dct:license": "cc-by"}
            for place, one in enumerate(FORMATS)
            if (number + place) % 2
        ],
    }


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """Records published a day apart, some of them laid over the index, one of them withdrawn."""
    home = tmp_path_factory.mktemp("fq")
    now = [START]
    with Ledger.open(Settings(home=home), now=lambda: now[0]) as ledger:
        made = Catalogue.open(ledger, home / "index")
        for number in range(NUMBER):
            now[0] = START + timedelta(days=number)
            made.publish(_document(number), "officer")
            if number == NUMBER // 2:
                made.rebuild()
        made.publish(_document(NUMBER), "officer")
        made.withdraw(f"id-{NUMBER:03}", "错误", "officer")
        yield made


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


Clause = tuple[str, Any]
"""A clause as text, and whether a record holds it."""


def _values(field: str, of: Any, value: str, spelt: str | None = None) -> Clause:
    return f"{field}:{spelt or _quoted(value)}", lambda number: value in of(_document(number))


LEAVES = st.one_of(
    st.sampled_from(TAGS).map(lambda one: _values("tags", lambda d: d["dcat:keyword"]["zh"], one)),
    st.sampled_from(FORMATS).map(
        lambda one: _values("res_format", lambda d: [x["dct:format"] for x in d["dcat:distribution"]], one, one.upper())
    ),
    st.sampled_from(THEMES).map(lambda one: _values("groups", lambda d: d["dcat:theme"], one, one.lower())),
    st.sampled_from(("org-0", "org-1", "org-9")).map(
        lambda one: _values("organization", lambda d: [d["dct:publisher"]["dct:identifier"]], one, one)
    ),
    st.just(("tags:a*", lambda n: any(one.startswith("a") for one in _document(n)["dcat:keyword"]["zh"]))),
    st.just(("tags:*", lambda n: bool(_document(n)["dcat:keyword"]["zh"]))),
    st.just(("tags:[* TO *]", lambda n: bool(_document(n)["dcat:keyword"]["zh"]))),
    st.just(("tags:(a OR b\\ c)", lambda n: bool({"a", "b c"} & set(_document(n)["dcat:keyword"]["zh"])))),
    st.just(
        (
            "tags:(a -ab)",
            lambda n: "a" in _document(n)["dcat:keyword"]["zh"] and "ab" not in _document(n)["dcat:keyword"]["zh"],
        )
    ),
    st.just(("name:x-1*", lambda n: _document(n)["quanmin:name"].startswith("x-1"))),
    st.just(("type:dataset", lambda n: _document(n)["@type"] == KINDS[0])),
    st.just(("dataset_type:series", lambda n: _document(n)["@type"] == KINDS[1])),
    st.just(("state:active", lambda n: True)),
    st.just(("private:true", lambda n: False)),
    st.just(("*:*", lambda n: True)),
    st.integers(0, NUMBER - 1).map(lambda one: (f"name:{_document(one)['quanmin:name']}", lambda n: n == one)),
    st.integers(0, NUMBER - 1).map(lambda one: (f"id:id-{one:03}", lambda n: n == one)),
    st.tuples(st.integers(2014, 2026), st.integers(2014, 2026)).map(
        lambda ends: (f"year:[{ends[0]} TO {ends[1]}]", lambda n: ends[0] <= 2015 + n % 10 <= ends[1])
    ),
    st.tuples(st.integers(-1, NUMBER), st.booleans(), st.booleans()).map(
        lambda one: (
            f"metadata_modified:{'[' if one[1] else '{'}{START + timedelta(days=one[0]):%Y-%m-%dT%H:%M:%SZ} TO *]",
            lambda n: n >= one[0] if one[1] else n > one[0],
        )
    ),
    st.integers(-1, NUMBER).map(
        lambda one: (f"metadata_modified:[* TO {START + timedelta(days=one):%Y-%m-%d}]", lambda n: n <= one)
    ),
)


def _joined(parts: list[Clause]) -> st.SearchStrategy[Clause]:
    def every(n: int) -> bool:
        return all(holds(n) for _, holds in parts)

    def some(n: int) -> bool:
        return any(holds(n) for _, holds in parts)

    texts = [text for text, _ in parts]
    return st.sampled_from(
        [
            ("(" + " ".join(texts) + ")", every),
            ("(" + " AND ".join(texts) + ")", every),
            ("(+" + " +".join(texts) + ")", every),
            ("(" + " OR ".join(texts) + ")", some),
            ("(" + " || ".join(texts) + ")", some),
            ("-(" + " AND ".join(texts) + ")", lambda n: not every(n)),
            ("NOT (" + " OR ".join(texts) + ")", lambda n: not some(n)),
        ]
    )


CLAUSES = st.recursive(LEAVES, lambda below: st.lists(below, min_size=1, max_size=3).flatmap(_joined), max_leaves=8)


@settings(max_examples=60, deadline=None)
@given(clauses=st.lists(CLAUSES, min_size=1, max_size=3))
def test_filters_find_what_a_plain_reading_finds(catalogue: Catalogue, clauses: list[Clause]):
    where = fq.condition([text for text, _ in clauses])
    found = catalogue.search(Query(where=where, rows=1_000, sort="name", brief=True))
    wanted = [n for n in range(NUMBER) if all(holds(n) for _, holds in clauses)]
    assert sorted(row["id"] for row in found.rows) == [f"id-{n:03}" for n in wanted]
    assert found.total == len(wanted)


@pytest.mark.parametrize("sort", ["changed", "name", "newest", "title", "hottest"])
@pytest.mark.parametrize("backwards", [False, True])
def test_pages_by_number_are_the_whole_in_order(catalogue: Catalogue, sort: Any, backwards: bool):
    pages = [
        catalogue.search(Query(sort=sort, backwards=backwards, rows=7, offset=start, brief=True)).rows
        for start in range(0, NUMBER + 14, 7)
    ]
    found = [int(row["id"][3:]) for rows in pages for row in rows]
    keys = {"changed": lambda n: -n, "name": lambda n: _document(n)["quanmin:name"]}
    assert sorted(found) == list(range(NUMBER))
    if sort in keys:
        assert found == sorted(range(NUMBER), key=keys[sort], reverse=backwards)
    assert catalogue.all_names(3, 5) == sorted(_document(n)["quanmin:name"] for n in range(NUMBER))[3:8]


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"], exclude_characters="<"), min_size=1, max_size=12
)
BOTH = st.dictionaries(st.sampled_from(("zh", "en")), WORDS.filter(str.strip), min_size=1)
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8", exclude_categories=["C"])),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(WORDS, below, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "@type": st.sampled_from(("dcat:Dataset", "dcat:DatasetSeries")),
        "dct:identifier": st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True),
        "quanmin:name": st.from_regex(r"[a-z0-9_-]{2,20}", fullmatch=True),
        "dct:title": BOTH,
        "dct:description": BOTH,
        "dct:publisher": st.just({"dct:identifier": "health", "foaf:name": {"zh": "卫"}}),
        "quanmin:access": st.sampled_from(("public", "closed")),
    },
    optional={
        "dcat:keyword": st.dictionaries(
            st.sampled_from(("zh", "en")), st.lists(WORDS, min_size=1, max_size=3), min_size=1
        ),
        "dcat:theme": st.lists(st.sampled_from(("HEAL", "SOCI")), min_size=1, unique=True),
        "dcat:version": WORDS,
        "dcat:contactPoint": st.just({"vcard:fn": "处", "vcard:hasEmail": "a@b"}),
        "dct:license": st.just("cc-by"),
        "dct:modified": st.sampled_from(("2026", "2026-11", "2026-11-28")),
        "dct:temporal": st.just([{"dcat:startDate": "2025"}]),
        "adms:anything": ANY.filter(lambda one: one is not None),
        "quanmin:extras": st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), WORDS, min_size=1, max_size=3),
        "dcat:distribution": st.lists(
            st.fixed_dictionaries(
                {
                    "dct:identifier": st.from_regex(r"[A-Za-z0-9._-]{1,9}", fullmatch=True),
                    "dcat:accessURL": st.sampled_from(("https://a.example/x", "/datasets/x")),
                },
                optional={
                    "dct:title": BOTH,
                    "dct:format": st.just("csv"),
                    "dct:license": st.just("cc-by"),
                    "dcat:downloadURL": st.just("https://a.example/y.csv"),
                    "dcat:byteSize": st.integers(0, 10**12),
                    "spdx:checksum": st.just({"spdx:algorithm": "sha256", "spdx:checksumValue": "ab"}),
                    "adms:status": WORDS,
                },
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda one: one["dct:identifier"],
        ),
    },
)


@settings(max_examples=60, deadline=None)
@given(document=DOCUMENTS)
def test_a_package_that_comes_back_changes_nothing_and_can_be_made_anew(document: dict[str, Any]):
    assert not problems(document)
    standing = Standing(START, START)
    shown = json.loads(json.dumps(package(document, standing, LOOK)))
    assert describe(shown, shown, document, LOOK) == document
    begun = {key: document[key] for key in ("dct:identifier", "dct:publisher")}
    anew = describe(shown, None, begun, LOOK)
    assert package(anew, standing, LOOK) == shown
    licence = {"dct:license": shown["license_id"]} if shown["license_id"] else {}
    assert anew == document | licence
