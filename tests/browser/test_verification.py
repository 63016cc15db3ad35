"""A certificate is verified as people do it: by its square code, by typing, without JavaScript; on pages that all can read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page, Request, expect

from quanmin.ledger import Ledger
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.programs.vital.document import birth_page
from quanmin.programs.vital.number import Span

from ..unit.programs.vital.county import HOSPITAL, County, application
from .conftest import Opening, Site

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
RUN = """async (look) => {
  document.documentElement.dataset.mode = look;
  const found = await axe.run(document, {resultTypes: ['violations']});
  return found.violations.map(one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.target.join(' ')).join(' | '));
}"""


@pytest.fixture(scope="session")
def certificate(site: Site) -> Certificate:
    """One that was issued today, in the demonstration's ledger."""
    with Ledger.open(site.settings) as ledger:
        county = County.open(ledger, site.settings)
        county.clock[0] = datetime.now(UTC)
        first = county.print(10, "V370000001", edition=7).first
        county.down(HOSPITAL, [Span(first, first + 9)])
        return county.issue(first, application(birth_date=county.local.today()))


def test_the_square_code_fills_the_form_and_leaves_the_address(
    site: Site, certificate: Certificate, opening: Opening
) -> None:
    page, asked = opening(), list[str]()
    page.on("request", lambda one: asked.append(_sent(one)))
    page.goto(birth_page.verification_address(site.origin, certificate))
    expect(page.locator('[name="number"]')).to_have_value(certificate.text)
    expect(page.locator('[name="code"]')).to_have_value(certificate.code)
    assert page.url == f"{site.origin}/zh/verify"
    assert not any(certificate.code in one for one in asked)
    page.keyboard.press("Enter")  # the button has the focus
    expect(page.locator("#verdict")).to_have_text("有效")
    assert sum(certificate.code in one for one in asked) == 1 and asked[0].startswith("GET")
    assert certificate.code not in page.content() and certificate.code not in page.url


def _sent(one: Request) -> str:
    return f"{one.method} {one.url} {one.post_data or ''} {one.headers.get('referer', '')}"


@pytest.mark.parametrize(("language", "script"), [("zh", True), ("zh", False), ("en", True), ("en", False)])
def test_it_is_typed_and_answered_with_and_without_javascript(
    certificate: Certificate, opening: Opening, language: str, script: bool
) -> None:
    page = opening(java_script_enabled=script)
    page.goto(f"/{language}/")
    page.locator(f'nav.areas a[href="/{language}/verify"]').click()
    for code, verdict in ((certificate.code, ("有效", "valid")), ("A" * 16, ("查无此证", "unknown"))):
        page.locator('[name="number"]').fill(certificate.text.lower())
        page.locator('[name="code"]').fill(birth_page.grouped(code))
        page.locator("#form-answer button").click()
        expect(page.locator("#verdict")).to_have_text(verdict[language == "en"])


def test_the_answer_is_accessible_and_fits_a_phone(certificate: Certificate, opening: Opening) -> None:
    page = opening(bypass_csp=True, viewport={"width": 320, "height": 700})
    page.goto("/en/verify")
    assert _wrong(page) == []
    page.goto("/zh/verify")
    assert _wrong(page) == []
    page.locator('[name="number"]').fill(certificate.text)
    page.locator("#form-answer button").click()  # the code is missing
    expect(page.locator("#problems")).to_be_visible()
    assert _wrong(page) == []
    page.locator('[name="code"]').fill(certificate.code)
    page.locator("#form-answer button").click()
    expect(page.locator("#verdict")).to_be_visible()
    assert _wrong(page) == []


def _wrong(page: Page) -> list[str]:
    page.evaluate(AXE)
    over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*page.evaluate(RUN, "elder"), *page.evaluate(RUN, ""), *([f"{over} too wide"] if over > 1 else [])]
