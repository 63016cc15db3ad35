"""The exchange in a browser: its pages are accessible and fit a phone, and an operator works in them without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ..unit.web import exchange_matters as matters
from .conftest import Opening, Site
from .test_every_page import AXE, RUN, WIDE

ME = "demo-exchange"


@pytest.fixture(scope="module")
def found(site: Site) -> dict[str, str]:
    return matters.fill(site.settings.home)


def pages(found: dict[str, str]) -> list[str]:
    lists = ["", "/deliveries", "/reconciliation", "/traffic", "/members"]
    return [
        *lists,
        *(f"/agreements/{found[one]}" for one in ("asked", "open")),
        *(f"/deliveries/{found[one]}" for one in ("acknowledged", "parked", "in", "feedback")),
        f"/reconciliation/{found['differs']}",
    ]


def test_pages_with_something_in_them_are_accessible_in_both_languages_and_looks(
    opening: Opening, found: dict[str, str]
) -> None:
    page = opening(ME, bypass_csp=True)
    wrong: dict[str, list[str]] = {}
    for path in pages(found):
        for language in ("zh", "en"):
            answer = page.goto(f"/console/{language}/exchange{path}")
            assert answer is not None and answer.status == 200
            page.evaluate(AXE)
            problems = [one for look in ("", "elder", "contrast") for one in page.evaluate(RUN, look)]
            if problems:
                wrong[f"{language} {path}"] = problems
    assert not wrong, wrong


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_pages_fit_the_window_and_say_nothing_in_the_console(
    opening: Opening, found: dict[str, str], width: int
) -> None:
    page, said = opening(ME, viewport={"width": width, "height": 800}), []
    page.on("console", lambda one: said.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda one: said.append(str(one)))
    for path in pages(found):
        page.goto(f"/console/zh/exchange{path}")
        assert page.evaluate(WIDE) <= 1, path
    assert not said


def state(page: Page) -> str:
    return page.locator("dl.facts .badge").first.inner_text()


def test_an_operator_works_without_javascript(opening: Opening, found: dict[str, str]) -> None:
    page = opening(ME, java_script_enabled=False)
    page.goto("/console/en/")
    page.locator('nav.areas a[href="/console/en/exchange"]').click()
    page.locator(f'main a[href$="/agreements/{found["asked"]}"]').first.click()
    page.locator("#form-review button[type=submit]").click()
    expect(page.locator("main .done")).to_be_visible()
    assert state(page) == "reviewed"
    page.goto(f"/console/en/exchange/agreements/{found['open']}")
    page.locator("details:has(#form-suspend) > summary").click()
    page.locator("#form-suspend button[type=submit]").click()
    expect(page.locator("main [role=alert]")).to_be_visible()
    page.fill("#form-suspend textarea", "under review")
    page.locator("#form-suspend button[type=submit]").click()
    assert state(page) == "suspended"
    expect(page.locator("dl.facts").first).to_contain_text("under review")
    page.locator("#form-resume button[type=submit]").click()
    assert state(page) == "in force"
    page.locator('nav.sub a[href="/console/en/exchange/deliveries"]').click()
    page.locator("main .wrong a").click()
    page.locator(f'main a[href$="/deliveries/{found["parked"]}"]').click()
    page.locator("#form-retry button[type=submit]").click()
    assert state(page) == "sending"
    page.locator("details:has(#form-park) > summary").click()
    page.fill("#form-park textarea", "their server is down")
    page.locator("#form-park button[type=submit]").click()
    assert state(page) == "parked"
    expect(page.locator("main table").last).to_contain_text("their server is down")
