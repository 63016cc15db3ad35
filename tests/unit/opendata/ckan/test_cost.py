"""What a search costs: statements, whatever page and however many facets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from quanmin.ledger import Ledger
from quanmin.opendata import Portal
from quanmin.opendata.catalogue import catalogue as module
from quanmin.opendata.ckan import Caller, Given, Site, find
from quanmin.settings import Settings
from quanmin.synth import open_catalogue

MOST = 3
FACETS = {"facet.field": ["organization", "tags", "res_format", "groups"]}


def _nobody() -> Any:
    raise AssertionError("a search asks not who somebody is")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = Settings(home=tmp_path_factory.mktemp("cost"))
    with Ledger.open(settings) as ledger:
        made = Site(Portal(settings, ledger), _nobody)
        made.catalogue.publish_all(open_catalogue.documents(1_200, seed=5), "officer")
        yield made


@pytest.mark.parametrize(
    "given", [{}, {"q": "卫生"}, {"rows": 1_000}, {"start": 1_000, "rows": 100}, {"fq": "name:a* OR id:b"}]
)
def test_a_search_is_three_statements_at_most(site: Site, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "FRESH", 0.0)  # it looks for changes, too
    said: list[str] = []

    def seen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "WITH")):
            said.append(statement)

    event.listen(site.portal.ledger.engine, "before_cursor_execute", seen)
    try:
        found = find("package_search").work(site, Caller(), Given({**FACETS, **given}))
    finally:
        event.remove(site.portal.ledger.engine, "before_cursor_execute", seen)
    assert 1 <= len(said) <= MOST, said
    assert len(found["results"]) == max(0, min(given.get("rows", 10), found["count"] - given.get("start", 0)))


def test_pages_lose_and_repeat_nothing(site: Site):
    search = find("package_search").work
    pages = [search(site, Caller(), Given({"rows": 400, "start": start}))["results"] for start in range(0, 1_600, 400)]
    ids = [one["id"] for page in pages for one in page]
    assert len(ids) == len(set(ids)) == 1_200 and not pages[-1]
    moments = [one["metadata_modified"] for page in pages for one in page]
    assert moments == sorted(moments, reverse=True)
    named = find("package_list").work(site, Caller(), Given({}))
    assert sorted(one["name"] for page in pages for one in page) == named


def test_counts_of_facets_are_what_their_filters_find(site: Site):
    search = find("package_search").work
    found = search(site, Caller(), Given({**FACETS, "facet.limit": 3, "rows": 0}))
    for field, said in found["search_facets"].items():
        assert 1 <= len(said["items"]) <= 3
        for one in said["items"]:
            fq = f'{field}:"{one["name"]}"'
            assert search(site, Caller(), Given({"fq": fq, "rows": 0}))["count"] == one["count"], fq
