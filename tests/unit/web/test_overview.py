"""The first page: each figure for those whose work it is, quickly; an empty installation says where to begin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quanmin.ledger import Ledger
from quanmin.trust import audit

from .conftest import Browser

FIGURES = {
    "demo-operator": {"today", "sources", "review", "feedback", "owed", "store", "jobs"},
    "demo-system": {"approvals", "owed", "store", "jobs"},
    "demo-security": {"approvals", "owed", "store", "jobs"},
    "demo-audit": {"approvals", "owed", "store", "jobs", "alarms"},
    "demo-reviewer": {"review", "owed"},
    "demo-doctor": {"owed"},
    "demo-release-officer": {"releases", "owed"},
    "demo-release-checker": {"releases", "owed"},
}
LINKS = {
    "today": "/collect/batches",
    "review": "/review",
    "feedback": "/feedback",
    "approvals": "/trust/approvals",
    "releases": "/releases",
    "jobs": "/operations",
    "store": "/operations/health",
    "alarms": "/trust/audit/alarms",
}


@pytest.mark.parametrize("who", FIGURES)
def test_each_figure_is_told_to_those_whose_work_it_is(province: Browser, who: str) -> None:
    province.sign_in(who)
    told = province.get("/console/en/index.json").json()
    known = {"today", "sources", "review", "feedback", "approvals", "releases", "owed", "store", "jobs", "alarms"}
    assert {name for name in known if told[name] is not None} == FIGURES[who]
    for language in ("zh", "en"):
        page = province.get(f"/console/{language}/").text
        body = page[page.index("<main") :]
        for name, place in LINKS.items():
            assert (f'href="/console/{language}{place}"' in body) == (name in FIGURES[who]), (name, who)


def test_the_figures_are_those_of_the_demo(province: Browser) -> None:
    told = province.sign_in("demo-operator").get("/console/en/index.json").json()
    today, store = told["today"], told["store"]
    assert told["begin"] is False
    assert today["read"] == today["accepted"] + today["quarantined"] and store["rows"] > today["accepted"]
    assert all(0 <= one["share"] <= 1 for one in told["sources"])
    assert [one["share"] for one in told["sources"]] == sorted((one["share"] for one in told["sources"]), reverse=True)
    assert sum(told["review"].values()) >= 0 and told["jobs"]["bad"] == 0


def test_a_look_at_the_alarms_is_in_the_audit(home: Path, browse: Callable[..., Browser]) -> None:
    browser = browse(home).sign_in("demo-audit")
    assert browser.get("/console/en/").status_code == 200
    with Ledger.open(browser.settings) as ledger:
        newest = audit.search(ledger, event="audit", limit=1)[0].fields
    assert (newest["actor"], newest["action"]) == ("demo-audit", "alarms")


def test_nobody_else_gets_the_page(province: Browser) -> None:
    answer = province.get("/console/en/")
    assert answer.status_code == 303 and "/sign-in" in answer.headers["location"]


def test_an_empty_installation_says_where_to_begin(tmp_path: Path, browse: Callable[..., Browser], home: Path) -> None:
    import shutil

    bare = tmp_path / "bare"
    bare.mkdir()
    browser = browse(home)
    with Ledger.open(browser.settings) as ledger, ledger.writing() as connection:
        from sqlalchemy import delete

        from quanmin.ledger.table import LineageRow, SnapshotRow, SupersedeRow

        for table in (LineageRow, SupersedeRow, SnapshotRow):
            connection.execute(delete(table))
    shutil.rmtree(home / "lake")
    browser.sign_in("demo-operator")
    page = browser.get("/console/en/")
    assert page.status_code == 200
    assert "Begin here" in page.text and 'href="/console/en/operations/orders/build"' in page.text
    assert browser.get("/console/zh/").text.count("从这里开始") == 1
    for path in ("/operations", "/operations/snapshots", "/operations/backups", "/operations/health"):
        assert browser.get(f"/console/en{path}").status_code == 200, path
    browser.sign_in("demo-doctor")
    assert "Begin here" in browser.get("/console/en/").text
    assert 'href="/console/en/operations/orders/build"' not in browser.get("/console/en/").text
