"""The catalogue as pages: looked up, searched, in time, and tried on a file of which nothing stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import httpx2 as httpx
import pytest

from quanmin import standards
from quanmin.collect.upload import Uploads

from .conftest import Browser
from .test_collect import BODY, HEAD, MONTHS, TUS, rows

Browse = Callable[..., Browser]
AT = "/console/zh/standards"
PAGES = [
    "",
    "/search",
    "/search?q=birth",
    "/datasets/health.birth",
    "/elements",
    "/elements/sex",
    "/value-sets",
    "/regions",
]
PAGES += ["/value-sets/codes?name=GB/T 3304-1991", "/regions/370000", "/regions/110101?day=1990-01-01", "/check"]


@pytest.fixture
def reader(province: Browser) -> Browser:
    return province.sign_in("demo-statistician")


def check(browser: Browser, data: bytes, dataset: str = MONTHS, name: str = "months.csv") -> httpx.Response:
    return browser.post(f"{AT}/uploads/check", {"dataset": dataset}, files={"file": (name, data, "text/csv")})


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_both_languages(reader: Browser, path: str) -> None:
    for language in ("zh", "en"):
        page = reader.get(f"/console/{language}/standards{path}")
        assert page.status_code == 200, page.text
        assert len(re.findall("<h1>", page.text)) == 1
        assert len(page.content) < 300_000
        plain, question, query = path.partition("?")
        assert reader.get(f"/console/{language}/standards{plain}.json{question}{query}").json()


@pytest.mark.parametrize("path", ["", "/search?q=birth", "/check"])
def test_the_english_page_is_in_english(reader: Browser, path: str) -> None:
    text = re.sub(r"<[^>]*>", "", unescape(reader.get(f"/console/en/standards{path}").text))
    left = [sign for sign in text.replace("中文", "") if "\u4e00" <= sign <= "\u9fff"]
    assert left == [] or path == "/search?q=birth"


def test_every_dataset_and_value_set_has_its_page(reader: Browser) -> None:
    catalogue = standards.catalogue()
    for dataset in catalogue.datasets.values():
        page = reader.get(f"{AT}/datasets/{dataset.id}")
        assert page.status_code == 200 and len(page.content) < 300_000
        assert all(f'id="element-{one.name}"' in page.text for one in dataset.elements)
        assert all(f"<code>{one.id}</code>" in page.text for one in dataset.rules)
    for name, values in catalogue.value_sets.items():
        told = reader.get(f"{AT}/value-sets/codes.json", params={"name": name}).json()
        assert told["total"] == len(values.codes)
        assert reader.get(f"{AT}/value-sets/codes", params={"name": name}).status_code == 200


def test_lists_are_searched_and_paged(reader: Browser) -> None:
    found = reader.get(f"{AT}/elements.json", params={"q": "性别"}).json()
    assert found["total"] and all(
        "性别" in one["title"]["zh"] or "2261.1" in str(one["values"]) for one in found["elements"]
    )
    first = reader.get(f"{AT}/regions.json").json()
    assert len(first["regions"]) == 50 and first["total"] > 7000
    last = reader.get(f"{AT}/regions.json", params={"page": 10**6}).json()
    assert last["page"] == first["pages"] and last["regions"] != first["regions"]
    codes = reader.get(f"{AT}/value-sets/codes.json", params={"name": "GB/T 3304-1991", "q": "藏族"}).json()
    assert [one["code"] for one in codes["codes"]] == ["04"]
    nothing = reader.get(f"{AT}/elements", params={"q": "no such thing"})
    assert "没有找到" in nothing.text


def test_a_region_is_shown_as_it_was(reader: Browser) -> None:
    table = standards.catalogue().regions
    ended = next(row for row in table.rows if row.successors and row.valid_to and not row.identity)
    told = reader.get(f"{AT}/regions/{ended.code}.json").json()
    assert [one["code"] for one in told["after"]] == list(ended.successors)
    assert told["held"] is None
    then = reader.get(f"{AT}/regions/{ended.code}.json", params={"day": ended.valid_to.isoformat()}).json()
    assert then["held"] == ended.name
    after = reader.get(f"{AT}/regions/{ended.successors[0]}.json").json()
    assert ended.code in [one["code"] for one in after["before"]]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/datasets/no.such", 404),
        ("/datasets/" + "x" * 101, 422),
        ("/elements/no_such", 404),
        ("/value-sets/codes", 404),
        ("/value-sets/codes?name=" + "x" * 101, 422),
        ("/regions/999999", 404),
        ("/regions/37", 404),
        ("/regions/３７００００", 404),
        ("/regions?day=2026-13-45", 200),
        ("/regions?day=yesterday", 422),
        ("/regions?level=village", 422),
        ("/regions/370000?day=0000-00-00", 200),
        ("/elements?page=0", 422),
        ("/elements?page=x", 422),
        ("/search?q=" + "x" * 101, 422),
        ("/search?q=%00", 200),
        ("/search?q=<script>alert(1)</script>", 200),
    ],
)
def test_odd_questions_get_an_answer(reader: Browser, path: str, status: int) -> None:
    answer = reader.get(AT + path)
    assert answer.status_code in (status, 404 if status == 422 else status), answer.text
    assert "<script>alert" not in answer.text


def test_a_file_is_tried_and_nothing_of_it_stays(home: Path, browse: Browse) -> None:
    browser = browse(home).sign_in("demo-statistician")
    answer = check(browser, rows(2021, bad=2))
    assert answer.status_code == 200, answer.text
    assert "文件不符合标准" in answer.text and "month.required" in answer.text and "1, 2" in answer.text
    assert "文件符合标准" in check(browser, rows(2021)).text
    assert not [one for one in (home / "uploads").iterdir() if one.name != "lock"]
    browser.sign_out().sign_in("demo-operator")
    told = browser.get("/console/zh/collect/batches.json", params={"dataset": MONTHS}).json()
    assert told["batches"] == []


def test_a_file_that_was_uploaded_in_parts_is_tried_too(home: Path, browse: Browse) -> None:
    browser, data = browse(home).sign_in("demo-statistician"), rows(2021)
    said = {**TUS, "upload-length": str(len(data)), "upload-metadata": "filename bW9udGhzLmNzdg=="}
    place = browser.client.post(f"{AT}/uploads/", headers=said).headers["location"]
    browser.client.patch(place, content=data, headers={**TUS, **BODY, "upload-offset": "0"})
    answer = browser.post(f"{AT}/check", {"dataset": MONTHS, "upload": place.rsplit("/", 1)[-1]})
    assert "文件符合标准" in answer.text
    assert not Uploads(browser.settings).of("demo-statistician")
    other = {"dataset": MONTHS, "source": "cdc", "upload": place.rsplit("/", 1)[-1]}
    assert browser.post("/console/zh/collect/send", other).status_code == 403


@pytest.mark.parametrize(
    ("data", "dataset", "name", "told"),
    [
        (b"", MONTHS, "a.csv", "QM-COLLECT-002"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), MONTHS, "a.csv", "QM-COLLECT-005"),
        (HEAD.encode(), MONTHS, "a.csv", "QM-COLLECT-003"),
        (b"x", MONTHS, "../a.csv", "QM-COLLECT-023"),
        (b"x", "no.such", "a.csv", "请从列表中选择数据集"),
        (b"x", MONTHS, "", "请填写文件"),
    ],
)
def test_a_file_that_cannot_be_tried_is_refused_on_the_page(
    home: Path, browse: Browse, data: bytes, dataset: str, name: str, told: str
) -> None:
    browser = browse(home).sign_in("demo-statistician")
    answer = check(browser, data, dataset, name)
    assert answer.status_code == 422 and told in answer.text and "<h1>试验文件</h1>" in answer.text


def test_who_comes_only_for_himself_tries_no_file(home: Path, browse: Browse) -> None:
    browser = browse(home).sign_in("demo-citizen")
    assert browser.get(f"{AT}/check").status_code == 403
    assert check(browser, rows(2021)).status_code == 403
    said = {**TUS, "upload-length": "5", "upload-metadata": "filename YS5jc3Y="}
    assert browser.client.post(f"{AT}/uploads/", headers=said).status_code == 403
