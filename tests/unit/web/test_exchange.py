"""The console's pages of the exchange: what they tell, to whom, and what may be done there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from quanmin.exchange.role import OPERATOR
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import identity
from quanmin.trust.identity import account, mandate, organisation
from quanmin.web.console.exchange import area

from . import exchange_matters as matters
from .conftest import Browser

ME, AUDITOR = "demo-exchange", "demo-audit"
AT = "/console/zh/exchange"


@pytest.fixture
def found(home: Path) -> dict[str, str]:
    return matters.fill(home)


@pytest.fixture
def desk(home: Path, found: dict[str, str], browse: Callable[..., Browser]) -> Browser:
    return browse(home).sign_in(ME)


def foreign(home: Path, name: str = "their-operator", member: str = "social-security") -> str:
    """Somebody of another member, with the same post there."""
    with Ledger.open(Settings(home=home)) as ledger:
        registry = identity.Registry.open(ledger, Settings(home=home))
        with ledger.writing() as connection:
            by = account.FOUNDING
            organisation.create(registry, by, connection, member, "人社", "370000", "demo-commission")
            made = account.create(registry, by, connection, name, "staff", member, None, None)
            for action in ("prove", "activate", "enrol"):
                ledger.act(made.id, action, None, by, connection=connection)
            until = ledger.now().date().replace(year=ledger.now().year + 1)
            data = {"role": OPERATOR, "organisation": member, "purpose": "work", "owner": member}
            grant = mandate.create(registry, by, connection, "grant", name, until, None, data)
            ledger.act(grant.id, "found", None, by, connection=connection)
    return name


def twin(browser: Browser, path: str, code: int = 200) -> Any:
    answer = browser.get(f"{AT}{path}.json")
    assert answer.status_code == code, answer.text
    return answer.json()


def pages(found: dict[str, str]) -> list[str]:
    return [
        "",
        "/deliveries",
        "/reconciliation",
        "/traffic",
        "/members",
        f"/agreements/{found['open']}",
        f"/agreements/{found['asked']}",
        f"/deliveries/{found['acknowledged']}",
        f"/deliveries/{found['parked']}",
        f"/deliveries/{found['in']}",
        f"/deliveries/{found['feedback']}",
        f"/reconciliation/{found['agrees']}",
        f"/reconciliation/{found['differs']}",
    ]


def test_an_agreement_tells_in_which_form_rows_are_pushed(home: Path, desk: Browser, found: dict[str, str]) -> None:
    with matters.ledger_of(home) as (ledger, settings):
        lines, only_asked = matters.asked(ledger, settings, 1, "ndjson"), matters.asked(ledger, settings, 6)
    told = {
        "zh": ("Parquet 文件", "NDJSON（每行一个 JSON 对象）"),
        "en": ("a Parquet file", "NDJSON, one JSON object a line"),
    }
    for language, words in told.items():
        for name, word in zip((found["open"], lines), words, strict=True):
            assert f"<dd>{word}</dd>" in desk.get(f"/console/{language}/exchange/agreements/{name}").text
    assert "数据格式" not in desk.get(f"{AT}/agreements/{only_asked}").text
    assert twin(desk, f"/agreements/{lines}")["terms"]["form"] == "ndjson"


def test_every_page_is_there_in_both_languages_with_a_twin(desk: Browser, found: dict[str, str]) -> None:
    for path in pages(found):
        for language in ("zh", "en"):
            page = desk.get(f"/console/{language}/exchange{path}")
            assert page.status_code == 200, (path, page.text)
            assert not re.search(r"Text\(|None|\{\{", re.sub(r"<[^>]*>", "", page.text)), path
        twin(desk, path)


def test_an_installation_without_an_exchange_has_its_pages_too(home: Path, browse: Callable[..., Browser]) -> None:
    desk = browse(home).sign_in(ME)
    for path in ("", "/deliveries", "/reconciliation", "/traffic", "/traffic?days=366", "/members"):
        for language in ("zh", "en"):
            assert desk.get(f"/console/{language}/exchange{path}").status_code == 200
    assert twin(desk, "")["rows"] == [] and twin(desk, "/traffic")["pairs"] == []


def test_what_waits_for_the_own_side_stands_first(desk: Browser, found: dict[str, str]) -> None:
    told = twin(desk, "")
    assert [one["id"] for one in told["waiting"]] == [found["asked"]]
    assert told["counts"]["in_force"] == 3 and told["counts"]["requested"] == 1 and told["overdue"] == 0
    page = desk.get(f"{AT}.json?state=requested").json()
    assert [one["id"] for one in page["rows"]] == [found["asked"]]


def test_an_agreement_goes_on_by_the_forms_of_its_page(desk: Browser, home: Path, found: dict[str, str]) -> None:
    name = found["asked"]
    told = twin(desk, f"/agreements/{name}")
    assert told["may"] == ["review", "refuse", "withdraw"] and told["waits"] and told["clock"]["step"] == "review"
    assert desk.post(f"{AT}/agreements/{name}/review").status_code == 303
    assert twin(desk, f"/agreements/{name}")["state"] == "reviewed"
    again = desk.post(f"{AT}/agreements/{name}/review")
    assert again.status_code == 409 and "QM-" in again.text
    assert desk.post(f"{AT}/agreements/{name}/answer").status_code == 403, "insurance answers, not we"
    assert desk.post(f"{AT}/agreements/{name}/withdraw", {"reason": ""}).status_code == 422
    assert desk.post(f"{AT}/agreements/{name}/withdraw", {"reason": "不再需要"}).status_code == 303
    after = twin(desk, f"/agreements/{name}")
    assert (after["state"], after["reason"], after["may"]) == ("withdrawn", "不再需要", [])


def test_the_provider_stops_and_goes_on_and_ends(desk: Browser, found: dict[str, str]) -> None:
    name = found["open"]
    for step, state in (("suspend", "suspended"), ("resume", "in_force"), ("revoke", "revoked")):
        assert step in twin(desk, f"/agreements/{name}")["may"]
        assert desk.post(f"{AT}/agreements/{name}/{step}", {"reason": "核查"}).status_code == 303
        assert twin(desk, f"/agreements/{name}")["state"] == state


def test_a_suspension_is_lifted_by_whoever_made_it(desk: Browser, home: Path, found: dict[str, str]) -> None:
    with matters.ledger_of(home) as (ledger, settings):
        matters.office(ledger, settings).suspend("social_security", found["lookup"], "theirs")
    assert twin(desk, f"/agreements/{found['lookup']}")["may"] == ["withdraw", "revoke"]
    assert desk.post(f"{AT}/agreements/{found['lookup']}/resume").status_code == 403


def test_a_clock_that_ran_out_is_told(desk: Browser, found: dict[str, str]) -> None:
    told = twin(desk, "")
    due = datetime.fromisoformat(told["waiting"][0]["clock"]["due"])
    assert not told["waiting"][0]["late"] and told["overdue"] == 0
    assert area.late({"due": due}, due + timedelta(seconds=1))
    assert not area.late({"due": due}, due) and not area.late(None, due)


def test_a_delivery_is_parked_tried_again_sent_again_and_given_up(
    desk: Browser, home: Path, found: dict[str, str]
) -> None:
    name = found["parked"]
    told = twin(desk, f"/deliveries/{name}")
    assert told["may"] == ["retry", "cancel"] and [one["code"] for one in told["timeline"]] == [None, "QM-EXCHANGE-087"]
    assert desk.post(f"{AT}/deliveries/{name}/retry").status_code == 303
    assert desk.post(f"{AT}/deliveries/{name}/park", {"reason": "接收方停机"}).status_code == 303
    assert twin(desk, f"/deliveries/{name}")["timeline"][-1]["reason"] == "接收方停机"
    assert desk.post(f"{AT}/deliveries/{name}/cancel", {"reason": "重复"}).status_code == 303
    assert twin(desk, f"/deliveries/{name}")["state"] == "cancelled"
    assert desk.post(f"{AT}/deliveries/{name}/retry").status_code == 409
    gone = desk.post(f"{AT}/deliveries/{found['acknowledged']}/resend", {"reason": "对方请求"})
    assert gone.status_code == 500 and "QM-EXCHANGE-" in gone.text, "its package is not here"
    assert desk.post(f"{AT}/deliveries/{found['in']}/retry").status_code == 404, "it is not ours to send"


def test_errors_that_were_told_stand_on_the_pages_of_both_sides(desk: Browser, found: dict[str, str]) -> None:
    """A delivery that was sent has the feedback that came, that feedback its lines, one that came in its cases."""
    [came] = twin(desk, f"/deliveries/{found['acknowledged']}")["errors"]["came"]
    assert (came["delivery"], came["told"], came["closed"], came["more"]) == (found["feedback"], 60, 2, 12_000)
    lines = twin(desk, f"/deliveries/{found['feedback']}")["errors"]["lines"]
    assert (lines["total"], lines["pages"], len(lines["rows"]), lines["more"]) == (62, 2, 50, 12_000)
    assert {(one["state"], one["code"]) for one in lines["rows"]} == {("open", "QM-EXCHANGE-130")}
    rest = desk.get(f"{AT}/deliveries/{found['feedback']}.json?page=2").json()["errors"]["lines"]["rows"]
    assert [(int(one["row"]), one["state"]) for one in rest[-3:]] == [(60, "open"), (61, "closed"), (62, "closed")]
    page = desk.get(f"{AT}/deliveries/{found['feedback']}").text
    assert "12,000" in page and "institution_id:" in page and "category 的代码不在协议范围内" in page
    cases = twin(desk, f"/deliveries/{found['in']}")["errors"]["cases"]
    assert [(one["state"], one["told"], one["open"], one["closed"], one["more"]) for one in cases] == [
        ("open", 6, 3, 2, 40),
        ("closed", 5, 0, 5, 0),
    ]
    assert "待更正" in desk.get(f"{AT}/deliveries/{found['in']}").text


def test_both_sides_of_a_day_stand_beside_each_other(desk: Browser, found: dict[str, str]) -> None:
    told = twin(desk, f"/reconciliation/{found['differs']}")
    differing = [one for one in told["rows"] if one["here"] != one["there"]]
    assert [(one["what"], one["here"], one["there"]) for one in differing] == [("request", 12, 11)]
    assert told["findings"] == [{"what": "missing_there", "id": "m-12", "sender": "health"}]
    assert not [one for one in twin(desk, f"/reconciliation/{found['agrees']}")["rows"] if one["here"] != one["there"]]
    listed = desk.get(f"{AT}/reconciliation.json?state=differs").json()
    assert [one["number"] for one in listed["rows"]] == [int(found["differs"])]


def test_traffic_is_told_by_pair_hour_fault_and_agreement(desk: Browser, found: dict[str, str]) -> None:
    told = twin(desk, "/traffic")
    assert {(one["sender"], one["receiver"]) for one in told["pairs"]} == {
        ("health", "social_security"),
        ("social_security", "health"),
        ("health", "food_drug"),
        ("food_drug", "health"),
    }
    assert {one["origin"] for one in told["faults"]} == {"consumer", "provider"}
    level = next(one for one in told["levels"] if one["agreement"] == found["lookup"])
    assert level["asked"] == level["answered"] + level["refused"] + level["failed"] and 0.9 < level["share"] < 1
    page = desk.get(f"{AT}/traffic").text
    assert page.count("<svg") == 2
    assert desk.get(f"{AT}/traffic?days=0").status_code == 422


def test_the_audit_administrator_sees_everything_and_acts_on_nothing(
    home: Path, found: dict[str, str], browse: Callable[..., Browser]
) -> None:
    auditor = browse(home).sign_in(AUDITOR)
    for path in pages(found):
        page = auditor.get(f"{AT}{path}")
        assert page.status_code == 200 and "/exchange/agreements/" + found["asked"] + "/review" not in page.text
    assert twin(auditor, f"/agreements/{found['asked']}")["may"] == []
    assert twin(auditor, f"/deliveries/{found['parked']}")["may"] == []
    assert auditor.post(f"{AT}/agreements/{found['asked']}/review").status_code == 403
    assert auditor.post(f"{AT}/deliveries/{found['parked']}/retry").status_code == 403


def test_people_of_another_member_see_their_own_and_act_on_nothing_here(
    home: Path, found: dict[str, str], browse: Callable[..., Browser]
) -> None:
    theirs = browse(home).sign_in(foreign(home))
    assert {one["id"] for one in twin(theirs, "")["rows"]} == {found["open"], found["lookup"]}
    own = {found[one] for one in ("acknowledged", "parked", "feedback")}
    assert {one["delivery"] for one in twin(theirs, "/deliveries")["rows"]} == own
    assert twin(theirs, "/deliveries")["standing"] is None
    assert [one["number"] for one in twin(theirs, "/reconciliation")["rows"]] == [int(found["differs"])]
    assert {one["receiver"] for one in twin(theirs, "/traffic")["pairs"]} == {"health", "social_security"}
    assert {one["agreement"] for one in twin(theirs, "/traffic")["levels"]} == {found["lookup"]}
    assert [one["id"] for one in twin(theirs, "/members")["members"]] == ["social_security"]
    for path in (f"/agreements/{found['other']}", f"/agreements/{found['asked']}", f"/deliveries/{found['in']}"):
        twin(theirs, path, 404)
    twin(theirs, f"/reconciliation/{found['agrees']}", 403)
    assert twin(theirs, f"/agreements/{found['open']}")["may"] == []
    for path in (f"/agreements/{found['open']}/suspend", f"/deliveries/{found['parked']}/cancel"):
        assert theirs.post(f"{AT}{path}", {"reason": "x"}).status_code == 403
    assert theirs.post(f"{AT}/deliveries/{found['parked']}/retry").status_code == 403


def test_a_province_is_shown_by_its_name_and_its_people_see_what_is_theirs(
    home: Path, found: dict[str, str], browse: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matters, "MEMBERS", (*matters.MEMBERS, "health_420000"))
    with matters.ledger_of(home) as (ledger, settings):
        agreed = matters.pushed(ledger, settings, "health_420000", "health.certificate_stock")
        matters.traffic(ledger, agreed, ("health", "health_420000"))
    ours = browse(home).sign_in(ME)
    for path in ("", f"/agreements/{agreed}", "/traffic", "/members"):
        assert "湖北省卫生健康" in ours.get(f"{AT}{path}").text, path
    assert "Health, 湖北省" in ours.get(f"{AT.replace('/zh/', '/en/')}/members").text
    theirs = browse(home).sign_in(foreign(home, "hubei-operator", "health-420000"))
    assert [one["id"] for one in twin(theirs, "")["rows"]] == [agreed]
    assert [one["id"] for one in twin(theirs, "/members")["members"]] == ["health_420000"]
    twin(theirs, f"/agreements/{found['open']}", 404)
    assert theirs.post(f"{AT}/agreements/{agreed}/suspend", {"reason": "x"}).status_code == 403


@pytest.mark.parametrize("who", ["demo-doctor", "demo-release-officer", "demo-operator", "demo-security"])
def test_others_do_not_see_the_area(
    home: Path, found: dict[str, str], browse: Callable[..., Browser], who: str
) -> None:
    other = browse(home).sign_in(who)
    assert 'href="/console/zh/exchange"' not in other.get("/console/zh/").text
    assert all(other.get(f"{AT}{path}").status_code == 403 for path in pages(found))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/agreements/A-1999-0001", 404),
        ("/agreements/" + "x" * 101, 404),
        ("/agreements/a%20b", 404),
        ("/deliveries/D-nowhere", 404),
        ("/reconciliation/999999", 404),
        ("/reconciliation/0", 404),
        ("?state=no_such", 200),
        ("?page=100000", 200),
        ("?page=x", 422),
        ("/deliveries?direction=up", 422),
    ],
)
def test_odd_questions_get_an_answer(desk: Browser, path: str, code: int) -> None:
    assert desk.get(f"{AT}{path}").status_code == code
