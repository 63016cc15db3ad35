"""A release from recipe to tombstone, as an officer and a checker do it in a browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from quanmin import demo_people
from quanmin.lake import Lake
from quanmin.opendata import Portal
from quanmin.opendata.release import Releases

from .conftest import Opening, Site

NAME = "walked-people"


def state(site: Site) -> str:
    """What the catalogue says of the record."""
    with Lake.open(site.settings) as lake:
        return str(Portal(site.settings, lake.ledger).catalogue.get(NAME).state)


def test_an_officer_runs_a_checker_lets_out_and_withdraws(site: Site, opening: Opening) -> None:
    with Lake.open(site.settings) as lake:
        known = next(one for one in Releases.open(lake).listing(("published",)) if one.kind == "table")
    recipe = known.recipe.replace(f'id = "{known.name}"', f'id = "{NAME}"')
    officer = opening(demo_people.RELEASE_OFFICER)
    officer.goto("/console/zh/")
    officer.locator('nav.areas a[href="/console/zh/releases"]').click()
    officer.locator('main a[href="/console/zh/releases/new"]').first.click()
    officer.fill("textarea[name=recipe]", recipe)
    officer.locator("#check-recipe").click()
    expect(officer.locator("main .done")).to_be_visible()
    officer.locator("#run-recipe").click()
    expect(officer).to_have_url(re.compile(r"/releases/jobs/\d+$"))
    officer.locator("#to-release").click(timeout=120_000)
    expect(officer).to_have_url(re.compile(r"/releases/\d+$"))
    expect(officer.locator("#form-approve")).to_have_count(0)
    page = officer.url.replace("/zh/", "/en/")
    checker = opening(demo_people.RELEASE_CHECKER, java_script_enabled=False)
    checker.goto("/console/en/releases")
    checker.locator(f'main a[href$="/{page.rsplit("/", 1)[1]}"]').first.click()
    checker.locator("#form-approve button[type=submit]").click()
    expect(checker.locator("main .done")).to_be_visible()
    assert state(site) == "published"
    checker.locator("details:has(#form-withdraw) > summary").click()
    checker.fill("#form-withdraw textarea", "counted twice")
    checker.locator("#form-withdraw button[type=submit]").click()
    expect(checker.locator("dl.facts").first).to_contain_text("counted twice")
    assert state(site) == "withdrawn"
