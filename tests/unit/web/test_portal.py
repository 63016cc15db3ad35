"""The public pages of the portal: nothing of a person is there, figures are counted once, every link leads somewhere."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import openpyxl
import pyarrow.parquet as pq
import pytest

from quanmin.ledger import Ledger
from quanmin.population.structure import MINIMUM
from quanmin.trust import audit
from quanmin.web.patterns import PARTS, charts
from quanmin.web.portal.sights import BYS, MEASURES, SIGHTS, chosen

from .conftest import Browser

Browse = Callable[..., Browser]
PUBLIC = ["/", "/about", "/statistics", "/statistics/map", "/explore", "/explore/spec", "/patterns", "/interface"]
NUMBERS = re.compile(r"(?<!\d)(?<!\d\.)\d{17}[\dXx](?!\d)")
"""Whatever could be a citizen number; not the digits of a fraction (0.960396…), of which shares have seventeen."""
HEXADECIMAL = re.compile(r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])(?:[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128})(?![0-9A-Za-z])")
"""The name of a document, a digest or a signature: by chance, eighteen characters of it in a row are digits."""


class Links(HTMLParser):
    """The addresses that a page names, and what a checker of pages would look at first."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.endless: list[str] = []  # ways to narrow a list down, whose combinations have no end: `rel="nofollow"`
        self.away: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        held = dict(attributes)
        told = set((held.get("rel") or "").split())
        away = tag == "a" and told & {"license", "ugc"}  # a licence's text, and what the public names, stand elsewhere
        (self.away if away else self.endless if "nofollow" in told else self.found).extend(
            held[name] or "" for name in ("href", "src", "action") if held.get(name)
        )
        self.ids += [held["id"] or ""] if "id" in held else []
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        assert "style" not in held and not any(name.startswith("on") for name in held), (tag, held)


def read(text: str) -> Links:
    links = Links()
    links.feed(text)
    return links


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_kept_whole_and_names_no_person(province: Browser, language: str, path: str) -> None:
    answer = province.get(f"/{language}{path}")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "public, max-age=60"
    page = read(answer.text)
    assert page.headings.count(1) == 1 and page.headings[0] == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert len(page.ids) == len(set(page.ids))
    assert not NUMBERS.search(answer.text)
    twin = province.get(f"/{language}{'/index' if path == '/' else path}.json")
    assert twin.status_code == 200 and twin.json()


@pytest.mark.parametrize("look", ["elder", "contrast", "elder.contrast"])
def test_a_look_is_a_page_of_its_own(province: Browser, look: str) -> None:
    province.client.cookies.set("quanmin_mode", look)
    answer = province.get("/zh/statistics")
    assert answer.status_code == 200 and all(word in answer.text for word in look.split("."))


def said(answer: Any) -> str:
    """What an answer says in words: of a file of cells, each cell for itself."""
    if answer.content.startswith(b"PAR1"):
        return "\n".join(map(str, pq.read_table(io.BytesIO(answer.content)).to_pylist()))
    if answer.content.startswith(b"PK"):
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        return "\n".join(str(row) for sheet in book for row in sheet.iter_rows(values_only=True))
    return HEXADECIMAL.sub("", str(answer.text))


def test_nobody_finds_a_dead_end_an_error_or_a_person(province: Browser) -> None:
    """A crawler that follows every link of both faces as nobody, and what narrows a list down once from each list."""
    waiting, seen = ["/", "/zh/", "/en/", "/console/zh/"], dict[str, int]()
    narrowed: list[str] = []
    while waiting or narrowed:
        last = not waiting
        place = waiting.pop() if waiting else narrowed.pop()
        if place in seen:
            continue
        answer = province.get(place)
        seen[place] = answer.status_code
        assert answer.status_code in (200, 303), (place, answer.status_code)
        assert place.startswith("/static/") or not NUMBERS.search(said(answer)), place
        found = [answer.headers["location"]] if answer.status_code == 303 else []
        if answer.headers.get("content-type", "").startswith("text/html"):
            links = read(answer.text)
            found += [] if last else links.found
            narrowed += [] if last else [urljoin(place, one) for one in links.endless]
        for link in found:
            whole = urlsplit(urljoin("http://localhost:8000" + place, link))
            assert whole.scheme == "mailto" or whole.netloc == "localhost:8000", (place, link)
            bare = whole.path + (f"?{whole.query}" if whole.query else "")
            if whole.scheme != "mailto" and not whole.path.endswith(("/look", "/sign-in", "/sign-out")):
                waiting.append(bare)
    assert len(seen) > 60
    told = [place for place in seen if "/my-record" in place]
    assert told and all(seen[place] == 303 for place in told)


def test_robots_are_told_to_stay_out_of_records(province: Browser) -> None:
    text = province.get("/robots.txt").text
    assert all(f"Disallow: {place}" in text for place in ("/console/", "/zh/my-record", "/en/my-record"))


def test_figures_are_counted_once_for_all_visitors_and_none_is_small(home: Path, browse: Browse) -> None:
    browser = browse(home)
    with Ledger.open(browser.settings) as ledger:
        before = len(audit.search(ledger, actor="public"))
        for place in (
            "/zh/",
            "/en/",
            "/zh/statistics",
            "/en/statistics",
            "/zh/explore",
            "/zh/statistics/people-age.csv",
        ):
            assert browser.get(place).status_code == 200
        events = [one.fields["event"] for one in audit.search(ledger, actor="public")]
    assert len(events) == before + 3 and sorted(events[:3]) == ["decide", "read", "read"]
    for sight in browser.get("/zh/statistics.json").json()["sights"]:
        if sight["name"].startswith("people"):
            figures = [cell for row in sight["rows"] for cell in row[1:] if not isinstance(cell, dict)]
            assert all(cell in ("*", 0) or cell >= MINIMUM for cell in figures), sight["name"]
    assert "*" in json.dumps(browser.get("/zh/statistics.json").json()), "a province of 300 people has small counts"


@pytest.mark.parametrize("name", SIGHTS)
def test_every_sight_has_a_chart_a_table_a_file_and_a_specification(province: Browser, name: str) -> None:
    sight = SIGHTS[name]
    page = province.get(f"/en/explore?measure={sight.measure}&by={sight.by}")
    assert page.text.count("<svg") == 1 and "chart-table" in page.text and sight.title.en in page.text
    twin = province.get(f"/en/explore.json?measure={sight.measure}&by={sight.by}").json()
    file = province.get("/en" + twin["file"])
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len(rows) == len(twin["rows"]) + 1 and rows[0] == [one["en"] for one in twin["columns"]]
    spec = province.get(f"/en/explore/spec.json?measure={sight.measure}&by={sight.by}").json()
    known = [cell for row in twin["rows"] for cell in row[1:] if isinstance(cell, int | float)]
    assert [one["value"] for one in spec["data"]["values"] if one["value"] is not None] == known
    assert {"url", "expr", "signal"}.isdisjoint(_keys(spec))


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for one in value.values() for name in _keys(one)}
    return {name for one in value for name in _keys(one)} if isinstance(value, list) else set()


def test_a_choice_that_there_is_not_is_another_one() -> None:
    assert {chosen(measure, by).measure for measure in MEASURES for by in BYS} == set(MEASURES)
    assert chosen("none", "none") in SIGHTS.values()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/zh/statistics/nothing.csv", 404),
        ("/zh/statistics/" + "x" * 100 + ".csv", 404),
        ("/zh/explore?measure=" + "x" * 100, 422),
        ("/zh/explore?measure=%00&by='", 200),
        ("/zh/statistics/map?kind=boundary", 200),
        ("/fr/statistics", 404),
    ],
)
def test_odd_addresses(province: Browser, path: str, status: int) -> None:
    assert province.get(path).status_code == status


def test_the_contact_is_the_operators(made: Path, browse: Browse) -> None:
    told = {"contact_name": "数据处", "contact_email": "data@example.gov", "contact_phone": "010-0000"}
    page = browse(made, **told).get("/zh/about").text
    assert all(word in page for word in told.values()) and "mailto:data@example.gov" in page


def test_patterns_show_every_part_and_chart(province: Browser) -> None:
    parts = (Path(__file__).parents[3] / "src/quanmin/web/templates/shell/parts.html").read_text("utf-8")
    assert set(PARTS) == set(re.findall(r"{% macro (\w+)", parts))
    page = province.get("/en/patterns").text
    assert page.count("<figure") == len(charts()) and page.count("<svg") == len(charts())


def test_the_interface_is_described_by_us(province: Browser) -> None:
    told = province.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1") and "Error" in told["components"]["schemas"]
    assert told["components"]["securitySchemes"]["session"]["name"] == "quanmin_portal"
    operations = [(path, method, one) for path, methods in told["paths"].items() for method, one in methods.items()]
    tags = {one["name"] for one in told["tags"]}
    assert all(set(one["tags"]) <= tags and one["summary"] and one["security"] for _, _, one in operations)
    assert len({one["operationId"] for _, _, one in operations}) == len(operations)
    [statistics] = [one for path, _, one in operations if path == "/{language}/statistics.json"]
    assert statistics["tags"] == ["statistics"] and statistics["security"] == [{}, {"session": []}]
    assert statistics["responses"]["404"]["content"]["application/json"]["schema"]["$ref"].endswith("/Error")
    page = province.get("/zh/interface").text
    assert all(path in page for path, method, _ in operations if method != "get" or path.endswith(".json"))
    assert "cdn" not in page and page.count("<script") == 2


def test_every_reference_of_the_document_leads_somewhere(province: Browser) -> None:
    told = province.get("/openapi.json").json()
    found = re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(told))
    assert found
    for reference in set(found):
        held = told
        for part in reference.split("/"):
            held = held[part]


def test_what_an_address_of_the_portal_is_for_is_told_in_both_languages(province: Browser) -> None:
    areas = province.get("/zh/interface.json").json()["areas"]
    summaries = [one["summary"] for area in areas if area["name"] != "general" for one in area["operations"]]
    assert len(summaries) > 15
    assert all(
        re.search("[\u4e00-\u9fff]", one["zh"]) and not re.search("[\u4e00-\u9fff]", one["en"]) for one in summaries
    )
