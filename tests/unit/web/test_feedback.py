"""Feedback in the console: from the open errors to a letter that is sent and answered."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quanmin.collect import collect
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import local_administrator

from .conftest import Browser

FEEDBACK = "/console/en/feedback"


@pytest.fixture
def operator(home: Path, browse: Callable[..., Browser]) -> Browser:
    return browse(home).sign_in("demo-operator")


def prepared(browser: Browser, source: str = "health") -> str:
    made = browser.post(f"{FEEDBACK}/sources/{source}/prepare")
    assert made.status_code == 303
    return str(made.headers["location"])


def test_what_is_open_is_told_by_source_code_and_age(province: Browser) -> None:
    province.sign_in("demo-operator")
    for language in ("en", "zh"):
        page = province.get(f"/console/{language}/feedback")
        assert page.status_code == 200 and "<svg" in page.text
    twin = province.get(f"{FEEDBACK}.json").json()
    assert twin["errors"] == sum(one["errors"] for one in twin["sources"]) == sum(twin["codes"].values())
    assert twin["errors"] == sum(twin["ages"].values())


def test_a_sources_list_is_paged_and_filtered(province: Browser) -> None:
    province.sign_in("demo-operator")
    whole = province.get(f"{FEEDBACK}/sources/health.json").json()
    assert len(whole["rows"]) == min(whole["total"], 50)
    code = whole["rows"][0]["code"]
    some = province.get(f"{FEEDBACK}/sources/health.json?code={code}").json()
    assert 0 < some["total"] <= whole["total"] and {one["code"] for one in some["rows"]} == {code}
    assert province.get(f"{FEEDBACK}/sources/health?late=true&page=7").status_code == 200
    refused = {
        "/nobody": 404,
        "/A%20B": 404,
        "/health?page=0": 422,
        "/health?late=x": 422,
        "/health?code=" + "x" * 99: 422,
    }
    for path, status in refused.items():
        assert province.get(f"{FEEDBACK}/sources{path}").status_code == status, path


def test_a_letter_goes_its_way(operator: Browser) -> None:
    place = prepared(operator)
    again = operator.post(f"{FEEDBACK}/sources/health/prepare")
    assert again.status_code == 409 and "QM-POPULATION-041" in again.text
    twin = operator.get(place + ".json").json()
    packed = operator.get(place + "/files")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        digests = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert {one["file"]: one["sha256"] for one in twin["files"]}.items() <= digests.items()
    early = operator.post(f"{place}/answer", {"outcome": "confirmed"})
    assert early.status_code == 409 and "QM-LEDGER-005" in early.text
    assert operator.post(f"{place}/send", {"way": "mail"}).status_code == 303
    wrong = operator.post(f"{place}/answer", {"outcome": "corrected", "batch": "1"})
    assert wrong.status_code == 422 and "QM-POPULATION-043" in wrong.text
    assert operator.post(f"{place}/answer", {"outcome": "confirmed", "remark": "looked at"}).status_code == 303
    assert operator.get(place + ".json").json()["state"] == "answered"
    assert operator.post(f"{place}/drop", {"reason": "x"}).status_code == 409
    assert "answered" in operator.get(FEEDBACK).text
    assert operator.get(f"{FEEDBACK}/letters").status_code == 200


@pytest.mark.parametrize("fields", [{}, {"way": "pigeon"}, {"way": "x" * 500}])
def test_a_letter_is_not_sent_in_a_way_that_there_is_not(operator: Browser, fields: dict[str, Any]) -> None:
    place = prepared(operator)
    assert operator.post(f"{place}/send", fields).status_code == 422
    assert operator.get(place + ".json").json()["state"] == "prepared"
    assert operator.post(f"{place}/drop", {"reason": "no longer"}).status_code == 303


def test_it_is_the_operators_work(province: Browser) -> None:
    for account in ("demo-reviewer", "demo-security", "demo-clerk"):
        province.sign_in(account)
        for path in ("", "/sources/health", "/letters", "/letters/1", "/claims"):
            assert province.get(FEEDBACK + path).status_code == 403
        assert province.post(f"{FEEDBACK}/sources/health/prepare").status_code == 403
    assert province.sign_out().get(FEEDBACK).status_code == 303


def test_what_is_not_there_is_not_found(province: Browser) -> None:
    province.sign_in("demo-operator")
    for path in ("/letters/999999", "/letters/1", "/letters/x", f"/letters/{2**40}", "/letters/999999/files"):
        assert province.get(FEEDBACK + path).status_code == 404
    page = province.get(f"{FEEDBACK}/claims")
    assert page.status_code == 200 and "No request waits" in page.text


def test_a_commission_of_a_province_is_told_its_own_errors_under_its_own_name(operator: Browser, home: Path) -> None:
    path = home.parent / "holders.csv"
    rows = "A42,黄鹤楼医院,5,420102,2020-01-01\nA37,历下医院,5,370102,2020-01-01\n"
    path.write_text(f"code,name,level,region,valid_from\n{rows}", "utf-8")
    with Lake.open(Settings(home=home)) as lake:
        receipt = collect(lake, "health.certificate_holder", path, "health_420000", local_administrator())
    assert (receipt.accepted, receipt.quarantined) == (1, 1)
    own = f"{FEEDBACK}/sources/health_420000"
    [row] = operator.get(f"{own}.json").json()["rows"]
    assert (row["file"], row["row"], row["element"]) == ("holders.csv", 2, "region")
    assert row["title"]["en"] == "Region is of another division than its sender's"
    chinese = operator.get(own.replace("/en/", "/zh/")).text
    assert "湖北省卫生健康" in chinese and "行政区划不属于报送单位的行政区划" in chinese
    assert "Health, 湖北省" in operator.get(FEEDBACK).text
    letter = operator.get(prepared(operator, "health_420000"))
    assert "Health, 湖北省" in letter.text and "Health, 湖北省" in operator.get(f"{FEEDBACK}/letters").text
    assert "Health, 湖北省" in operator.get(f"/console/en/collect/batches/{receipt.batch}").text
    refused = operator.get(f"/console/en/collect/batches/{receipt.batch}/rows").text
    assert "Region is of another division" in refused
    for path_ in ("health_999999", "nobody_420000", "health_420000_"):
        assert operator.get(f"{FEEDBACK}/sources/{path_}").status_code in (404, 422), path_
