"""Vital events in a browser: a certificate by keyboard and scanner; pages accessible, fit for a phone, without JavaScript too."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from ..unit.web import vital_matters as matters
from .conftest import Opening, Site
from .test_every_page import AXE, RUN, WIDE

AT = "/console/zh/vital"


@pytest.fixture(scope="module")
def found(site: Site) -> dict[str, Any]:
    return matters.fill(site.settings.home)


def pages(found: dict[str, Any]) -> dict[str, list[str]]:
    """The pages of the area, by who is asked to look at them."""
    certificate = f"/certificates/{found['issued']}"
    return {
        "wj-keeper": ["", "/stock", "/stock/report", f"/movements/{found['movement']}", f"/losses/{found['loss']}"],
        "wj-clerk": ["/desk", "/registry", certificate, f"{certificate}/content", f"{certificate}/exchange"],
        "wj-sealer": ["/desk/queue"],
        "wj-supervisor": ["/overdue?every=true", "/holders", f"/holders/{matters.HOSPITAL}", "/destructions", "/check"],
    }


def test_pages_with_something_in_them_are_accessible_in_both_languages_and_looks(
    opening: Opening, found: dict[str, Any]
) -> None:
    wrong: dict[str, list[str]] = {}
    for who, paths in pages(found).items():
        page = opening(who, bypass_csp=True)
        for path in paths:
            for language in ("zh", "en"):
                answer = page.goto(f"/console/{language}/vital{path}")
                assert answer is not None and answer.status == 200, path
                page.evaluate(AXE)
                problems = [one for look in ("", "elder", "contrast") for one in page.evaluate(RUN, look)]
                if problems:
                    wrong[f"{language} {path}"] = problems
        page.context.close()
    assert not wrong, wrong


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_pages_fit_the_window_and_say_nothing_in_the_console(
    opening: Opening, found: dict[str, Any], width: int
) -> None:
    said: list[str] = []
    for who, paths in pages(found).items():
        page = opening(who, viewport={"width": width, "height": 800})
        page.on("console", lambda one: said.append(one.text) if one.type in ("error", "warning") else None)
        page.on("pageerror", lambda one: said.append(str(one)))
        for path in paths:
            page.goto(f"{AT}{path}")
            assert page.evaluate(WIDE) <= 1, path
        page.context.close()
    assert not said


def scan(page: Page, words: str) -> None:
    """Type as a scanner does: all at once, with Enter at the end."""
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def at(page: Page, name: str) -> Locator:
    """A field of the form of a certificate."""
    return page.locator(f'#form-prepare [name="{name}"]')


def focused(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement.name"))


def test_a_certificate_is_issued_by_keyboard_and_scanner(opening: Opening, site: Site, found: dict[str, Any]) -> None:
    clerk, number = opening("wj-clerk"), matters.at(20)
    clerk.goto(f"{AT}/desk")
    assert focused(clerk) == "number" and at(clerk, "number").input_value() == matters.at(8)
    scan(clerk, number)  # what is there is chosen, so that it is typed over
    assert focused(clerk) == "newborn_name" and clerk.url.endswith("/desk")
    typed = matters.typed(number, matters.application_day(site.settings.home))
    for name in ("newborn_name", "newborn_sex"):
        if name.endswith("sex"):
            clerk.keyboard.press("ArrowDown")
            clerk.keyboard.press("ArrowDown")
            clerk.keyboard.press("Enter")
        else:
            scan(clerk, typed[name])
    assert focused(clerk) == "newborn_birth_date"
    clerk.keyboard.press("Enter")  # today is there
    for name in ("birth_time", "weeks", "days", "weight", "length"):
        assert focused(clerk) == f"newborn_{name}"
        scan(clerk, typed[f"newborn_{name}"])
    for who in ("mother", "father"):
        at(clerk, f"{who}_name").focus()
        scan(clerk, typed[f"{who}_name"])
        assert focused(clerk) == f"{who}_document_type"
        clerk.keyboard.press("Enter")
        scan(clerk, typed[f"{who}_document_number"])
        assert focused(clerk) == f"{who}_birth_date"
    assert clerk.url.endswith("/desk"), "nothing was sent so far"
    clerk.keyboard.press("Control+Enter")
    expect(clerk.locator("main .done")).to_contain_text(number)
    approver = opening("wj-approver")
    approver.goto(f"{AT}/desk/queue")
    approver.locator(f'a[href$="/certificates/{number}/content"]').press("Enter")
    expect(approver.locator("main")).to_contain_text(matters.MOTHER_NAME)
    approver.locator("#form-approve button").press("Enter")
    expect(approver.locator("main .done")).to_be_visible()
    sealer = opening("wj-sealer")
    sealer.goto(f"{AT}/desk/queue")
    sealer.locator(f'form[action$="/certificates/{number}/seal"] button').press("Enter")
    expect(sealer.locator("main .done")).to_contain_text(number)
    sealer.goto(f"{AT}/certificates/{number}")
    assert sealer.locator("dl.facts .badge").first.inner_text() == "已签发"


def test_what_is_wrong_is_found_by_keyboard(opening: Opening, found: dict[str, Any]) -> None:
    clerk = opening("wj-clerk")
    clerk.goto(f"{AT}/desk")
    scan(clerk, matters.at(91))
    clerk.keyboard.press("Control+Enter")
    expect(clerk.locator("#problems")).to_be_focused()
    assert at(clerk, "number").input_value() == matters.at(91)
    clerk.locator('#problems a[href="#field-newborn_name"]').press("Enter")
    clerk.keyboard.press("Tab")
    assert focused(clerk) in ("newborn_name", "newborn_sex")


def test_the_desks_work_without_javascript(opening: Opening, site: Site, found: dict[str, Any]) -> None:
    clerk = opening("wj-clerk", java_script_enabled=False)
    clerk.goto("/console/en/")
    clerk.locator('nav.areas a[href="/console/en/vital"]').click()
    clerk.locator('nav.sub a[href="/console/en/vital/desk"]').click()
    mother = matters.citizen("370102", matters.BORN, 142)
    today = matters.application_day(site.settings.home)
    typed = matters.typed(matters.at(21), today, mother_document_number=mother)
    for name, value in typed.items():
        place = at(clerk, name)
        if place.evaluate("one => one.tagName") == "SELECT":
            place.select_option(value)
        else:
            place.fill(value)
    at(clerk, "no_father").check()
    clerk.locator("#form-prepare button[type=submit]").click()
    expect(clerk.locator("#field-evidence_no_father_declaration-problem")).to_contain_text("QM-VITAL-021")
    at(clerk, "evidence_no_father_declaration").check()
    at(clerk, "reference_no_father_declaration").fill("2026-3")
    clerk.locator("#form-prepare button[type=submit]").click()
    expect(clerk.locator("main .done")).to_contain_text(matters.at(21))
    keeper = opening("wj-keeper", java_script_enabled=False)
    keeper.goto(f"/console/en/vital/movements/{found['movement']}")
    keeper.fill("#field-receive-first", matters.at(101))
    keeper.fill("#field-receive-last", matters.at(150))
    keeper.locator("#form-receive button[type=submit]").click()
    expect(keeper.locator("main .done")).to_be_visible()
    expect(keeper.locator("main table").first).to_contain_text("150")
