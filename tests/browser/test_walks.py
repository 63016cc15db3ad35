"""The main job of each area, done as its people do it: in both languages, with JavaScript and without."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from quanmin import demo_people, readers_demo, trust
from quanmin.lake import Lake
from quanmin.population.review import item
from quanmin.trust.identity import totp

from .conftest import Opening, Site

WAYS = [(language, script) for language in ("zh", "en") for script in (True, False)]
ways = pytest.mark.parametrize(("language", "script"), WAYS, ids=[f"{a}-{'script' if b else 'plain'}" for a, b in WAYS])
CORRECTED = ("registered_address", "name", "birth_date", "sex")
"""What is asked to be corrected in each way: of an item one request waits at a time."""
SENT = itertools.count(3)
AMONG = {
    "demo-statistician": ("zh", True),
    "demo-researcher": ("zh", False),
    "demo-insurer": ("en", True),
    "demo-clerk": ("en", False),
}


@pytest.fixture(scope="session")
def number(site: Site) -> str:
    """The citizen number of the demonstration's citizen."""
    with Lake.open(site.settings) as lake:
        return readers_demo.somebody(lake)


@pytest.fixture(scope="session")
def pairs(site: Site) -> list[int]:
    """Pairs of people that wait for a reviewer, one for each way."""
    with Lake.open(site.settings) as lake:
        local = trust.local_administrator()
        decision = trust.decide(lake.ledger, local, "supervision", "linked.person", ("person_key",), case="T")
        keys = sorted(lake.read(decision).fetch().column(0).to_pylist())
        found = [
            {"people": [keys[2 * at], keys[2 * at + 1]], "records": [1, 2], "near": False} for at in range(len(WAYS))
        ]
        return [lake.ledger.create(item.KINDS["double"].kind, f"walk{at}", one).id for at, one in enumerate(found)]


def start(
    opening: Opening, account: str | None, language: str, script: bool, face: str = "console"
) -> tuple[Page, str]:
    """A page of somebody, and the beginning of its addresses."""
    page = opening(account, face, java_script_enabled=script, locale="zh-CN" if language == "zh" else "en-GB")
    return page, f"{'/console' if face == 'console' else ''}/{language}"


def submit(page: Page, form: str) -> None:
    """Send a form by its button."""
    page.locator(f"{form} button[type=submit]").first.click()


@ways
def test_somebody_signs_in_and_out(site: Site, opening: Opening, language: str, script: bool) -> None:
    account = next(name for name, way in AMONG.items() if way == (language, script))
    [one] = [one for one in demo_people.read(site.settings.home) if one.account == account]
    page, base = start(opening, None, language, script)
    page.goto(f"{base}/standards")
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    page.fill("input[name=account]", account)
    page.fill("input[name=password]", one.password)
    with Lake.open(site.settings) as lake:
        page.fill("input[name=code]", one.code(totp.step_of(lake.ledger.now()) + 1))
    submit(page, "main form.narrow")
    expect(page).to_have_url(re.compile(rf"{base}/standards$"))
    page.locator(f'form[action="{base}/sign-out"] button').click()
    expect(page.locator(f'header a[href="{base}/sign-in"]')).to_be_visible()


@ways
def test_an_operator_sends_a_file_and_reads_its_receipt(
    site: Site, opening: Opening, tmp_path: Path, language: str, script: bool
) -> None:
    whole = (
        (site.settings.home / "agency-files" / "social_security.residence.csv").read_bytes().splitlines(keepends=True)
    )
    rows = next(SENT)
    file = tmp_path / "residence.csv"
    file.write_bytes(b"".join(whole[: 1 + rows]))
    page, base = start(opening, "demo-operator", language, script)
    page.goto(f"{base}/collect")
    page.select_option("#form-send select[name=dataset]", "social_security.residence")
    page.select_option("#form-send select[name=source]", "social_security")
    page.set_input_files("#form-send input[type=file]", file)
    submit(page, "#form-send")
    expect(page).to_have_url(re.compile(r"/collect/(jobs|batches)/\d+"))
    for _ in range(60):
        if "/batches/" in page.url:
            break
        receipt = page.locator('main a[href*="/collect/batches/"]')
        if receipt.count():
            receipt.first.click()
        else:
            page.wait_for_timeout(300)
            page.reload()
    expect(page).to_have_url(re.compile(r"/collect/batches/\d+"))
    expect(page.locator("main")).to_contain_text("residence.csv")


@ways
def test_whoever_is_signed_in_looks_a_dataset_up(opening: Opening, language: str, script: bool) -> None:
    page, base = start(opening, "demo-doctor", language, script)
    page.goto(f"{base}/standards/search")
    page.fill("main input[name=q]", "health.birth")
    page.locator("main form button[type=submit]").first.click()
    page.locator('main a[href$="/standards/datasets/health.birth"]').first.click()
    expect(page.locator("main table").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("health.birth")


@ways
def test_a_reviewer_looks_somebody_up(opening: Opening, number: str, language: str, script: bool) -> None:
    page, base = start(opening, "demo-reviewer", language, script)
    page.goto(f"{base}/population")
    form = page.locator('main form[action$="/population/person"]')
    form.locator("input[name=number]").fill(number)
    form.locator("select[name=purpose]").select_option("supervision")
    form.locator("input[name=case]").fill("C-2026-118")
    form.locator("button[type=submit]").click()
    expect(page.locator("main")).to_contain_text(number)
    assert number not in page.url
    page.locator('main a[href$="/sources"]').first.click()
    expect(page.locator("main table").first).to_be_visible()
    assert number not in page.url


@ways
def test_a_pair_is_decided_by_keyboard_or_by_form(
    opening: Opening, pairs: list[int], language: str, script: bool
) -> None:
    review = pairs[WAYS.index((language, script))]
    page, base = start(opening, "demo-reviewer", language, script)
    page.goto(f"{base}/review/{review}")
    if script:
        page.keyboard.press("2")
        page.keyboard.type("looked at both")
        page.keyboard.press("Enter")
    else:
        page.locator("#form-decide input[name=answer]").nth(1).check()
        page.locator("#form-decide [name=reason]").fill("looked at both")
        submit(page, "#form-decide")
    expect(page).not_to_have_url(re.compile(rf"/review/{review}(/decide)?$"))
    page.goto(f"{base}/review/{review}")
    expect(page.locator("#form-decide")).to_have_count(0)


@ways
def test_an_operator_sees_what_sources_were_told(opening: Opening, language: str, script: bool) -> None:
    page, base = start(opening, "demo-operator", language, script)
    page.goto(f"{base}/feedback")
    page.locator('main a[href*="/feedback/"]').first.click()
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("main table").first).to_be_visible()


@ways
def test_an_administrator_asks_why_somebody_cannot_see(opening: Opening, language: str, script: bool) -> None:
    page, base = start(opening, "demo-security", language, script)
    page.goto(f"{base}/trust/explain")
    form = page.locator('main form[action$="/trust/explain"]').first
    form.locator("[name=who]").fill("insurer")
    form.locator("select[name=purpose]").select_option("treatment")
    form.locator("select[name=dataset]").select_option("linked.person")
    form.locator("button[type=submit]").click()
    expect(page.locator("main table").first).to_be_visible()


@ways
def test_an_operator_orders_work_and_sees_it_done(opening: Opening, language: str, script: bool) -> None:
    page, base = start(opening, "demo-operator", language, script)
    page.goto(f"{base}/operations/orders")
    page.locator(
        'main a[href*="/operations/orders/"]', has_text=re.compile("汇集|[Gg]ather|审核|[Rr]eview")
    ).first.click()
    page.locator('main form[action$="/now"] button[type=submit]').click()
    expect(page).to_have_url(re.compile(r"/operations/jobs/\d+"))
    for _ in range(100):
        if page.locator("main .badge.ok").count():
            break
        page.wait_for_timeout(300)
        page.reload()
    expect(page.locator("main .badge.ok").first).to_be_visible()


@ways
def test_a_citizen_reads_the_own_record_and_asks_for_a_correction(
    opening: Opening, number: str, language: str, script: bool
) -> None:
    page, base = start(opening, "demo-citizen", language, script, "portal")
    page.goto(f"{base}/my-record")
    page.fill("main input[name=number]", number)
    page.locator('main form[action$="/my-record/number"] button[type=submit]').click()
    expect(page.locator("main")).to_contain_text(number)
    assert number not in page.url
    page.goto(f"{base}/my-record/looked")
    expect(page.locator("main table").first).to_be_visible()
    page.goto(f"{base}/my-record/correct/{CORRECTED[WAYS.index((language, script))]}")
    form = page.locator("#form-ask")
    form.locator("select[name=dataset]").select_option(index=1)
    form.locator("[name=words]").fill("the second character is another")
    form.locator("button[type=submit]").click()
    expect(page).to_have_url(re.compile(rf"{base}/my-record/corrections$"))
    expect(page.locator("main")).to_contain_text("the second character is another")
