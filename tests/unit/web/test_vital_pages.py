"""The console's pages of vital events: what they tell, to whom, and that others' matters stay others'."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quanmin.ledger import Ledger
from quanmin.programs.vital.number import key
from quanmin.programs.vital.office import Office
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.web.console import areas
from quanmin.web.console.trust.area import GIVABLE
from quanmin.web.console.vital import check as checking

from . import vital_matters as matters
from .conftest import Browser

AT = "/console/zh/vital"
Vital = tuple[Path, dict[str, Any]]
Browse = Callable[..., Browser]


def twin(browser: Browser, path: str, code: int = 200) -> Any:
    place, _, query = path.partition("?")
    answer = browser.get(f"{AT}{place}.json" + (f"?{query}" if query else ""))
    assert answer.status_code == code, answer.text
    return answer.json()


def pages(found: dict[str, Any]) -> dict[str, str]:
    """Every page, and the roles that get it: k(eeper), c(lerk), a(pprover), s(ealer), S(upervisor)."""
    certificate = f"/certificates/{found['issued']}"
    return {
        "": "kcasS",
        "/stock": "kS",
        "/stock/report": "k",
        f"/movements/{found['movement']}": "kS",
        f"/losses/{found['loss']}": "kS",
        "/destructions": "S",
        "/desk": "c",
        "/desk/queue": "cas",
        "/registry": "kcasS",
        "/overdue": "kcasS",
        "/holders": "kS",
        f"/holders/{matters.HOSPITAL}": "kS",
        "/check": "S",
        certificate: "kcasS",
        f"{certificate}/content": "cas",
        f"{certificate}/exchange": "c",
        f"/certificates/{found['returned']}/amend": "c",
    }


def test_each_page_is_there_in_both_languages_with_a_twin_for_whose_work_it_is(
    county: Browser, vital_found: dict[str, Any]
) -> None:
    found = vital_found
    browser = county
    for who, letter in zip(("keeper", "clerk", "approver", "sealer", "supervisor"), "kcasS", strict=True):
        browser.sign_out().sign_in(f"wj-{who}")
        for path, roles in pages(found).items():
            for language in ("zh", "en"):
                page = browser.get(f"/console/{language}/vital{path}")
                assert page.status_code == (200 if letter in roles else 403), (who, path, page.text)
                assert not re.search(r"Text\(|None|\{\{", re.sub(r"<[^>]*>", "", page.text)), path
            twin(browser, path, 200 if letter in roles else 403)


def test_links_of_a_page_lead_to_pages_of_the_same_role(county: Browser, vital_found: dict[str, Any]) -> None:
    found = vital_found
    browser = county
    for who, letter in (("wj-keeper", "k"), ("wj-clerk", "c"), ("wj-sealer", "s"), ("wj-supervisor", "S")):
        browser.sign_out().sign_in(who)
        for path in (one for one, roles in pages(found).items() if letter in roles):
            for link in set(re.findall(r'href="(/console/zh/vital[^"#]*)"', browser.get(f"{AT}{path}").text)):
                assert browser.get(link.replace("&amp;", "&")).status_code == 200, (who, path, link)


def test_others_do_not_see_the_area(county: Browser, vital_found: dict[str, Any]) -> None:
    found = vital_found
    other = county
    for who in ("demo-doctor", "demo-operator", "demo-security", "demo-exchange"):
        other.sign_out().sign_in(who)
        assert 'href="/console/zh/vital"' not in other.get("/console/zh/").text
        assert all(other.get(f"{AT}{path}").status_code == 403 for path in pages(found)), who


def test_nobody_sees_anything_without_a_holder(county: Browser, vital_found: dict[str, Any]) -> None:
    found = vital_found
    lost = county.sign_in("wj-nowhere")
    for path in ("", "/desk", "/registry", "/overdue", f"/certificates/{found['issued']}"):
        assert "QM-VITAL-100" in lost.get(f"{AT}{path}").text
        assert twin(lost, path, 403)["code"] == "QM-VITAL-100"
    assert (
        lost.post(
            f"{AT}/desk/prepare", matters.typed(matters.at(8), matters.application_day(county.settings.home))
        ).status_code
        == 403
    )


def test_another_holder_is_refused_everywhere(county: Browser, vital_found: dict[str, Any]) -> None:
    found = vital_found
    hospital, number = matters.HOSPITAL, found["issued"]
    shared = [f"/overdue?holder={hospital}", f"/registry?holder={hospital}", f"/certificates/{number}"]
    stock = [f"/stock?holder={hospital}", f"/movements/{found['movement']}", f"/losses/{found['loss']}"]
    browser = county
    for who, paths in {
        "wj-second-clerk": [*shared, f"/certificates/{number}/content", f"/certificates/{number}/exchange"],
        "wj-second-keeper": [*shared, *stock, f"/holders/{hospital}"],
        "wj-other-supervisor": [*shared, *stock, f"/holders/{hospital}"],
    }.items():
        browser.sign_out().sign_in(who)
        for path in paths:
            assert twin(browser, path, 403)["code"] == "QM-VITAL-016", (who, path)
    second = browser.sign_out().sign_in("wj-second-clerk")
    for step in ("spoil", "card", "lose"):
        fields = {"reason": "withdrawn", "declaration": "x"}
        assert second.post(f"{AT}/certificates/{number}/{step}", fields).status_code == 403
    keeper = browser.sign_out().sign_in("wj-second-keeper")
    assert keeper.post(f"{AT}/movements/{found['movement']}/receive").status_code == 403
    assert keeper.post(f"{AT}/losses/{found['loss']}/police", {"receipt": "1"}).status_code == 403
    other = browser.sign_out().sign_in("wj-other-supervisor")
    assert other.post(f"{AT}/holders/{hospital}/stop", {"reason": "x"}).status_code == 403
    assert other.post(f"{AT}/certificates/{number}/cancel", {"reason": "fraud"}).status_code == 403


def test_an_authority_sees_its_tree_and_reads_no_content(county: Browser, vital_found: dict[str, Any]) -> None:
    found = vital_found
    county.sign_in("wj-supervisor")
    assert twin(county, f"/certificates/{found['issued']}")["may"] == ["lose", "cancel"]
    clerk = county.sign_out().sign_in("wj-county-clerk")
    assert twin(clerk, f"/certificates/{found['lost']}")["may"] == ["reissue"]
    assert twin(clerk, f"/certificates/{found['issued']}/content", 403)["code"] == "QM-VITAL-016"
    for name in ("exchange", "reissue"):
        page = clerk.get(f"{AT}/certificates/{found['lost']}/{name}").text
        assert matters.MOTHER_NAME not in page and matters.FATHER not in page


def test_the_first_page_tells_what_lies_here_and_what_waits(county: Browser, vital_found: dict[str, Any]) -> None:
    found = vital_found
    told = twin(county.sign_in("wj-clerk"), "")
    [stock] = told["stock"]
    assert (stock["free"], stock["bound"], stock["void"], stock["lost"], stock["held"]) == (89, 6, 3, 2, 100)
    assert told["waiting"] == {"prepared": 1, "returned": 1, "approved": 1}
    assert [one["id"] for one in told["to_receive"]] == [found["movement"]]
    assert told["owed"] == {"open": 6, "overdue": 0}
    assert {one["path"] for one in told["first"] if one["what"] == "card"} == {
        f"/vital/certificates/{found[name]}" for name in ("issued", "lost")
    }


def test_people_are_told_of_on_the_page_of_the_content_only_and_the_audit_keeps_who_looked(
    vital: Vital, browse: Browse
) -> None:
    home, found = vital
    approver = browse(home).sign_in("wj-approver")
    secrets = (matters.CHILD, matters.MOTHER_NAME, matters.FATHER_NAME, matters.FATHER)
    for path in ("", "/desk/queue", "/registry", "/overdue", f"/certificates/{found['prepared']}"):
        page = approver.get(f"{AT}{path}").text + approver.get(f"{AT}{path}.json").text
        assert not [one for one in secrets if one in page], path
    assert not looks(home)
    page = approver.get(f"{AT}/certificates/{found['prepared']}/content").text
    assert all(one in page for one in secrets)
    assert not [one for one in secrets if one in re.findall(r"<title>(.*)</title>", page)[0]]
    assert not [one for link in re.findall(r'(?:href|action)="([^"]*)"', page) for one in secrets if one in link]
    assert looks(home) == [("certificate_read", "wj-approver")]


def looks(home: Path) -> list[tuple[str, str]]:
    """Who read or sought certificates."""
    with Ledger.open(Settings(home=home)) as ledger:
        kinds, told = ("certificate_read", "certificate_search"), [one.fields for one in audit.entries(ledger)]
        return [(one["event"], one["actor"]) for one in told if one["event"] in kinds]


def test_the_board_counts_by_branch_and_lists_one_by_one(vital: Vital, browse: Browse) -> None:
    home, found = vital
    province = browse(home).sign_in("wj-province-supervisor")
    told = twin(province, "/overdue?every=true")
    assert {(one["holder"], one["what"], one["open"], one["overdue"]) for one in told["board"]} == {
        (matters.CITY, "card", 2, 0),
        (matters.CITY, "receipt", 1, 0),
        (matters.CITY, "police_report", 1, 0),
        (matters.CITY, "public_notice", 1, 0),
        (matters.CITY, "written_report", 1, 0),
    }
    assert told["total"] == 6 and twin(province, "/overdue")["total"] == 0
    down = twin(province, f"/overdue?holder={matters.HOSPITAL}&every=true&what=receipt")
    assert down["way"] == [matters.PROVINCE, matters.CITY, matters.COUNTY, matters.HOSPITAL]
    assert [one["path"] for one in down["rows"]] == [f"/vital/movements/{found['movement']}"]
    with Ledger.open(Settings(home=home)) as ledger:
        matters.age(ledger)
    late = twin(province, "/overdue")
    assert late["total"] == 6 and {one["overdue"] for one in late["board"]} == {1, 2}
    assert "逾期" in province.get(f"{AT}/overdue").text


def test_certificates_are_found_by_number_state_days_and_the_mother(
    county: Browser, vital_found: dict[str, Any]
) -> None:
    found = vital_found
    clerk = county.sign_in("wj-clerk")
    assert twin(clerk, "/registry")["total"] == 7
    assert [one["number"] for one in twin(clerk, "/registry?state=lost")["rows"]] == [found["lost"]]
    assert twin(clerk, "/registry?since=2000-01-01&until=")["total"] == 3
    assert twin(clerk, "/registry?since=2000-01-01&until=2000-12-31")["total"] == 0
    assert twin(clerk, "/registry?since=2026-02-31", 422)["code"] == "QM-WEB-003"
    to = clerk.post(f"{AT}/registry/number", {"number": f" {found['issued'].lower()} "})
    assert to.headers["location"] == f"{AT}/certificates/{found['issued']}"
    assert "污损" not in clerk.post(f"{AT}/registry/number", {"number": matters.at(96)}).text
    assert "作废" in clerk.post(f"{AT}/registry/number", {"number": matters.at(96)}).text
    for number, said in (("E37", "QM-VITAL-001"), ("Z990000001", "没有这个编号")):
        answer = clerk.post(f"{AT}/registry/number", {"number": number})
        assert answer.status_code == 422 and said in answer.text
    assert clerk.post(f"{AT}/registry/number", {"number": matters.at(700)}).status_code == 403, "the city's"


def test_a_mother_is_sought_without_a_trace_of_her(vital: Vital, browse: Browse) -> None:
    home, found = vital
    clerk = browse(home).sign_in("wj-clerk")
    born = matters.application_day(home)
    number = matters.citizen("370102", matters.BORN, 108)
    asked = {"document_type": "01", "document_number": number, "birth_date": born.isoformat()}
    page = clerk.post(f"{AT}/registry/mother", asked)
    assert page.status_code == 200 and found["issued"] in page.text and found["lost"] not in page.text
    assert number not in page.text and str(page.url).endswith("/registry/mother")
    assert found["issued"] not in clerk.post(f"{AT}/registry/mother", {**asked, "birth_date": "2020-01-01"}).text
    elsewhere = clerk.sign_out().sign_in("wj-second-clerk").post(f"{AT}/registry/mother", asked)
    assert elsewhere.status_code == 200 and found["issued"] not in elsewhere.text
    assert [one for one in looks(home) if one[0] == "certificate_search"] == [
        ("certificate_search", "wj-clerk"),
        ("certificate_search", "wj-clerk"),
        ("certificate_search", "wj-second-clerk"),
    ]


def test_invariants_hold_and_a_breach_is_told_within_the_own_tree(
    vital: Vital, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _found = vital
    county, other = browse(home).sign_in("wj-supervisor"), browse(home).sign_in("wj-other-supervisor")
    told = twin(county, "/check")
    assert told["breaches"] == [] and set(told["rules"].values()) == {0} and told["used"] >= 11
    with Ledger.open(Settings(home=home)) as ledger:
        matters.steal(Office(ledger, Settings(home=home)), key(matters.at(50)))
    broken = twin(county, "/check")
    assert {one["rule"] for one in broken["breaches"]} == {"balance"} and "不符" in county.get(f"{AT}/check").text
    assert {one["address"] for one in broken["breaches"]} == {f"{matters.HOSPITAL} 7"}
    assert twin(other, "/check")["breaches"] == []
    monkeypatch.setattr(checking, "MOST", 10)
    assert twin(county, "/check", 409)["code"] == "QM-VITAL-101"


def test_the_roles_can_be_given_and_open_the_area() -> None:
    assert set(areas.VITAL) <= set(GIVABLE)
    assert next(one for one in areas.AREAS if one.name == "vital").roles == areas.VITAL


ODD = {
    "/certificates/E379999999": 404,
    "/certificates/37": 404,
    "/movements/999999": 404,
    "/movements/0": 404,
    "/losses/1": 404,
    "/destructions/1": 404,
    "/holders/no-such": 404,
    "/holders/a%20b": 404,
    "/stock?holder=no-such": 404,
    "/overdue?holder=%27": 422,
    "/overdue?page=x": 422,
    "/registry?page=100000": 200,
    "/holders?state=nothing": 200,
}


def test_odd_questions_get_an_answer(county: Browser) -> None:
    supervisor = county.sign_in("wj-supervisor")
    assert {path: supervisor.get(f"{AT}{path}").status_code for path in ODD} == ODD
