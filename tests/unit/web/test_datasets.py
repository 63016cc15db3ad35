"""The open catalogue in the portal, page by page, on a portal with a record of every kind."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Tree

import pyarrow as pa
import pytest
from sqlalchemy import Engine, event

from quanmin.ledger import Ledger
from quanmin.opendata import Portal
from quanmin.opendata.preview import Looker
from quanmin.opendata.preview.look import SLOW
from quanmin.settings import Settings
from quanmin.synth import open_catalogue

from . import open_data
from .conftest import ORIGIN, Browser
from .test_portal import read

SIMULATED = 60
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def publish(home: Path, *documents: dict[str, Any]) -> None:
    """Publish, as another process does."""
    settings = Settings(home=home)
    with Ledger.open(settings) as ledger:
        Portal(settings, ledger).catalogue.publish_all(documents, "officer")


def filled(home: Path, simulated: int = 0) -> None:
    settings = Settings(home=home)
    with Ledger.open(settings) as ledger:
        portal = Portal(settings, ledger)
        open_data.fill(portal)
        portal.catalogue.publish_all(open_catalogue.documents(simulated), "officer")
        again = open_data.beds(portal)
        again["dcat:distribution"][0] = open_data.distribution(
            portal, "hospital-beds-3", "parquet", open_data.parquet(open_data.table().slice(2))
        )
        portal.catalogue.publish({**again, "dcat:version": "1.1"}, "officer")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser of a portal that tests only read."""
    home = tmp_path_factory.mktemp("portal") / "home"
    filled(home, SIMULATED)
    browser = Browser(home)
    yield browser
    browser.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Browser]:
    """A browser of a portal that a test changes."""
    filled(tmp_path / "home")
    browser = Browser(tmp_path / "home")
    yield browser
    browser.close()


PAGES = [
    "/",
    "/datasets",
    "/datasets?q=床位",
    "/datasets?format=csv&format=parquet&wide=region",
    "/datasets?q=a-word-that-is-nowhere",
    "/suggestions?q=床",
    "/datasets/hospital-beds-3",
    "/datasets/gallery-1",
    "/datasets/registered-9",
    "/datasets/application-9",
    "/datasets/closed-9",
    "/datasets/long-1",
    "/datasets/beds-series-1",
    "/datasets/hospital-beds-3/versions/2",
    "/datasets/hospital-beds-3/preview/csv?q=420000&by=beds&down=true",
    "/datasets/gallery-1/preview/geojson",
    "/organisations",
    "/organisations/health",
    "/themes",
    "/themes/HEAL",
    "/areas/public_health",
    "/series/beds-series-1",
    "/tags?q=床",
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_kept_and_has_a_twin(opened: Browser, language: str, path: str) -> None:
    answer = opened.get(f"/{language}{path}")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "public, max-age=60", answer.text[-2000:]
    page = read(answer.text)
    assert page.headings.count(1) == 1 and page.headings[0] == 1
    assert len(page.ids) == len(set(page.ids))
    assert all(
        not one.startswith(("http", "//")) or one.startswith((ORIGIN, "http://creativecommons.org"))
        for one in page.found
    )
    bare, _, query = path.partition("?")
    twin = opened.get(f"/{language}{'/index' if bare == '/' else bare}.json?{query}")
    assert twin.status_code == 200 and twin.json()


@pytest.mark.parametrize(
    "path", ["/datasets", "/datasets?q=床位&format=csv&area=public_health", "/organisations", "/themes"]
)
def test_a_list_asks_the_database_three_times_at_most(opened: Browser, path: str) -> None:
    said: list[str] = []
    opened.get("/zh/datasets")  # the first page of a process opens the store
    time.sleep(1.1)  # whatever was looked at within the last second is not looked at again

    def seen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.extend([] if statement.startswith("BEGIN") else [statement])

    event.listen(Engine, "before_cursor_execute", seen)
    try:
        answer = opened.get(f"/zh{path}{'&' if '?' in path else '?'}wide={time.monotonic_ns()}")
    finally:
        event.remove(Engine, "before_cursor_execute", seen)
    assert answer.status_code == 200 and 1 <= len(said) <= 3, said


def chosen(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    return found


def test_facets_are_links_that_add_up_and_count_what_they_would_find(opened: Browser) -> None:
    text = opened.get("/zh/datasets?format=csv").text
    link = re.search(r'href="(\?[^"]*format=csv&amp;format=parquet)"[^>]*>.*?</a> <span class="count">([\d,]+)', text)
    assert link is not None
    both = chosen(opened.get("/zh/datasets.json" + link[1].replace("&amp;", "&")))
    alone = [chosen(opened.get(f"/zh/datasets.json?format={one}"))["total"] for one in ("csv", "parquet")]
    assert int(link[2].replace(",", "")) == alone[1]
    assert max(alone) <= both["total"] <= sum(alone)
    off = re.search(r'href="(\?[^"]*)"[^>]*class="chosen"', text)
    assert off is not None and "format=csv" not in off[1]


def test_pages_follow_one_another_and_lose_nothing(opened: Browser) -> None:
    seen: list[str] = []
    address: str | None = "/en/datasets?sort=title"
    while address:
        text = opened.get(address).text
        seen += re.findall(r'<h3><a href="/en/datasets/([^"]+)"', text)
        follows = re.search(r'href="([^"]+)" rel="next"', text)
        assert ("Back to the start" in text) == ("after=" in address)
        address = f"/en/datasets{follows[1].replace('&amp;', '&')}" if follows else None
    total = chosen(opened.get("/en/datasets.json"))["total"]
    assert len(seen) == len(set(seen)) == total > 40


def test_what_was_found_is_marked_and_what_was_loosened_is_told(opened: Browser) -> None:
    assert "<mark>床位</mark>" in opened.get("/zh/datasets?q=床位").text
    loosened = opened.get("/en/datasets?q=hospital+zzzzzz").text
    assert "No record has all of these words." in loosened and "/en/datasets/hospital-beds-3" in loosened
    nothing = opened.get("/en/datasets?q=qqqq+zzzzzz").text
    assert "Nothing was found." in nothing and "No record has all" not in nothing
    assert ("/en/requests/new" in nothing) == has(opened, "/requests/new")


def has(browser: Browser, path: str) -> bool:
    """Whether the portal has a page; one that is not there is not linked to."""
    return f"/{{language}}{path}" in browser.get("/openapi.json").json()["paths"]


def test_a_series_has_the_members_that_know_it_by_name_or_by_id(own: Browser) -> None:
    publish(
        own.settings.home, open_data.record("beds-5", "又一床位", "More beds", [], dcat__inSeries="id.beds-series-1")
    )
    time.sleep(1.1)
    for key in ("beds-series-1", "id.beds-series-1"):
        text = own.get(f"/en/series/{key}").text
        assert "/en/datasets/beds-5" in text and "/en/datasets/hospital-beds-3" in text
    assert "/en/series/beds-series-1" in own.get("/en/datasets/beds-series-1").text


def test_a_file_that_is_kept_elsewhere_is_not_fetched(own: Browser) -> None:
    far = [
        {"dct:identifier": kind, "dcat:accessURL": f"https://far.example/x.{kind}", "dct:format": kind}
        for kind in ("mp4", "png", "csv", "api")
    ]
    publish(own.settings.home, open_data.record("far-1", "别处的文件", "Files elsewhere", far))
    text = own.get("/en/datasets/far-1").text
    assert 'src="https://far' not in text and text.count("it is not fetched from here") == 3
    assert "curl https://far.example/x.api" in text and 'href="https://far.example/x.csv"' in text


def test_tags_in_titles_and_queries_stay_words(opened: Browser) -> None:
    page = opened.get("/zh/datasets/long-1").text
    assert "<b>x</b>" not in page and "&lt;b&gt;x&lt;/b&gt;&amp;" in page
    query = opened.get("/zh/datasets?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in query and "&lt;script&gt;alert(1)" in query
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert data is not None and "<b>x</b>&" in json.loads(data[1])["description"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("q=" + "x" * 301, "QM-CATALOGUE-006"),
        ("sort=heat", "QM-CATALOGUE-007"),
        ("after=x", "QM-CATALOGUE-007"),
        ("after=%00&sort=title", "QM-CATALOGUE-007"),
        ("format=" + "y" * 500, "QM-WEB-003"),
    ],
)
def test_a_search_that_is_wrong_is_told_where_it_was_asked(opened: Browser, query: str, code: str) -> None:
    page, twin = opened.get(f"/en/datasets?{query}"), opened.get(f"/en/datasets.json?{query}")
    assert page.status_code == twin.status_code == 422 and code in page.text and twin.json()["code"] == code


def test_codes_that_nobody_has_find_nothing_and_can_be_taken_back(opened: Browser) -> None:
    text = opened.get("/en/datasets?theme=NONE%27%20OR%201%3D1").text
    assert "Nothing was found." in text and "Search without narrowing down" in text


def test_a_dataset_tells_everything_of_its_record(opened: Browser) -> None:
    text = opened.get("/en/datasets/hospital-beds-3").text
    for words in (
        "Health Commission",
        "CC Attribution 4.0",
        "updated in time, next by",
        "AG-2026-7",
        "Household registration",
        "release-12",
        "The signed evidence of the release",
        "GB/T 2261.1 · 2003",
        "Cite and use",
        "Health Commission (2026). Hospital beds by province, 1.1 [Data set].",
        "/datasets/hospital-beds-3.ttl",
        "/datasets/hospital-beds-3/croissant.json",
        "read_parquet",
    ):
        assert words in text, words
    data = opened.get("/en/datasets/hospital-beds-3.json").json()
    assert data["document"]["quanmin:name"] == "hospital-beds-3" and len(data["quality"]["parts"]) == 9
    assert [one["number"] for one in data["versions"]] == [2, 1] and data["due"] == "2028-04-02"
    for part in data["quality"]["parts"]:
        assert part["reason"]["en"] in text


def test_each_kind_of_file_has_its_look(opened: Browser) -> None:
    text = opened.get("/en/datasets/gallery-1").text
    assert '<img class="look"' in text and 'width="320" height="120"' in text
    assert "<audio" in text and "<video" in text and "<svg" in text and "curl http://localhost:8000/data/v1/" in text
    assert "1 areas are not drawn" in text and "there is no preview of this format" in text
    assert "&lt;script&gt;alert(1)" in text and "说明.txt" in text
    beds = opened.get("/en/datasets/hospital-beds-3").text
    assert "16 rows in all" in beds and 'class="chart-figure"' in beds and "Shanghai" in beds


def test_the_data_api_is_tried_where_there_is_a_table(opened: Browser) -> None:
    text = opened.get("/en/datasets/hospital-beds-3").text
    answer = re.search(r"Answer:.*?<code>(\{.*?)</code>", text, re.DOTALL)
    assert answer is not None
    shown = json.loads(html.unescape(answer[1]))
    asked = opened.get("/data/v1/datasets/hospital-beds-3/rows?limit=2").json()
    assert shown["rows"] == asked["rows"] and len(shown["rows"]) == 2


def test_all_rows_of_a_table_are_looked_through(own: Browser) -> None:
    settings, count = own.settings, 12_000
    with Ledger.open(settings) as ledger:
        portal = Portal(settings, ledger)
        table = pa.table({"code": [f"{number:06}" for number in range(count)]})
        files = [open_data.distribution(portal, "many-1", "parquet", open_data.parquet(table))]
        portal.catalogue.publish(open_data.record("many-1", "许多行", "Many rows", files), "officer")
    last = own.get("/en/datasets/many-1/preview/parquet.json?by=code&down=true").json()
    assert last["rows"][0] == [f"{count - 1:06}"] and last["pages"] == count // 50 and last["read"] == count
    found = own.get("/en/datasets/many-1/preview/parquet.json?q=011999").json()
    assert found["rows"] == [["011999"]] and found["fits"] == 1
    beyond = own.get("/en/datasets/many-1/preview/parquet.json?page=9999").json()
    assert beyond["rows"] == [] and beyond["page"] == count // 50


def test_rows_are_filtered_and_sorted_as_numbers(opened: Browser) -> None:
    found = opened.get("/zh/datasets/hospital-beds-3/preview/csv.json?q=420000&by=beds&down=true").json()
    assert [row[2] for row in found["rows"]] == ["1129", "1118", "1107", "1096", "1085", "1074"] and found["fits"] == 6
    none = opened.get("/zh/datasets/hospital-beds-3/preview/csv.json?q=nowhere&by=no-such&page=9999").json()
    assert none["rows"] == [] and none["page"] == 1


@pytest.mark.parametrize("path", ["/preview/no-such", "/versions/3", "/versions/x", "/preview/evidence/x"])
def test_parts_of_a_dataset_that_are_not_there(opened: Browser, path: str) -> None:
    assert opened.get(f"/zh/datasets/hospital-beds-3{path}").status_code == 404


def test_kinds_of_access_lead_where_the_data_are_to_be_had(opened: Browser) -> None:
    registered = opened.get("/en/datasets/registered-9").text
    assert "QM-ACCESS-002" in registered and "/en/sign-in?next=" in registered
    applied, closed = opened.get("/en/datasets/application-9").text, opened.get("/en/datasets/closed-9").text
    assert "QM-ACCESS-003" in applied and "QM-ACCESS-001" in closed
    assert ("/en/datasets/application-9/apply" in applied) == has(opened, "/datasets/{name}/apply")
    assert ("/en/requests/new?dataset=closed-9" in closed) == has(opened, "/requests/new")
    for text in (registered, applied, closed):
        assert " download>" not in text and "1129" not in text
    for kind in ("registered", "application", "closed"):
        refused = opened.get(f"/en/datasets/{kind}-9/preview/csv.json")
        assert refused.status_code == 403 and "1129" not in refused.text


def test_whoever_signed_in_has_what_is_for_those_who_registered(home: Path, browse: Any) -> None:
    filled(home)
    browser = browse(home)
    anybody = browser.get("/en/datasets/registered-9").text
    text = browser.sign_in("demo-citizen", "portal").get("/en/datasets/registered-9").text
    file = re.search(r'href="(/files/[^"]+)"[^>]* download', text)
    assert file is not None and "110000" in text and "110000" not in anybody and "X-API-Key" in text
    assert (
        browser.get(file[1]).status_code == 200
        and browser.get("/en/datasets/registered-9/preview/csv").status_code == 200
    )
    assert "QM-ACCESS-003" in browser.get("/en/datasets/application-9").text
    assert browser.sign_out().get(file[1]).status_code == 401
    assert "110000" not in browser.get("/en/datasets/registered-9").text


def test_a_look_that_takes_long_is_not_what_is_kept(own: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as slow:
        slow.setattr(Looker, "look", lambda *_given: SLOW)
        page = own.get("/en/datasets/hospital-beds-3")
        assert "showing it took too long" in page.text and page.headers["cache-control"] == "no-store"
    again = own.get("/en/datasets/hospital-beds-3")
    assert "16 rows in all" in again.text and again.headers["cache-control"] == "public, max-age=60"


def test_a_withdrawn_record_keeps_its_page_and_says_why(opened: Browser) -> None:
    page, twin = opened.get("/en/datasets/gone-1"), opened.get("/en/datasets/gone-1.json")
    assert page.status_code == twin.status_code == 410 and "口径有误" in page.text
    assert "/en/datasets/hospital-beds-3" in page.text
    told = twin.json()
    assert told["code"] == "QM-WEB-021" and told["reason"] == "口径有误" and told["replaced_by"] == "hospital-beds-3"
    assert opened.get("/en/datasets/gone-1/preview/csv").status_code == 410
    assert "gone-1" not in opened.get("/en/datasets.json?q=将撤回").text


def test_an_unknown_one_is_not_there_and_a_search_is_offered(opened: Browser) -> None:
    page = opened.get("/en/datasets/no-such-dataset")
    assert page.status_code == 404 and 'value="no such dataset"' in page.text and "QM-CATALOGUE-002" in page.text
    assert opened.get("/en/datasets/no-such-dataset.json").json()["code"] == "QM-CATALOGUE-002"
    assert opened.get("/en/datasets/a%0Ab").status_code == 404
    for path in ("/organisations/none", "/themes/NONE", "/areas/none", "/series/none"):
        assert opened.get(f"/en{path}").status_code == 404, path
    assert opened.get("/en/themes/TRAN").status_code == 200  # a theme about which there is nothing yet


def test_an_old_name_and_an_id_lead_to_the_present_name(own: Browser) -> None:
    settings = own.settings
    with Ledger.open(settings) as ledger:
        portal = Portal(settings, ledger)
        portal.catalogue.publish({**open_data.beds(portal), "quanmin:name": "beds-4"}, "officer")
    for old in ("hospital-beds-3", "id.hospital-beds-3"):
        moved = own.get(f"/en/datasets/{old}")
        assert moved.status_code == 308 and moved.headers["location"] == "/en/datasets/beds-4"
    assert own.get("/en/datasets/hospital-beds-3/versions/1").headers["location"] == "/en/datasets/beds-4/versions/1"
    assert own.get("/en/datasets/hospital-beds-3.json").headers["location"] == "/en/datasets/beds-4.json"


def test_a_draft_is_seen_by_nobody(own: Browser) -> None:
    settings = own.settings
    with Ledger.open(settings) as ledger:
        catalogue = Portal(settings, ledger).catalogue
        catalogue.draft(open_data.record("draft-1", "草稿", "A draft", []), "officer")
        catalogue.draft({**catalogue.get("gone-1").newest, "dct:title": {"zh": "改写"}}, "officer")
        beds = catalogue.get("hospital-beds-3")
        assert beds.document is not None
        catalogue.draft({**beds.document, "dct:title": {"zh": "改写"}}, "officer")
    assert own.get("/zh/datasets/draft-1").status_code == 404
    assert (
        "改写" not in own.get("/zh/datasets/gone-1").text
        and "改写" not in own.get("/zh/datasets/hospital-beds-3.json").text
    )
    assert own.get("/zh/datasets/hospital-beds-3/versions/3").status_code == 404


def test_what_is_published_elsewhere_is_on_kept_pages_within_two_seconds(own: Browser) -> None:
    for _ in range(2):  # the second is answered from memory
        assert "全新数据集" not in own.get("/zh/datasets?sort=newest").text
    publish(
        own.settings.home, open_data.record("brand-new-1", "全新数据集", "Brand new", [], dct__modified="2026-11-01")
    )
    until = time.monotonic() + 2
    while "全新数据集" not in own.get("/zh/datasets?sort=newest").text:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert "全新数据集" in own.get("/zh/").text and "brand-new-1" in own.get("/feeds/datasets.atom").text


def test_versions_tell_what_changed(opened: Browser) -> None:
    text = opened.get("/en/datasets/hospital-beds-3/versions/2").text
    assert "Rows: 18 before, 16 now" in text and "0 are new or changed, 2 are gone or changed" in text
    told = opened.get("/en/datasets/hospital-beds-3/versions/2.json").json()
    assert {one["part"]["en"] for one in told["changes"]} == {"Version", "Files"} and told["rows"]["before"] == 18
    first = opened.get("/en/datasets/hospital-beds-3/versions/1").text
    file = re.search(r'<a href="(/files/[0-9a-f]{64}\.parquet)" download', first)
    assert file is not None and file[1] not in opened.get("/en/datasets/hospital-beds-3").text
    assert opened.get(file[1]).status_code == 200  # every version can be had
    assert "This is the first version." in opened.get("/en/datasets/hospital-beds-3/versions/1").text


def test_a_bomb_and_a_broken_file_are_told_and_the_page_is_there(own: Browser) -> None:
    settings = own.settings
    with Ledger.open(settings) as ledger:
        portal = Portal(settings, ledger)
        contents = {
            "xlsx": open_data.bomb(),
            "png": open_data.png(60_000, 60_000, real=False),
            "parquet": b"PAR1 no",
            "csv": b"",
        }
        files = [open_data.distribution(portal, "bad-1", kind, content) for kind, content in contents.items()]
        portal.catalogue.publish(open_data.record("bad-1", "坏文件", "Bad files", files), "officer")
    begun = time.monotonic()
    page = own.get("/en/datasets/bad-1")
    assert page.status_code == 200 and time.monotonic() - begun < 3
    assert page.text.count("it is not opened here") == 2 and "<img" not in page.text
    assert "it is not what its format says" in page.text or "is not what its format says" in page.text
    assert "the file is empty" in page.text


def test_the_feed_is_atom_in_both_languages_and_goes_on(opened: Browser) -> None:
    feed = Tree.fromstring(opened.get("/feeds/datasets.atom").content)
    entries = feed.findall(f"{ATOM}entry")
    assert feed.tag == f"{ATOM}feed" and len(entries) == 50
    for one in (feed, *entries):
        assert one.findtext(f"{ATOM}id") and one.findtext(f"{ATOM}title")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", one.findtext(f"{ATOM}updated") or "")
    assert all(one.findtext(f"{ATOM}author/{ATOM}name") for one in entries)
    assert len({one.findtext(f"{ATOM}id") for one in entries}) == 50
    languages = [[link.get("hreflang") for link in one.findall(f"{ATOM}link")] for one in entries]
    assert all(one == ["zh", "en"] for one in languages)
    follows = next(link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "next")
    more = Tree.fromstring(opened.get(str(follows).removeprefix(ORIGIN)).content)
    assert len(more.findall(f"{ATOM}entry")) == chosen(opened.get("/zh/datasets.json"))["total"] - 50
    narrowed = Tree.fromstring(opened.get("/feeds/organisation/health.atom").content)
    assert narrowed.findtext(f"{ATOM}title") == "卫生健康委员会 / Health Commission"
    for wrong, status in (
        ("/feeds/organisation/none.atom", 404),
        ("/feeds/tag/x.atom", 404),
        ("/feeds/datasets.atom?after=x", 422),
    ):
        assert opened.get(wrong).status_code == status


def test_the_sitemap_lists_every_dataset_in_both_languages(opened: Browser) -> None:
    assert f"Sitemap: {ORIGIN}/sitemap.xml" in opened.get("/robots.txt").text
    index = Tree.fromstring(opened.get("/sitemap.xml").content)
    parts = [str(one.text).removeprefix(ORIGIN) for one in index.iter(f"{SITEMAP}loc")]
    assert parts == ["/sitemaps/0.xml", "/sitemaps/1.xml"] and opened.get("/sitemaps/2.xml").status_code == 404
    urls = Tree.fromstring(opened.get(parts[1]).content).findall(f"{SITEMAP}url")
    assert len(urls) == 2 * chosen(opened.get("/zh/datasets.json"))["total"]
    places = {one.findtext(f"{SITEMAP}loc") for one in urls}
    assert f"{ORIGIN}/zh/datasets/gallery-1" in places and f"{ORIGIN}/en/datasets/gallery-1" in places
    assert not any("gone-1" in str(one) for one in places)
    link = "{http://www.w3.org/1999/xhtml}link"
    assert all({each.get("hreflang") for each in one.findall(link)} == {"zh", "en"} for one in urls)
    for one in Tree.fromstring(opened.get(parts[0]).content).iter(f"{SITEMAP}loc"):
        assert opened.get(str(one.text).removeprefix(ORIGIN)).status_code in (200, 404)


def test_the_first_page_leads_with_the_catalogue(opened: Browser) -> None:
    text = opened.get("/en/").text
    assert text.index('role="search"') < text.index("The hottest") < text.index("By business area")
    told = opened.get("/en/index.json").json()["catalogue"]
    assert told["records"] == chosen(opened.get("/en/datasets.json"))["total"] and told["organisations"] > 10
    assert '<a href="/en/datasets">Data catalogue</a>' in text


def test_suggestions_are_links_to_records_and_to_narrowed_lists(opened: Browser) -> None:
    found = opened.get("/zh/suggestions.json?q=床").json()["suggestions"]
    kinds = {one["kind"] for one in found}
    assert {"tag", "record"} <= kinds
    for one in found:
        assert opened.get(f"/zh{one['path']}").status_code == 200
    assert opened.get("/zh/suggestions.json").json()["suggestions"] == []
    assert opened.get("/zh/suggestions?q=" + "x" * 301).status_code == 422


def test_views_are_counted_of_people_who_look_and_of_nothing_else(own: Browser) -> None:
    person, robot = {"user-agent": "Mozilla/5.0"}, {"user-agent": "Googlebot/2.1"}
    for _ in range(2):  # the second is answered from memory
        own.get("/zh/datasets/gallery-1", headers=person)
    own.get("/zh/datasets/gallery-1", headers=robot)
    own.get("/zh/datasets/gallery-1", headers={**person, "sec-purpose": "prefetch"})
    own.get("/zh/datasets/no-such", headers=person)
    own.get("/zh/datasets", headers=person)
    own.client.head("/zh/datasets/gallery-1", headers=person)
    settings = own.settings
    own.client.__enter__()  # the server's life, at whose end what was counted is written
    own.client.__exit__(None, None, None)
    parts = list((settings.home / "open" / "usage").glob("part-*"))
    assert [json.loads(one.read_text("utf-8")) for one in parts] == [[["views", "gallery-1", 2]]]
