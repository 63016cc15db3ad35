"""The catalogue for machines: forms, negotiation, pages, tags, tombstones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, Store
from starlette.testclient import TestClient

from quanmin.ledger import Ledger
from quanmin.opendata.catalogue.store import DRAFT
from quanmin.opendata.catalogue.store import Store as Records
from quanmin.settings import Settings
from quanmin.synth import open_catalogue
from quanmin.web import application
from quanmin.web.faces import preferred


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server with 103 published records, one withdrawn and one draft."""
    settings = Settings(home=tmp_path_factory.mktemp("faces") / "home", web_rate=10_000, web_burst=100_000)
    documents = list(open_catalogue.documents(105))
    documents[0] |= {"quanmin:name": "shown"}
    documents[1] |= {"quanmin:name": "gone"}
    documents[2] |= {"quanmin:name": "draft"}
    with Ledger.open(settings) as ledger:
        records = Records(ledger)
        records.write([one for one in documents if one["quanmin:name"] != "draft"], "test")
        records.write([documents[2]], "test", DRAFT)
        records.withdraw("gone", "数据有误 <b>", "test")
    with TestClient(application(settings), "http://localhost:8000", follow_redirects=False) as client:
        yield client


def graph(answer: Any, form: RdfFormat = RdfFormat.TURTLE) -> Store:
    assert answer.status_code == 200, answer.text
    store = Store()
    store.load(answer.content, format=form)
    return store


def objects(store: Store, local: str) -> list[str]:
    query = f'SELECT ?o {{ ?s ?p ?o FILTER strends(str(?p), "{local}") }}'
    return [row["o"].value for row in store.query(query)]


def test_pages_follow_one_another_to_the_last(site):
    seen, address = [], "/catalog.ttl"
    while address:
        store = graph(site.get(address))
        seen += objects(store, "dcat#dataset")
        assert objects(store, "core#totalItems") == ["103"]
        address = next(iter(objects(store, "core#next")), "").removeprefix("http://localhost:8000")
    assert len(seen) == len(set(seen)) == 103
    assert "http://localhost:8000/datasets/shown" in seen and not any(one.endswith(("gone", "draft")) for one in seen)


@pytest.mark.parametrize("page", ["0", "3", "-1", "x", "1e9", "٣", "9" * 40, ""])
def test_a_page_that_is_not_there_is_told(site, page):
    answer = site.get(f"/catalog.ttl?page={page}")
    assert answer.status_code == 404 and answer.json()["code"] == "QM-FACES-002"


FORMS = {"ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD, "rdf": RdfFormat.RDF_XML, "nt": RdfFormat.N_TRIPLES}


@pytest.mark.parametrize("ending", FORMS)
def test_a_record_in_every_form_with_its_links_and_tag(site, ending):
    answer = site.get(f"/datasets/shown.{ending}")
    assert "hydra" not in answer.text and objects(graph(answer, FORMS[ending]), "terms/identifier")
    assert '<http://localhost:8000/datasets/shown>; rel="canonical"' in answer.headers["link"]
    assert 'rel="describedby"; type="text/turtle"' in answer.headers["link"]
    assert 'rel="profile"' not in answer.headers["link"]  # nobody said who the health data access body is
    again = site.get(f"/datasets/shown.{ending}", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304 and not again.content
    assert answer.headers["access-control-allow-origin"] == "*"
    assert site.head(f"/datasets/shown.{ending}").status_code == 200


ACCEPTS = {
    "text/html,application/xhtml+xml,*/*;q=0.8": "/zh/datasets/shown",
    "*/*": "/zh/datasets/shown",
    "": "/zh/datasets/shown",
    "text/turtle": "text/turtle",
    "application/ld+json;q=0.9, text/turtle;q=0.5": "application/ld+json",
    "text/html;q=0.4, application/rdf+xml": "application/rdf+xml",
    "application/json": "application/ld+json",
    "image/png": "/zh/datasets/shown",
    "text/turtle;q=0, text/html;q=0.1": "/zh/datasets/shown",
    "text/turtle;q=x": "/zh/datasets/shown",
}


@pytest.mark.parametrize("accept", ACCEPTS)
def test_the_header_chooses_the_form(site, accept):
    answer = site.get("/datasets/shown", headers={"accept": accept, "accept-language": "zh-CN,zh"})
    found = answer.headers["location"] if answer.status_code == 303 else answer.headers["content-type"].split(";")[0]
    assert found == ACCEPTS[accept]
    assert answer.status_code in (200, 303)
    assert "accept" in answer.headers["vary"]


def test_the_language_of_the_page_is_the_readers(site):
    answer = site.get("/datasets/shown", headers={"accept": "text/html", "accept-language": "en"})
    assert answer.headers["location"] == "/en/datasets/shown"
    assert site.get("/catalog", headers={"accept": "text/turtle"}).headers["location"] == "/catalog.ttl"


def test_a_header_of_any_length_is_read_quickly():
    assert preferred("text/turtle," * 100_000) is not None
    assert preferred("a;q=1;" * 100_000) is None


def test_a_withdrawn_record_is_gone_with_its_reason(site):
    answer = site.get("/datasets/gone.ttl")
    assert answer.status_code == 410 and "数据有误 <b>" in answer.text
    assert site.get("/datasets/gone", headers={"accept": "application/ld+json"}).status_code == 410
    said = site.get("/datasets/gone/croissant.json")
    assert said.status_code == 410 and said.json()["reason"] == "数据有误 <b>"
    page = site.get("/datasets/gone", headers={"accept": "text/html"})
    assert page.status_code == 303 and page.headers["location"].endswith("/datasets/gone")


@pytest.mark.parametrize("name", ["draft", "none", "..%2F..", "%00", "x" * 3000, "<b>"])
def test_what_nobody_may_see_and_what_is_not_there_are_the_same(site, name):
    for ending in (".ttl", "/croissant.json", ""):
        answer = site.get(f"/datasets/{name}{ending}", headers={"accept": "text/turtle"})
        assert answer.status_code == 404
        assert "<b>" not in answer.text or answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_whole_catalogue_in_other_standards(site):
    said = site.get("/data.json").json()
    assert len(said["dataset"]) == 103
    assert site.get("/data.json?language=zh").json()["language"] == ["zh"]
    rows = site.get("/catalog/core-metadata.json").json()
    assert len(rows) == 103
    assert site.get("/catalog/core-metadata.csv").content.count(b"\r\n") == 104
    assert site.get("/catalog/core-metadata.xlsx").content[:2] == b"PK"


def test_what_has_no_table_says_so(site):
    answer = site.get("/datasets/shown/croissant.json")
    assert answer.status_code == 404 and answer.json()["code"] == "QM-FACES-003"


def test_a_bad_profile_is_an_error_and_no_crash(tmp_path: Path):
    file = tmp_path / "profile.toml"
    file.write_text("x = 1", "utf-8")
    settings = Settings(home=tmp_path / "home", catalogue_profile=file)
    with TestClient(application(settings), "http://localhost:8000") as client:
        answer = client.get("/catalog.ttl")
    assert answer.status_code == 422 and json.loads(answer.text)["code"] == "QM-FACES-001"
