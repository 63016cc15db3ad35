"""The console's stock desk: printing, sending, receiving, void and lost sheets, destruction; each refusal at its field."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from . import vital_matters as matters
from .conftest import Browser
from .test_vital_pages import AT, Vital, twin

Browse = Callable[..., Browser]


@pytest.fixture
def home(vital: Vital) -> Path:
    return vital[0]


@pytest.fixture
def found(vital: Vital) -> dict[str, Any]:
    return vital[1]


@pytest.fixture
def desk(home: Path, browse: Browse) -> Browser:
    return browse(home)


def problem(answer: httpx.Response, field: str) -> str:
    """What is said at a field of the form that came back."""
    assert answer.status_code == 422, (answer.status_code, re.findall(r"QM-[A-Z]+-\d+[^<]*", answer.text))
    said = re.findall(rf'id="field-{field}-problem">([^<]*)<', answer.text)
    assert said, f"nothing at {field}: {re.findall('problem. id=.([a-z_-]*)', answer.text)}"
    return str(said[0])


def stock(browser: Browser, holder: str = "") -> dict[str, int]:
    return dict(twin(browser, f"/stock?holder={holder}")["own"][0])


def test_the_province_prints_and_sends_down_step_by_step(desk: Browser) -> None:
    province = desk.sign_in("wj-province-supervisor")
    today = matters.application_day(desk.settings.home).isoformat()
    asked = {"first": matters.at(2001), "last": matters.at(2100), "edition": "7", "occurred_on": today}
    assert province.post(f"{AT}/stock/print", asked).headers["location"] == f"{AT}/stock"
    assert stock(province)["free"] == 300
    assert "QM-VITAL-004" in problem(province.post(f"{AT}/stock/print", asked), "first")
    assert "QM-VITAL-005" in problem(
        province.post(f"{AT}/stock/print", {**asked, "first": matters.at(3001), "last": "", "edition": "6"}), "first"
    )
    back = {**asked, "first": matters.at(3002), "last": matters.at(3001)}
    assert "QM-VITAL-002" in problem(province.post(f"{AT}/stock/print", back), "last")
    assert "QM-VITAL-001" in problem(province.post(f"{AT}/stock/print", {**asked, "first": "37"}), "first")
    late = (matters.application_day(desk.settings.home) + timedelta(days=2)).isoformat()
    new = {**asked, "first": matters.at(3001), "last": ""}
    assert "QM-VITAL-015" in problem(province.post(f"{AT}/stock/print", {**new, "occurred_on": late}), "occurred_on")
    assert twin(province, "/stock")["may"] == ["print"]
    assert province.post(f"{AT}/stock/send", {"first": matters.at(900)}).status_code == 403, "a keeper sends"
    county = desk.sign_out().sign_in("wj-supervisor")
    assert county.post(f"{AT}/stock/print", new).status_code == 409, "printing is for provinces"


def test_a_keeper_sends_to_those_that_stand_right_above_below_and_beside(desk: Browser, home: Path) -> None:
    keeper = desk.sign_in("wj-county-keeper")
    page = keeper.get(f"{AT}/stock").text
    options = re.findall(r'value="((?:out|return|transfer):[^"]*)"', page)
    assert options == ["out:wj-hospital", "out:wj-second", "return:wj-city", "transfer:wj-other"]
    today = matters.application_day(home).isoformat()
    asked = {"receiver": "out:wj-second", "first": matters.at(201), "last": matters.at(220), "occurred_on": today}
    made = keeper.post(f"{AT}/stock/send", asked)
    assert made.status_code == 303 and "/vital/movements/" in made.headers["location"]
    assert "QM-VITAL-007" in problem(keeper.post(f"{AT}/stock/send", asked), "first")
    assert "QM-VITAL-006" in problem(keeper.post(f"{AT}/stock/send", {**asked, "first": matters.at(50)}), "first")
    wrong = keeper.post(f"{AT}/stock/send", {**asked, "receiver": "out:wj-province", "first": matters.at(300)})
    assert "请从列表中选择" in problem(wrong, "receiver")
    number = made.headers["location"].rpartition("/")[2]
    second = desk.sign_out().sign_in("wj-second-keeper")
    told = twin(second, f"/movements/{number}")
    assert (told["state"], told["quantity"], told["may"]) == ("sent", 20, ["receive", "refuse"])
    scanned = {"first": matters.at(201), "last": matters.at(219)}
    assert "QM-VITAL-002" in problem(second.post(f"{AT}/movements/{number}/receive", scanned), "first")
    scanned["last"] = matters.at(220)
    assert second.post(f"{AT}/movements/{number}/receive", scanned).status_code == 303
    assert stock(second)["free"] == 20
    again = second.post(f"{AT}/movements/{number}/receive")
    assert again.status_code == 409 and "QM-VITAL-024" in again.text


def test_what_is_refused_stays_with_its_sender(desk: Browser, found: dict[str, Any]) -> None:
    keeper, path = desk.sign_in("wj-keeper"), f"/movements/{found['movement']}"
    assert "请填写" in problem(keeper.post(f"{AT}{path}/refuse", {"reason": ""}), "reason")
    assert keeper.post(f"{AT}{path}/refuse", {"reason": "少一箱"}).status_code == 303
    told = twin(keeper, path)
    assert (told["state"], told["reason"], told["may"]) == ("refused", "少一箱", [])
    county = desk.sign_out().sign_in("wj-county-keeper")
    assert stock(county) | {"moving": 0, "free": 500} == stock(county)


def test_sheets_become_void_and_two_people_destroy_them(desk: Browser) -> None:
    keeper = desk.sign_in("wj-keeper")
    asked = {"first": matters.at(60), "last": matters.at(61), "reason": "damaged"}
    assert keeper.post(f"{AT}/stock/report/void", asked).status_code == 303
    assert "QM-VITAL-008" in problem(keeper.post(f"{AT}/stock/report/void", asked), "first")
    half = {**asked, "first": matters.at(62), "last": "", "found_at": "08:00"}
    assert "同时填写" in problem(keeper.post(f"{AT}/stock/report/void", half), "found_on")
    odd = {**half, "found_on": "2026-01-01", "found_at": "8 h"}
    assert "时间如" in problem(keeper.post(f"{AT}/stock/report/void", odd), "found_at")
    future = {**half, "found_on": "2999-01-01"}
    assert "QM-VITAL-015" in problem(keeper.post(f"{AT}/stock/report/void", future), "found_on")
    assert {"first": matters.at(60), "last": matters.at(61), "count": 2}.items() <= twin(keeper, "/stock/report")[
        "void"
    ][1].items()
    one = desk.sign_out().sign_in("wj-supervisor")
    assert "QM-VITAL-024" in problem(
        one.post(f"{AT}/destructions/propose", {"first": matters.at(60), "last": matters.at(62)}), "first"
    )
    path = one.post(f"{AT}/destructions/propose", {"first": matters.at(60), "last": matters.at(61)}).headers["location"]
    assert one.get(f"{path}.json").json()["may"] == []
    assert "QM-VITAL-017" in one.post(f"{path}/confirm").text
    other = desk.sign_out().sign_in("wj-deputy")
    assert other.get(f"{path}.json").json()["may"] == ["confirm"]
    assert other.post(f"{path}/confirm").status_code == 303
    assert other.get(f"{path}.json").json()["state"] == "done"
    assert other.post(f"{path}/confirm").status_code == 409
    assert twin(other, f"/stock?holder={matters.HOSPITAL}")["own"][0]["destroyed"] == 2


def test_a_loss_is_told_step_by_step_and_what_is_found_is_void(desk: Browser, found: dict[str, Any]) -> None:
    keeper, path = desk.sign_in("wj-keeper"), f"/losses/{found['loss']}"
    assert twin(keeper, path)["may"] == ["police", "find"]
    early = keeper.post(f"{AT}{path}/notice", {"newspaper": "齐鲁晚报"})
    assert early.status_code == 409 and "QM-VITAL-029" in early.text
    assert "请填写" in problem(keeper.post(f"{AT}{path}/police", {"receipt": ""}), "receipt")
    steps = (("police", "receipt", "told_police"), ("notice", "newspaper", "announced"), ("write", "letter", "settled"))
    for step, field, state in steps:
        assert keeper.post(f"{AT}{path}/{step}", {field: "2026-7"}).status_code == 303
        assert twin(keeper, path)["state"] == state
    told = twin(keeper, path)
    assert [one["said"] for one in told["steps"]][1:] == ["2026-7"] * 3 and all(one["done"] for one in told["owed"])
    assert keeper.post(f"{AT}{path}/find").status_code == 303
    assert twin(keeper, path)["may"] == [] and stock(keeper)["lost"] == 0 and stock(keeper)["void"] == 5
    gone = keeper.post(f"{AT}/stock/report/lose", {"first": matters.at(70), "last": ""})
    assert "/vital/losses/" in gone.headers["location"] and stock(keeper)["lost"] == 1
    assert "QM-VITAL-008" in problem(keeper.post(f"{AT}/stock/report/lose", {"first": matters.at(70)}), "first")


def test_an_authority_adds_moves_stops_merges_and_closes_below_it(desk: Browser) -> None:
    one = desk.sign_in("wj-supervisor")
    new = {"code": "wj-third", "title": "第三医院", "level": "institution", "region": "370102"}
    assert one.post(f"{AT}/holders/{matters.COUNTY}/add", new).headers["location"] == f"{AT}/holders/wj-third"
    assert "QM-VITAL-010" in problem(one.post(f"{AT}/holders/{matters.COUNTY}/add", new), "code")
    far = {**new, "code": "wj-far", "region": "110101"}
    assert "QM-VITAL-011" in problem(one.post(f"{AT}/holders/{matters.COUNTY}/add", far), "region")
    assert twin(one, "/holders/wj-third")["births"]
    assert "QM-VITAL-011" in problem(one.post(f"{AT}/holders/wj-third/move", {"region": "110101"}), "region")
    nowhere = {"region": "370102", "parent": "no-such"}
    assert "QM-VITAL-009" in problem(one.post(f"{AT}/holders/wj-third/move", nowhere), "parent")
    assert one.post(f"{AT}/holders/wj-third/move", {"region": "370102"}).status_code == 303
    left = one.post(f"{AT}/holders/{matters.HOSPITAL}/close")
    assert left.status_code == 409 and "QM-VITAL-013" in left.text
    assert "QM-VITAL-014" in problem(one.post(f"{AT}/holders/wj-second/merge", {"into": matters.COUNTY}), "into")
    assert one.post(f"{AT}/holders/wj-second/stop", {"reason": "停办助产"}).status_code == 303
    assert twin(one, "/holders/wj-second")["may"] == ["merge", "close"]
    assert one.post(f"{AT}/holders/wj-second/close").status_code == 303
    told = twin(one, "/holders")
    assert [(each["code"], each["depth"], each["state"]) for each in told["rows"]] == [
        (matters.COUNTY, 0, "open"),
        (matters.HOSPITAL, 1, "open"),
        ("wj-second", 1, "closed"),
        ("wj-third", 1, "open"),
    ]
    assert [each["code"] for each in twin(one, "/holders?state=closed")["rows"]] == ["wj-second"]
    assert "QM-VITAL-012" in problem(one.post(f"{AT}/holders/{matters.HOSPITAL}/merge", {"into": "wj-second"}), "into")


def test_a_merged_holder_hands_over_what_it_has(desk: Browser, found: dict[str, Any]) -> None:
    keeper = desk.sign_in("wj-keeper")
    assert keeper.post(f"{AT}/movements/{found['movement']}/receive").status_code == 303
    one = desk.sign_out().sign_in("wj-supervisor")
    assert one.post(f"{AT}/holders/{matters.HOSPITAL}/merge", {"into": matters.SECOND}).status_code == 303
    assert stock(one, matters.HOSPITAL)["free"] == 0 and stock(one, matters.SECOND)["free"] == 139
    assert twin(one, "/check")["breaches"] == []
