"""Every kind of page, as somebody who can reach it sees it: accessible, of this site only, nothing said in the console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page, Request

from .conftest import Opening, Site
from .crawl import reachable

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
PEOPLE = (
    (None, "portal"),
    ("demo-citizen", "portal"),
    (None, "console"),
    ("demo-operator", "console"),
    ("demo-release-officer", "console"),
    ("demo-release-checker", "console"),
    ("demo-exchange", "console"),
    ("demo-statistician", "console"),
    ("demo-reviewer", "console"),
    ("demo-doctor", "console"),
    ("demo-security", "console"),
    ("demo-audit", "console"),
    ("demo-system", "console"),
)
START = {"portal": "/zh/", "console": "/console/zh/"}
RUN = """async (look) => {
  document.documentElement.dataset.mode = look;
  const found = await axe.run(document, {resultTypes: ['violations']});
  return found.violations.map(one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.target.join(' ')).join(' | '));
}"""
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
FONT = "() => parseFloat(getComputedStyle(document.body).fontSize)"
LEAST = 60
"""Kinds of pages that there are at least: fewer would mean that links were not found."""


def everywhere(opening: Opening, **how: Any) -> Iterator[tuple[Page, str]]:
    """Each kind of page once, opened as the first of the people who reaches it."""
    known: set[str] = set()
    for account, face in PEOPLE:
        page = opening(account, face, **how)
        start = START[face] if account or face == "portal" else f"{START[face]}sign-in"
        for kind, address in reachable(page.context.request, start, START[face]).items():
            if kind not in known:
                known.add(kind)
                yield page, address
        page.context.close()
    assert len(known) >= LEAST, sorted(known)


def test_pages_are_accessible_in_both_languages_and_looks_and_ask_nobody_else(site: Site, opening: Opening) -> None:
    wrong: dict[str, list[str]] = {}
    for page, address in everywhere(opening, bypass_csp=True):
        for language in ("zh", "en"):
            place = re.sub(r"^(/console)?/zh/", rf"\1/{language}/", address)
            problems = _look(page, site, place)
            if problems:
                wrong[place] = problems
    assert not wrong, "\n".join(f"{place}: {problems}" for place, problems in wrong.items())


def _look(page: Page, site: Site, place: str) -> list[str]:
    """What is wrong with a page: axe in both looks, requests elsewhere, the size of large text."""
    asked: list[str] = []

    def noted(request: Request) -> None:
        asked.append(request.url)

    page.on("request", noted)
    answer = page.goto(place)
    page.remove_listener("request", noted)
    if answer is None or answer.status != 200:
        return [f"answers {answer.status if answer else None}"]
    problems = [f"asks {url}" for url in asked if not url.startswith((site.origin, "data:"))]
    page.evaluate(AXE)
    plain = page.evaluate(FONT)
    for look in ("", "elder"):
        problems += [f"{look or 'plain'} {one}" for one in page.evaluate(RUN, look)]
        if look and page.evaluate(FONT) < 1.3 * plain:
            problems.append("elder mode is not larger")
    return problems


def test_nothing_is_said_in_the_console_of_the_browser_and_pages_fit_a_phone(opening: Opening) -> None:
    said: list[str] = []
    watched: set[int] = set()
    for page, address in everywhere(opening, viewport={"width": 320, "height": 700}):
        if id(page) not in watched:
            watched.add(id(page))
            page.on(
                "console",
                lambda one: said.append(f"{one.type} {one.text}") if one.type in ("error", "warning") else None,
            )
            page.on("pageerror", lambda one: said.append(str(one)))
        before = len(said)
        page.goto(address)
        over = page.evaluate(WIDE)
        if over > 1:
            said.append(f"{over} wider than the window")
        said[before:] = [f"{address}: {one}" for one in said[before:]]
    assert not said, "\n".join(said)


def test_the_first_page_is_light(opening: Opening) -> None:
    """CSS and JavaScript of the first page of each face: at most 40 KB packed."""
    for start in START.values():
        page = opening()
        sizes: dict[str, int] = {}

        def kept(answer: Any, sizes: dict[str, int] = sizes) -> None:
            if answer.request.resource_type in ("stylesheet", "script"):
                sizes[answer.url] = answer.request.sizes()["responseBodySize"]

        page.on("requestfinished", lambda one: kept(one.response()))
        page.goto(start)
        page.wait_for_load_state("networkidle")
        assert len(sizes) >= 4 and sum(sizes.values()) <= 40_000, sizes
