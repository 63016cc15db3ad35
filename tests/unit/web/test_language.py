"""Which language a page has, and how it writes values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from quanmin.text import Text
from quanmin.web import language

from .conftest import Browser


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (None, "zh"),
        ("", "zh"),
        ("fr", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.2,zh;q=0.7", "zh"),
        ("fr,en;q=0.1", "en"),
        ("en;q=nonsense,zh;q=0.1", "zh"),
        ("x" * 10_000, "zh"),
    ],
)
def test_the_first_page_is_in_the_language_that_the_browser_prefers(accepted: str | None, expected: str) -> None:
    assert language.chosen(accepted) == expected


def test_values_are_written_as_the_language_writes_them() -> None:
    assert language.said(1234567, "en") == "1,234,567" and language.said(None, "zh") == ""
    assert language.said(Text("甲", "one"), "zh") == "甲" and language.said(True, "zh") == "是"
    assert language.day("2026-01-31", "zh") == "2026-01-31" and language.day("2026-01-31", "en") == "31 Jan 2026"
    assert language.moment(datetime(2026, 1, 31, 20, tzinfo=UTC), "Asia/Shanghai", "zh") == "2026-02-01 04:00:00"
    assert language.share(0.12345, "en") == "12.34%"


def test_a_page_has_its_language_and_leads_to_the_other(province: Browser) -> None:
    page = province.get("/en/sign-in?next=").text
    assert '<html lang="en"' in page and 'href="/zh/sign-in?next="' in page and "Skip to the content" in page
    page = province.get("/zh/sign-in").text
    assert '<html lang="zh-CN"' in page and "跳到正文" in page


@pytest.mark.parametrize("path", ["/fr/", "/console/fr/", "/zhx/", "/ZH/", "/zh%00/", "/console/zh/receipts/../../x"])
def test_an_unknown_language_is_no_page(province: Browser, path: str) -> None:
    answer = province.get(path)
    assert answer.status_code == 404 and "QM-WEB-001" in answer.text


def test_looks_are_chosen_and_kept(province: Browser) -> None:
    answer = province.post("/zh/look", {"look": "elder"}, headers={"referer": "http://localhost:8000/zh/sign-in"})
    assert answer.status_code == 303 and answer.headers["location"] == "/zh/sign-in"
    assert 'data-mode="elder"' in province.get("/zh/sign-in").text
    province.post("/zh/look", {"look": "contrast"})
    assert 'data-mode="contrast elder"' in province.get("/zh/").text
    province.post("/zh/look", {"look": "elder"})
    assert 'data-mode="contrast"' in province.get("/zh/").text


@pytest.mark.parametrize(
    ("due", "zh", "en"),
    [
        (datetime(2026, 11, 30, 16, tzinfo=UTC), "2026-11-30", "30 Nov 2026"),
        ("2026-11-30T16:00:00+00:00", "2026-11-30", "30 Nov 2026"),
        (datetime(2026, 11, 30, 16), "2026-11-30", "30 Nov 2026"),
        (datetime(2026, 11, 30, 16, 30, tzinfo=UTC), "2026-12-01 00:30:00", "1 Dec 2026 00:30:00"),
        (None, "", ""),
    ],
)
def test_a_deadline_that_ends_with_a_day_is_told_by_that_day(due: datetime | str | None, zh: str, en: str) -> None:
    told = [language.deadline(due, "Asia/Shanghai", tongue) for tongue in ("zh", "en")]
    assert told == [zh, en]
