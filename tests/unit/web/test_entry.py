"""Signing in and out as a browser does it, and what becomes of a form whose session ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from quanmin import demo_people
from quanmin.ledger import Ledger
from quanmin.ledger.credential import SessionRow
from quanmin.text import Text
from quanmin.trust.identity import totp
from quanmin.web import refusal
from quanmin.web.ask import Ask
from quanmin.web.entry import install, within
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.place import Place
from quanmin.web.view import Answer, Redirect, View

from .conftest import ORIGIN, Browser

Browse = Callable[..., Browser]
SIGN_IN = "/console/zh/sign-in"


def proofs(browser: Browser, account: str, shift: int = 0) -> dict[str, str]:
    """What somebody types, with the code of now or of another half-minute."""
    [one] = [one for one in demo_people.read(browser.settings.home) if one.account == account]
    with Ledger.open(browser.settings) as ledger:
        now = ledger.now()
    return {"account": account, "password": one.password, "code": one.code(totp.step_of(now) + shift)}


def test_a_password_and_a_code_open_a_session_that_scripts_cannot_read(home: Path, browse: Browse) -> None:
    browser = browse(home)
    answer = browser.post(SIGN_IN, {**proofs(browser, "demo-operator", 1), "next": "/console/zh/"})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/console/zh/"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("quanmin_console=") and "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert "demo-operator" in browser.get("/console/zh/").text
    assert browser.post("/console/zh/sign-out").status_code == 303
    assert browser.get("/console/zh/").headers["location"] == "/console/zh/sign-in?next=/console/zh/"


def test_the_session_that_was_there_ends_with_the_next_sign_in(home: Path, browse: Browse) -> None:
    browser = browse(home).sign_in("demo-operator")
    former = browser.client.cookies["quanmin_console"]
    assert browser.post(SIGN_IN, proofs(browser, "demo-operator", 1)).status_code == 303
    assert browser.client.cookies["quanmin_console"] != former
    browser.sign_out().present(former)
    assert browser.get("/console/zh/").status_code == 303


@pytest.mark.parametrize(
    "change", [{"password": "wrong-password-123"}, {"code": "000000"}, {"account": "nobody-at-all"}]
)
def test_whatever_is_wrong_the_answer_is_the_same_and_no_secret_is_shown_again(
    home: Path, browse: Browse, change: dict[str, str]
) -> None:
    browser = browse(home)
    typed = proofs(browser, "demo-operator", 1) | change
    answer = browser.post(SIGN_IN, typed)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers
    assert "QM-IDENTITY-" in answer.text and 'role="alert"' in answer.text
    assert typed["password"] not in answer.text and typed["code"] not in answer.text
    assert f'value="{typed["account"]}"' in answer.text


def test_missing_fields_are_named_beside_them(home: Path, browse: Browse) -> None:
    answer = browse(home).post(SIGN_IN, {"account": "demo-operator"})
    assert answer.status_code == 422
    assert (
        "请填写口令" in answer.text and 'aria-invalid="true"' in answer.text and 'href="#field-password"' in answer.text
    )


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "//evil.example",
        "/zh/my-record",
        "/console/zh/../../x",
        "javascript:alert(1)",
        "/console/xx/",
        "/console/zh/\\evil",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(home: Path, browse: Browse, place: str) -> None:
    browser = browse(home)
    answer = browser.post(SIGN_IN, {**proofs(browser, "demo-operator", 1), "next": place})
    assert answer.headers["location"] == "/console/zh/"


NOTES = [Field("words", Text("说明", "Words"), "words", limit=50), Field("count", Text("数量", "Count"), "number")]


@pytest.fixture
def desk(home: Path) -> Iterator[tuple[Browser, list[tuple[str, int]]]]:
    """A console of one form, and what was sent with it."""
    browser, sent = Browser(home), list[tuple[str, int]]()
    face = Face("console", Text("台", "desk"), Place(browser.settings), "/console", ())
    install(face)
    refusal.install(face)

    @face.page("/notes", "shell/base.html")
    def notes(ask: Ask) -> Answer:
        """All notes."""
        return View(Text("便条", "Notes"), {"snapshot": len(sent)})

    @face.form("/notes/add", NOTES, page=notes, template="shell/base.html")
    def add(ask: Ask, posted: Posted) -> Answer:
        """Add one."""
        sent.append((posted["words"], posted["count"]))
        return Redirect("/notes")

    from starlette.applications import Starlette
    from starlette.routing import Mount

    browser.client = TestClient(Starlette(routes=[Mount("/console", face.app)]), ORIGIN, follow_redirects=False)
    browser.client.headers["accept"] = "text/html"
    yield browser, sent
    face.place.close()


def test_what_was_typed_outlives_the_session(desk: tuple[Browser, list[tuple[str, int]]]) -> None:
    browser, sent = desk
    browser.sign_in("demo-operator")
    with Ledger.open(browser.settings) as ledger, ledger.writing() as connection:
        connection.execute(update(SessionRow).values(seen=ledger.now() - timedelta(hours=1)))
    words = '第一行\r\n"quoted" <b>'
    asked = browser.post("/console/zh/notes/add", {"words": words, "count": "7"})
    assert asked.status_code == 403 and not sent
    hidden = {
        unescape(name): unescape(value)
        for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', asked.text)
    }
    assert hidden == {"next": "/console/zh/notes/add", "kept.words": words, "kept.count": "7"}
    wrong = browser.post(SIGN_IN, {**hidden, "account": "demo-operator", "password": "not-this-one-12", "code": "1"})
    assert wrong.status_code == 403 and "kept.words" in wrong.text
    again = browser.post(SIGN_IN, {**hidden, **proofs(browser, "demo-operator", 1)})
    assert again.status_code == 200 and 'action="/console/zh/notes/add"' in again.text
    kept = {
        unescape(name): unescape(value)
        for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', again.text)
    }
    assert kept == {"words": words, "count": "7"}
    assert browser.post("/console/zh/notes/add", kept).headers["location"] == "/console/zh/notes"
    assert sent == [(words, 7)]


@pytest.mark.parametrize("count", ["many", "-1", "1.5", "9" * 400, "٣", ""])
def test_a_form_with_a_field_of_another_kind_is_shown_again_with_what_was_typed(
    desk: tuple[Browser, list[tuple[str, int]]], count: str
) -> None:
    browser, sent = desk
    answer = browser.sign_in("demo-operator").post("/console/en/notes/add", {"words": "kept words", "count": count})
    assert answer.status_code == 422 and not sent
    assert "Please look at these" in answer.text or "请检查" in answer.text


def test_a_place_is_of_the_face_or_it_is_none(made: Path) -> None:
    face = Face("console", Text("台", "desk"), Place(Browser(made).settings), "/console", ())
    assert within(face, "/console/en/receipts/3?page=2") == "/console/en/receipts/3?page=2"
    assert within(face, "/console/en") == "/console/en" and within(face, None) is None and within(face, "") is None


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/console/zh/sign-out", "/console/zh/"),
        ("/en/look", "/en/"),
        ("/console/en/collect/send", "/console/en/collect"),
    ],
)
def test_the_address_of_a_form_leads_to_its_page(province: Browser, form: str, page: str) -> None:
    answer = province.get(form)
    assert answer.status_code == 303 and answer.headers["location"] == page
    assert province.get(form, headers={"accept": "application/json"}).status_code == 405
