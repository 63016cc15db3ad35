"""The open catalogue as somebody uses it: without JavaScript, with suggestions, and pages that no link of a walk leads to."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import Opening, Site
from .test_every_page import AXE, RUN, WIDE

ODD = (
    "datasets?q=nothing+has+these+words",
    "datasets?q=" + "x" * 301,
    "datasets/long-1",
    "datasets/gone-1",
    "datasets/no-such-dataset",
    "datasets/closed-9",
    "datasets/gallery-1",
    "datasets/gallery-1/preview/geojson",
)


def test_a_dataset_is_found_and_looked_into_without_javascript(opening: Opening) -> None:
    page = opening(java_script_enabled=False)
    page.goto("/zh/")
    page.get_by_role("searchbox").fill("床位")
    page.get_by_role("button", name="搜索").click()
    expect(page.locator("mark").first).to_have_text("床位")
    page.get_by_role("link", name="逗号分隔文本").click()
    assert "format=csv" in page.url
    page.get_by_role("link", name="各省医院床位", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("各省医院床位")
    page.get_by_role("link", name="查看内容").first.click()
    page.get_by_label("含有").fill("420000")
    page.get_by_label("排序列").select_option("beds")
    page.get_by_role("button", name="显示").click()
    expect(page.locator("table.data tbody tr")).to_have_count(6)


def test_suggestions_come_while_something_is_typed(opening: Opening) -> None:
    page = opening()
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda one: said.append(str(one)))
    page.goto("/zh/datasets")
    page.get_by_role("searchbox").press_sequentially("床位", delay=30)
    first = page.locator("#suggested a").first
    expect(first).to_be_visible()
    first.click()
    page.wait_for_url("**/zh/datasets*")
    assert not said


def test_pages_of_odd_records_are_accessible_and_fit_a_phone(site: Site, opening: Opening) -> None:
    wrong: list[str] = []
    for language in ("zh", "en"):
        page = opening(bypass_csp=True, viewport={"width": 320, "height": 700})
        for path in ODD:
            page.goto(f"/{language}/{path}")
            over = page.evaluate(WIDE)
            page.evaluate(AXE)
            found = [one for look in ("", "elder", "contrast") for one in page.evaluate(RUN, look)]
            wrong += [f"{language} {path[:40]}: {one}" for one in (*found, *([f"{over} too wide"] if over > 1 else []))]
    assert not wrong, "\n".join(wrong)
