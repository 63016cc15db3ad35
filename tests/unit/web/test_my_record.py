"""My record: one sees oneself or one's ward and nobody else, asks for corrections, agrees and takes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from quanmin.lake import Lake
from quanmin.population import correction
from quanmin.standards.identity import citizen_number
from quanmin.trust import Actor, audit, identity
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import mandate, roster

from .conftest import Browser

Browse = Callable[..., Browser]
CITIZEN = "demo-citizen"
PAGES = [
    "/my-record",
    "/my-record/looked",
    "/my-record/corrections",
    "/my-record/consent",
    "/my-record/correct/residence",
]
OPERATOR = Actor("demo-operator", frozenset({"operator"}), kind="staff", assurance=2, mfa=True)


@pytest.fixture
def lake(home: Path, browse: Browse) -> Iterator[Lake]:
    with Lake.open(browse(home).settings) as opened:
        yield opened


def people(lake: Lake) -> list[str]:
    """The numbers of everybody."""
    with lake.session("linkage") as session:
        table = session.relation("linked.person")
        keys = session.connection.execute(f"SELECT person_key FROM {table} ORDER BY 1").fetchall()
    return [str(citizen_number.decode(key)) for (key,) in keys]


def number_of(lake: Lake) -> str:
    """The number of the demonstration's citizen: an account knows it as a digest only."""
    registry = identity.Registry.open(lake.ledger, lake.settings)
    subject = accounts.get(registry, CITIZEN).data["subject"]
    return next(one for one in people(lake) if accounts.subject_of(registry, one) == subject)


@pytest.fixture
def number(lake: Lake) -> str:
    return number_of(lake)


@pytest.fixture
def citizen(home: Path, browse: Browse, number: str) -> Browser:
    """The citizen, who said the number."""
    browser = browse(home).sign_in(CITIZEN, "portal")
    answer = browser.post("/zh/my-record/number", {"number": number})
    assert (answer.status_code, answer.headers["location"]) == (303, "/zh/my-record")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and number not in cookie
    return browser


def test_nobody_is_led_to_sign_in_and_staff_are_turned_away(home: Path, browse: Browse) -> None:
    browser = browse(home)
    for page in PAGES:
        assert browser.get(f"/en{page}").headers["location"] == f"/en/sign-in?next=/en{page}"
        assert browser.get(f"/en{page}.json").status_code == 403
    browser.sign_in("demo-operator", "portal")
    assert {browser.get(f"/en{page}").status_code for page in PAGES} == {403}


def test_without_the_number_every_page_asks_for_it_and_only_the_own_one_is_taken(
    home: Path, browse: Browse, lake: Lake
) -> None:
    browser = browse(home).sign_in(CITIZEN, "portal")
    for page in ("/my-record", "/my-record/looked", "/my-record/consent", "/my-record/correct/sex"):
        assert 'name="number"' in browser.get(f"/zh{page}").text
        assert browser.get(f"/zh{page}.json").json()["known"] is False
    own = number_of(lake)
    for wrong in (next(one for one in people(lake) if one != own), "123", own[:-1], "x" * 39):
        answer = browser.post("/zh/my-record/number", {"number": wrong})
        assert answer.status_code == 403 and "QM-IDENTITY-030" in answer.text and "set-cookie" not in answer.headers
    assert browser.post("/zh/my-record/number", {"number": "1" * 500}).status_code == 422
    assert browser.post("/zh/my-record/number", {}).status_code == 422


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_held_is_shown_item_by_item_with_every_source(citizen: Browser, number: str, language: str) -> None:
    page, twin = citizen.get(f"/{language}/my-record"), citizen.get(f"/{language}/my-record.json")
    assert page.headers["cache-control"] == twin.headers["cache-control"] == "no-store"
    told = twin.json()
    assert told["person"] == number and len(told["items"]) == 13
    name = next(one for one in told["items"] if one["item"] == "name")
    assert name["value"] in page.text and name["statements"]
    assert all(one["agency"] and one["collected"] and one["mark"] for one in name["statements"])
    sex = next(one for one in told["items"] if one["item"] == "sex")
    assert sex["words"]["zh"] in ("男性", "女性") and sex["words"][language] in page.text
    assert {one["dataset"] for item in told["items"] for one in item["statements"]} <= {
        one["dataset"] for one in told["records"]
    }


def test_the_record_is_a_file_to_keep(citizen: Browser, number: str) -> None:
    answer = citizen.post("/en/my-record/download")
    assert "my-record.json" in answer.headers["content-disposition"]
    assert json.loads(answer.content)["person"] == number and answer.headers["cache-control"] == "no-store"


def test_every_look_is_in_the_audit_and_told(citizen: Browser, lake: Lake) -> None:
    before = citizen.get("/zh/my-record/looked.json").json()
    assert before["rows"] and all(not one["self"] for one in before["rows"])
    assert {"entry", "organisation", "roles", "at", "purpose", "name"} <= set(before["rows"][0])
    page = citizen.get("/zh/my-record/looked?own=yes")
    registry = identity.Registry.open(lake.ledger, lake.settings)
    known = [str(one.ref) for one in lake.ledger.find(accounts.KIND.kind)]
    body = page.text[page.text.index("<main") :]
    assert "demo-doctor" in known and not [one for one in known if one in body or one in json.dumps(before)]
    titles = {one.title for one in identity.organisation.tree(registry)}
    assert {row["organisation"] for row in before["rows"] if row["organisation"]} <= titles
    assert all(str(row["entry"]) in body and row["roles"] for row in before["rows"])
    citizen.get("/zh/my-record")
    after = citizen.get("/zh/my-record/looked.json?own=yes").json()
    assert after["own"] > before["own"] and any(one["self"] for one in after["rows"])
    noted = audit.search(lake.ledger, actor=CITIZEN, event="audit")
    assert len(noted) >= 2 and all(one.fields["action"] == "mine" for one in noted)
    assert citizen.get("/zh/my-record/looked?page=0").status_code == 422
    assert citizen.get("/zh/my-record/looked?page=99").status_code == 200


def test_a_correction_is_asked_for_once_and_its_answer_comes_back(citizen: Browser, lake: Lake) -> None:
    form = citizen.get("/en/my-record/correct/sex")
    assert form.text.count("<option") > 2
    assert citizen.post("/en/my-record/correct/sex/ask", {"dataset": "nothing", "words": ""}).status_code == 422
    dataset = next(one for one in citizen.get("/en/my-record.json").json()["items"] if one["item"] == "sex")["source"]
    sent = {"dataset": dataset, "words": "应为另一性别 <b>"}
    answer = citizen.post("/en/my-record/correct/sex/ask", sent)
    assert answer.headers["location"] == "/en/my-record/corrections"
    again = citizen.post("/en/my-record/correct/sex/ask", sent)
    assert again.status_code == 409 and "QM-POPULATION-031" in again.text and "应为另一性别 &lt;b&gt;" in again.text
    [told] = citizen.get("/en/my-record/corrections.json").json()["requests"]
    assert told["state"] == "asked" and told["due"] and "&lt;b&gt;" in citizen.get("/zh/my-record/corrections").text
    place = f"/en/my-record/corrections/{told['document']}/withdraw"
    correction.send(lake.ledger, OPERATOR, told["document"])
    correction.answer(lake.ledger, OPERATOR, told["document"], "corrected", "已更正")
    assert "已更正" in citizen.get("/zh/my-record/corrections").text
    assert citizen.post(place).status_code == 409, "answered already"
    citizen.post("/en/my-record/correct/sex/ask", sent)
    other = citizen.get("/en/my-record/corrections.json").json()["requests"][0]["document"]
    assert citizen.post(f"/en/my-record/corrections/{other}/withdraw").status_code == 303


@pytest.mark.parametrize("document", ["0", "1", "9999999", "x", str(2**40)])
def test_no_other_document_can_be_withdrawn(citizen: Browser, document: str) -> None:
    assert citizen.post(f"/en/my-record/corrections/{document}/withdraw").status_code in (404, 422)


def test_what_is_agreed_to_can_be_taken_back_and_is_remembered(citizen: Browser) -> None:
    for given, state in (("no", "withdrawn"), ("yes", "given"), ("no", "withdrawn")):
        assert citizen.post("/zh/my-record/consent", {"purpose": "research", "given": given}).status_code == 303
        told = citizen.get("/zh/my-record/consent.json").json()
        assert next(one for one in told["purposes"] if one["purpose"] == "research")["state"] == state
    steps = [one["action"] for one in told["history"] if one["purpose"] == "research"]
    assert steps == ["withdraw", "give", "withdraw"], "who began by objecting had never agreed"
    for wrong in ({"purpose": "statistics", "given": "yes"}, {"purpose": "research"}, {}):
        assert citizen.post("/zh/my-record/consent", wrong).status_code == 422


def test_the_sealed_number_is_of_one_session(citizen: Browser, number: str) -> None:
    word = citizen.client.cookies["quanmin_person"]
    citizen.sign_out().sign_in(CITIZEN, "portal")
    for kept in (word, word[:-4], "x", "!" * 500):
        citizen.client.cookies.set("quanmin_person", kept)
        page = citizen.get("/zh/my-record")
        assert page.status_code == 200 and 'name="number"' in page.text and number not in page.text


def test_it_can_be_forgotten(citizen: Browser, number: str) -> None:
    assert citizen.post("/zh/my-record/forget").status_code == 303
    assert 'name="number"' in citizen.get("/zh/my-record").text


def test_a_form_of_another_site_is_refused(citizen: Browser) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    for place in ("/consent", "/download", "/forget", "/number", "/act-for"):
        assert citizen.client.post(f"/zh/my-record{place}", headers=headers).status_code == 403


def staff(lake: Lake, name: str) -> Actor:
    """An administrator who is signed in."""
    registry = identity.Registry.open(lake.ledger, lake.settings)
    with lake.ledger.writing() as connection:
        place = roster.place_of(registry, connection, accounts.get(registry, name, connection), None)
        token = identity.session.begin(registry, connection, name, place, "password+totp", 2, True)
    return identity.authenticate(registry, token)


def test_a_guardian_sees_the_ward_and_only_while_acting(citizen: Browser, lake: Lake, number: str) -> None:
    registry, ward = (
        identity.Registry.open(lake.ledger, lake.settings),
        next(one for one in people(lake) if one != number),
    )
    until = (lake.ledger.now() + timedelta(days=30)).date()
    asked = identity.patient.guardian(registry, staff(lake, "demo-system"), CITIZEN, ward, "parent", until)
    mandate.confirm(registry, staff(lake, "demo-security"), asked.id)
    assert citizen.post("/zh/my-record/act-for", {"document": str(asked.id + 10**6)}).status_code == 403
    assert citizen.post("/zh/my-record/number", {"number": ward}).status_code == 403, "not acting yet"
    assert citizen.post("/zh/my-record/act-for", {"document": str(asked.id)}).status_code == 303
    assert 'name="number"' in citizen.get("/zh/my-record").text
    assert citizen.post("/zh/my-record/number", {"number": number}).status_code == 403, "acting for the ward now"
    assert citizen.post("/zh/my-record/number", {"number": ward}).status_code == 303
    assert citizen.get("/zh/my-record.json").json()["person"] == ward
    assert citizen.get("/zh/my-record/corrections.json").json()["requests"] == []
    assert citizen.post("/zh/my-record/act-for", {"document": ""}).status_code == 303
    citizen.post("/zh/my-record/number", {"number": number})
    assert citizen.get("/zh/my-record.json").json()["person"] == number
