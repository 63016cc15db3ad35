"""The population base in the console, as those who use it: who sees whom, how, why, and what no address ever holds."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from quanmin.ledger import Ledger
from quanmin.ledger.table import AuditRow
from quanmin.web.console.population import handle

from .conftest import Browser

DESK = "/console/en/population"


@pytest.fixture(scope="session")
def somebody(made: Path) -> tuple[str, str]:
    """Number and name of a person of the base."""
    file = next((made / "agency-files").glob("public_security.household_registration.*"))
    with file.open(encoding="gb18030", newline="") as opened:
        rows = list(csv.DictReader(opened))
    row = next(one for one in rows if re.fullmatch(r"1\d{16}[\dX]", one["公民身份号码"]) and "·" not in one["姓名"])
    return row["公民身份号码"], row["姓名"]


def looked(browser: Browser, number: str, case: str = "C-1", language: str = "en") -> Any:
    fields = {"number": number, "purpose": "supervision", "case": case}
    return browser.post(f"/console/{language}/population/person", fields)


def tabs(page: Any) -> list[str]:
    return list(dict.fromkeys(re.findall(r'href="(/console/en/population/person/[^"]+)"', page.text)))


def test_with_a_case_everything_is_shown_and_without_one_masked_with_the_reason(
    province: Browser, somebody: tuple[str, str]
) -> None:
    number, name = somebody
    province.sign_in("demo-reviewer")
    clear, masked = looked(province, number), looked(province, number, "")
    assert clear.status_code == masked.status_code == 200
    assert number in clear.text and name in clear.text
    assert number not in masked.text and name not in masked.text
    assert "masked without a case" in masked.text
    assert "没有办件号时脱敏" in looked(province, number, "", "zh").text


def test_no_address_holds_a_number_and_every_tab_opens(province: Browser, somebody: tuple[str, str]) -> None:
    number, name = somebody
    province.sign_in("demo-reviewer")
    page = looked(province, number)
    found = tabs(page)
    assert len(found) == 4
    for place in found:
        assert number not in place and number[:17] not in place
        assert (province.get(place).status_code, province.get(place + ".json").status_code) == (200, 200)
        assert province.get(place.replace("/en/", "/zh/")).status_code == 200
    twin = province.get(found[0] + ".json").json()
    assert {one["item"]: one["value"] for one in twin["items"]}["name"] == name
    assert twin["terms"]["case"] == "C-1" and twin["terms"]["purpose"] == "supervision"
    assert all(0 <= one["probability"] <= 1 for one in twin["items"] if one["value"] is not None)
    said = province.get(found[1] + ".json").json()
    assert said["records"][0]["dataset"] == "public_security.household_registration"


def test_a_handle_is_of_one_session_and_ends(
    province: Browser, somebody: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    province.sign_in("demo-reviewer")
    [place, *_] = tabs(looked(province, somebody[0]))
    province.sign_in("demo-reviewer-2")
    assert province.get(place).status_code == 404
    assert province.get(place[:-3] + "AAA").status_code == 404
    assert province.get("/console/en/population/person/" + "x" * 3000).status_code == 404
    monkeypatch.setattr(handle, "LASTS", -handle.LASTS)
    [old, *_] = tabs(looked(province, somebody[0]))
    over = province.get(old)
    assert over.status_code == 404 and "QM-WEB-014" in over.text


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [("110105194912310021", 422, "QM-POPULATION-005"), ("110105198001010016", 404, "QM-POPULATION-004"), ("", 422, "")],
)
def test_what_is_no_number_is_told_on_the_form(province: Browser, number: str, status: int, code: str) -> None:
    page = looked(province.sign_in("demo-reviewer"), number)
    assert page.status_code == status and code in page.text
    assert 'name="purpose"' in page.text


def test_a_purpose_that_is_not_of_the_post_is_refused(province: Browser, somebody: tuple[str, str]) -> None:
    province.sign_in("demo-reviewer")
    page = province.post(f"{DESK}/person", {"number": somebody[0], "purpose": "treatment", "case": "C-1"})
    assert page.status_code == 422 and somebody[1] not in page.text
    province.sign_in("demo-doctor")
    page = province.post(f"{DESK}/person", {"number": somebody[0], "purpose": "treatment", "case": "C-1"})
    assert page.status_code == 403 and somebody[1] not in page.text, "no care relation"


def test_who_sees_nobody_is_offered_nothing(province: Browser, somebody: tuple[str, str]) -> None:
    province.sign_in("demo-security")
    assert 'name="number"' not in province.get(DESK).text
    assert looked(province, somebody[0]).status_code == 403
    for page in ("find", "verify", "statistics"):
        assert f'href="{DESK}/{page}"' not in province.get(DESK).text
    assert province.get(f"{DESK}/verify").status_code == 403
    assert province.get(f"{DESK}/statistics").status_code == 403


def test_somebody_is_found_and_opened(province: Browser, somebody: tuple[str, str]) -> None:
    number, name = somebody
    province.sign_in("demo-reviewer")
    fields = {"name": name, "purpose": "supervision", "case": "C-1"}
    page = province.post(f"{DESK}/find", fields)
    assert page.status_code == 200 and number in page.text
    assert any(number in province.get(place).text for place in tabs(page))
    assert name not in "".join(tabs(page))
    without = province.post(f"{DESK}/find", {**fields, "case": ""})
    assert without.status_code == 403 and "QM-TRUST-014" in without.text
    nobody = province.post(f"{DESK}/find", {**fields, "name": "不存在之人"})
    assert nobody.status_code == 200 and "Nobody fits" in nobody.text
    for born in ("1949-02-31", "x", "99999999"):
        assert province.post(f"{DESK}/find", {**fields, "born": born}).status_code == 422
    assert province.post(f"{DESK}/find", {"purpose": "supervision", "case": "C-1"}).status_code == 422


def test_a_pair_is_verified_and_nothing_told(province: Browser, somebody: tuple[str, str]) -> None:
    number, name = somebody
    province.sign_in("demo-clerk")
    for asked, words in (((number, name), "agree"), ((number, "赵不是"), "differ"), (("x", name), "unknown")):
        page = province.post(f"{DESK}/verify", {"number": asked[0], "name": asked[1]})
        assert page.status_code == 200 and f'class="figure">{words}<' in page.text
        assert number not in page.text


def sent(browser: Browser, content: str | None) -> Any:
    files = {} if content is None else {"file": ("asked.csv", content.encode())}
    headers = {"sec-fetch-site": "same-origin"}
    return browser.client.post(f"{DESK}/uploads/verify", files=files, headers=headers)


def test_a_file_is_verified_row_by_row(province: Browser, somebody: tuple[str, str]) -> None:
    number, name = somebody
    province.sign_in("demo-clerk")
    answer = sent(province, f"公民身份号码,姓名\n{number},{name}\n{number},赵不是\n110105198001010016,李\n")
    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [(row["row"], row["answer"]) for row in rows] == [("1", "agree"), ("2", "differ"), ("3", "unknown")]
    assert number not in answer.text and name not in answer.text


@pytest.mark.parametrize(("content", "status"), [(None, 422), ("", 422), ("a,b\n1,2\n", 422), ("\x00\x01", 422)])
def test_a_file_that_cannot_be_verified_is_told(province: Browser, content: str | None, status: int) -> None:
    answer = sent(province.sign_in("demo-clerk"), content)
    assert answer.status_code == status and "QM-" in answer.text
    assert 'id="form-verify-file"' in answer.text


def test_a_file_is_for_verifiers_and_of_this_site(province: Browser) -> None:
    assert sent(province.sign_in("demo-reviewer"), "a,b\n").status_code == 403
    assert sent(province.sign_out(), "a,b\n").status_code == 303


def test_the_base_in_figures(province: Browser) -> None:
    province.sign_in("demo-statistician")
    page = province.get(f"{DESK}/statistics")
    assert page.status_code == 200 and page.text.count("<svg") >= 3
    twin = province.get(f"{DESK}/statistics.json").json()
    assert twin["purpose"] == "statistics" and twin["minimum"] == 10
    assert province.get(f"{DESK}/statistics?purpose=supervision").status_code == 200


def test_a_look_up_is_in_the_audit_once(home: Path, browse: Callable[..., Browser], somebody: tuple[str, str]) -> None:
    browser = browse(home).sign_in("demo-reviewer")
    looked(browser, somebody[0])
    with Ledger.open(browser.settings) as ledger, ledger.reading() as connection:
        rows = connection.execute(select(AuditRow.__table__).order_by(AuditRow.sequence)).mappings().all()
    reads = [row for row in rows if row["event"] == "read" and row["actor"] == "demo-reviewer"]
    assert len(reads) == 1
    assert somebody[0][:17] not in json.dumps([str(dict(row)) for row in rows])
