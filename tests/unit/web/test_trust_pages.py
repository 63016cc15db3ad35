"""The trust area read by each of the people of the demonstration: his own pages in both languages and as twins, nothing else."""

from __future__ import annotations

import re

import pytest

from quanmin.trust.identity import duty
from quanmin.web.console.trust.area import PAGES

from .conftest import Browser

EVERYBODY = {"/trust", "/trust/agreements", "/trust/policies", "/trust/explain", "/trust/see"}
ADMINISTRATION = {
    f"/trust/{one}"
    for one in (
        *("approvals", "people", "organisations", "posts", "grants"),
        *("guardians", "certificates", "tokens", "sessions", "emergency", "selfcheck"),
    )
}
THEIRS = {
    "demo-system": ADMINISTRATION,
    "demo-security": ADMINISTRATION | {"/trust/flags"},
    "demo-audit": ADMINISTRATION | {"/trust/flags", "/trust/audit"},
    "demo-operator": {"/trust/selfcheck"},
    "demo-doctor": {"/trust/emergency", "/trust/care"},
    "demo-clerk": {"/trust/patients", "/trust/care"},
    "demo-researcher": set[str](),
    "demo-citizen": {"/trust/consents"},
}


@pytest.mark.parametrize("account", THEIRS)
def test_everybody_has_the_pages_of_his_work_and_no_other(province: Browser, account: str) -> None:
    browser, theirs = province.sign_in(account), EVERYBODY | THEIRS[account]
    shown = set(re.findall(r'href="/console/en(/trust[a-z/-]*)"', browser.get("/console/en/trust").text))
    assert theirs <= shown
    assert not {path for path, _, _ in PAGES if path not in theirs} & shown
    for path, title, _ in PAGES:
        if path == "/trust/see":
            continue  # seconds: it has its own test
        page, twin = browser.get(f"/console/zh{path}"), browser.get(f"/console/zh{path}.json")
        expected = 200 if path in theirs else 403
        assert (page.status_code, twin.status_code) == (expected, expected), path
        assert ("QM-WEB-006" in page.text) == (expected == 403)
        if expected == 200:
            assert title.zh in page.text and "application/json" in twin.headers["content-type"]


def test_nobody_who_is_not_signed_in_sees_anything(province: Browser) -> None:
    for path, _, _ in PAGES:
        answer = province.get(f"/console/en{path}")
        assert answer.status_code == 303 and "/sign-in?next=" in answer.headers["location"], path
        assert province.get(f"/console/en{path}.json").status_code == 403


@pytest.mark.parametrize(
    ("account", "path", "words"),
    [
        ("demo-system", "/trust/people", {"zh": "提出账号", "en": "Propose an account"}),
        ("demo-security", "/trust/people/demo-doctor", {"zh": "立即停用", "en": "Disable now"}),
        ("demo-system", "/trust/organisations", {"zh": "演示医院", "en": "Add an organisation"}),
        ("demo-audit", "/trust/audit", {"zh": "核验", "en": "Sign the log as it stands"}),
        ("demo-audit", "/trust/audit/entries/1", {"zh": "在日志中的证明", "en": "Proof that it is in the log"}),
        ("demo-audit", "/trust/audit/alarms", {"zh": "审计告警", "en": "An alarm asks somebody to look"}),
        ("demo-citizen", "/trust/policies/files/guard.cedar", {"zh": "forbid", "en": "forbid"}),
        ("demo-security", "/trust/policies", {"zh": "医师", "en": "the three administrators see no data"}),
        ("demo-citizen", "/account", {"zh": "您的会话", "en": "Your sessions"}),
    ],
)
def test_pages_speak_both_languages(province: Browser, account: str, path: str, words: dict[str, str]) -> None:
    browser = province.sign_in(account)
    for language, text in words.items():
        answer = browser.get(f"/console/{language}{path}")
        assert answer.status_code == 200 and text in answer.text
        assert "<h1>" in answer.text and answer.text.count("<h1>") == 1


@pytest.mark.parametrize(
    "path",
    [
        "/trust/people/UPPER",
        "/trust/people/nobody-here",
        "/trust/people/" + "a" * 90,
        "/trust/mandates/0",
        "/trust/mandates/99999999999999999999",
        "/trust/mandates/2147483646",
        "/trust/mandates/1",
        "/trust/policies/files/..%2fschema.cedarschema",
        "/trust/policies/files/other.cedar",
        "/trust/policies/changes/1",
        "/trust/approvals/account/1",
        "/trust/approvals/sorcery/1",
        "/trust/agreements/1",
        "/trust/emergency/1",
        "/trust/audit/entries/999999",
    ],
)
def test_what_is_not_there_is_not_found(province: Browser, path: str) -> None:
    account = "demo-audit" if "audit" in path or "emergency" in path else "demo-security"
    answer = province.sign_in(account).get(f"/console/en{path}")
    assert answer.status_code == 404, answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "/trust/people?page=0",
        "/trust/people?page=x",
        "/trust/people?account=" + "a" * 100,
        "/trust/grants?expiring=-1",
        "/trust/audit?since=yesterday",
        "/trust/audit?before=-1",
        "/trust/audit?person=37010219491231002X",
        "/trust/audit/alarms?days=400",
        "/trust/explain?who=clinician&purpose=treatment&dataset=no.such",
        "/trust/explain?who=clinician&purpose=mischief&dataset=health.death",
        "/trust/explain?who=clinician&purpose=treatment&dataset=health.death&fact=love",
        "/trust/explain?who=clinician&purpose=treatment&dataset=health.death&elements=no_such",
        "/trust/see?region=abc",
        "/trust/see?who=nobody-here",
    ],
)
def test_odd_parameters_are_told_and_never_repeated(province: Browser, query: str) -> None:
    answer = province.sign_in("demo-audit").get(f"/console/en{query}")
    assert answer.status_code == 422, answer.text
    assert "37010219491231002X" not in answer.text.replace(query, "")


def test_a_decision_that_nobody_made_is_not_found(province: Browser) -> None:
    assert province.sign_in("demo-audit").get("/console/en/trust/explain?decision=none").status_code == 404


def test_an_explanation_names_outcome_policies_and_what_is_missing(province: Browser) -> None:
    path = (
        "/console/en/trust/explain{}?who=clinician&purpose=treatment&dataset=health.death&elements=cause_a&fact=person"
    )
    browser = province.sign_in("demo-doctor")
    [row] = browser.get(path.format(".json")).json()["explanation"]["columns"]
    assert row["outcome"] == "withheld" and ["care"] in row["would"]
    assert "a care relation" in browser.get(path.format("")).text
    answer = browser.get("/console/en/trust/explain?who=demo-clerk&purpose=treatment&dataset=health.death")
    assert answer.status_code == 422  # whose posts somebody else holds is the administrators' to look up
    assert province.sign_in("demo-audit").get(str(answer.request.url.raw_path, "ascii")).status_code == 200


def test_what_somebody_may_see_is_one_table(province: Browser) -> None:
    found = province.sign_in("demo-statistician").get("/console/en/trust/see.json").json()
    assert found["roles"] == ["statistician"]
    assert {row["purpose"] for row in found["rows"]} == {"statistics", "open_data"}
    assert all(row["owes"] == ["aggregate_only"] for row in found["rows"] if row["purpose"] == "statistics")
    page = province.get("/console/zh/trust/see")
    assert "统计" in page.text and "只出汇总" in page.text


def test_the_audit_is_searched_and_an_entry_is_proven(province: Browser) -> None:
    browser = province.sign_in("demo-audit")
    rows = browser.get("/console/en/trust/audit.json?event=identity.found").json()["rows"]
    assert [row["event"] for row in rows] == ["identity.found"]
    number = rows[0]["sequence"]
    told = browser.get(f"/console/en/trust/audit/entries/{number}.json").json()
    assert told["holds"] and told["proof"]["sequence"] == number and told["fields"]["event"] == "identity.found"
    by_purpose = browser.get("/console/en/trust/audit.json?purpose=treatment").json()["rows"]
    assert by_purpose and {row["purpose"] for row in by_purpose} == {"treatment"}
    assert browser.get("/console/en/trust/audit.json?until=2000-01-01").json()["rows"] == []
    first = browser.get("/console/en/trust/audit.json").json()
    older = browser.get(f"/console/en/trust/audit.json?{first['older']}").json()
    assert len(first["rows"]) == 50 and older["rows"][0]["sequence"] == first["rows"][-1]["sequence"] - 1


def test_a_look_into_the_audit_is_an_entry_of_it(province: Browser) -> None:
    browser = province.sign_in("demo-audit")
    for path in ("", "/entries/2", "/alarms"):
        browser.get(f"/console/en/trust/audit{path}")
    rows = browser.get("/console/en/trust/audit.json?event=audit").json()["rows"]
    assert len(rows) >= 3 and {row["actor"] for row in rows} == {"demo-audit"}


def test_lists_are_sorted_filtered_and_paged(province: Browser) -> None:
    browser = province.sign_in("demo-security")
    names = [one["account"] for one in browser.get("/console/en/trust/people.json?sort=-account").json()["rows"]]
    assert names == sorted(names, reverse=True) and len(names) == 23
    found = browser.get("/console/en/trust/people.json?account=review&state=active").json()
    assert [one["account"] for one in found["rows"]] == ["demo-reviewer", "demo-reviewer-2"]
    assert browser.get("/console/en/trust/people.json?page=9").json()["page"] == 1
    grants = browser.get("/console/en/trust/grants.json").json()["rows"]
    assert {one["role"] for one in grants} == set(duty.ADMINISTRATORS)
    soon = browser.get("/console/en/trust/posts.json?expiring=40").json()
    assert soon["total"] == browser.get("/console/en/trust/posts.json").json()["total"] > 0
