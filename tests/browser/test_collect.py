"""Sending a file as an operator does it: with a connection that breaks, after the page was left, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

Opening = Callable[..., Page]
MONTHS, PART = "cdc.notifiable_disease_monthly", 8 << 20
RECEIPT = re.compile(r"/collect/batches/\d+")


def file(folder: Path, year: int, size: int = 0) -> Path:
    """A file of five years by month, with so many bytes of a column that the standard does not know."""
    path, more = folder / f"months-{year}.csv", "x" * (size // 60)
    rows = "".join(f"{year + month // 12}-{month % 12 + 1:02},Plague,{month},{more}\n" for month in range(60))
    path.write_text("month,disease,cases,remark\n" + rows, "utf-8")
    return path


def choose(page: Page, language: str, path: Path) -> None:
    """Fill in the form and send it."""
    page.goto(f"/console/{language}/collect")
    page.locator("#field-send-dataset").select_option(MONTHS)
    page.locator("#field-send-source").select_option("cdc")
    page.locator("input[type=file]").set_input_files(path)
    page.locator("#form-send button[type=submit]").click()


@pytest.mark.parametrize(("language", "year"), [("zh", 1950), ("en", 1955)])
def test_a_file_goes_up_through_a_connection_that_breaks(
    opening: Opening, tmp_path: Path, language: str, year: int
) -> None:
    page, parts = opening("demo-operator"), []

    def breaking(route: Route) -> None:
        if route.request.method == "PATCH":
            parts.append(route.request.headers["upload-offset"])
            if len(parts) in (2, 3):
                route.abort("connectionreset")
                return
        route.continue_()

    page.route("**/uploads/**", breaking)
    choose(page, language, file(tmp_path, year, 2 * PART))
    expect(page).to_have_url(RECEIPT, timeout=60_000)
    assert parts == ["0", str(PART), str(PART), str(PART), str(2 * PART)]
    expect(page.locator("p.done")).to_be_visible()
    assert "months-" in page.locator("dl.facts").inner_text()


def test_an_upload_goes_on_after_the_page_was_left(opening: Opening, tmp_path: Path) -> None:
    page, path, asked = opening("demo-operator"), file(tmp_path, 1960, 2 * PART), []
    page.route("**/uploads/**", lambda route: route.continue_() if _early(route) else None)
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        choose(page, "zh", path)
    page.goto("about:blank")  # first: what is held back would leave with the route
    page.unroute("**/uploads/**")
    page.on("request", lambda request: asked.append((request.method, request.headers.get("upload-offset"))))
    choose(page, "zh", path)
    expect(page).to_have_url(RECEIPT, timeout=60_000)
    changed = [one for one in asked if one[0] in ("POST", "HEAD", "PATCH")]
    assert changed[:3] == [("HEAD", None), ("PATCH", str(PART)), ("PATCH", str(2 * PART))]


def _early(route: Route) -> bool:
    """Whether it is no later part of a file: those never leave."""
    return route.request.method != "PATCH" or route.request.headers["upload-offset"] == "0"


@pytest.mark.parametrize(("language", "year", "link"), [("zh", 1965, "查看回执"), ("en", 1970, "To the receipt")])
def test_without_javascript_a_file_is_sent_and_taken_back(
    opening: Opening, tmp_path: Path, language: str, year: int, link: str
) -> None:
    page = opening("demo-operator", java_script_enabled=False)
    choose(page, language, file(tmp_path, year))
    for _ in range(60):
        if page.get_by_role("link", name=link).count():
            break
        page.wait_for_timeout(250)
        page.reload()
    page.get_by_role("link", name=link).click()
    expect(page).to_have_url(RECEIPT)
    page.locator("summary").last.click()
    page.locator("#form-withdraw textarea").fill("months of another year")
    page.locator("#form-withdraw button[type=submit]").click()
    expect(page.locator("p.done")).to_be_visible()
    assert "months of another year" in page.locator("main").inner_text()


def test_what_is_missing_is_said_and_what_was_chosen_stays(opening: Opening) -> None:
    page = opening("demo-operator")
    page.goto("/console/en/collect")
    page.locator("#field-send-dataset").select_option(MONTHS)
    page.locator("#form-send button[type=submit]").click()
    expect(page.locator("#problems")).to_contain_text("File is needed")
    assert page.locator("[name=dataset]").first.input_value() == MONTHS


@pytest.mark.parametrize("script", [True, False])
def test_a_file_is_tried_without_being_sent(opening: Opening, tmp_path: Path, script: bool) -> None:
    page = opening("demo-statistician", java_script_enabled=script)
    page.goto("/console/en/standards/check")
    page.locator("#field-check-dataset").select_option(MONTHS)
    page.locator("input[type=file]").set_input_files(file(tmp_path, 1975))
    page.locator("#form-check button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("The file conforms.", timeout=30_000)
