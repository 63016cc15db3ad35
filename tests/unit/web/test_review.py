"""Clerical review in the console: a queue worked through by forms alone, by those whose work it is, each item once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quanmin import trust
from quanmin.jobs import Worker
from quanmin.lake import Lake
from quanmin.population.review import item
from quanmin.web.place import Place

from .conftest import Browser

REVIEW = "/console/en/review"


@pytest.fixture
def queued(home: Path, browse: Callable[..., Browser]) -> tuple[Browser, list[int]]:
    """A browser of a home in which two pairs of people wait, whatever the demonstration itself left over."""
    browser = browse(home)
    with Lake.open(browser.settings) as lake:
        decision = trust.decide(
            lake.ledger, trust.local_administrator(), "supervision", "linked.person", ("person_key",), case="T"
        )
        keys = sorted(lake.read(decision).fetch().column(0).to_pylist())[:4]
        made = [
            lake.ledger.create(
                item.KINDS["double"].kind, f"t{at}", {"people": pair, "records": [1, 2], "near": False}
            ).id
            for at, pair in enumerate((keys[:2], keys[2:]))
        ]
    return browser, made


def seen(browser: Browser, review: int) -> str:
    return re.findall(r'name="seen" value="(\d+)"', browser.get(f"{REVIEW}/{review}").text)[0]


def decide(browser: Browser, review: int, answer: str, **more: Any) -> Any:
    fields = {"answer": answer, "reason": "looked at both", "seen": more.pop("seen", None) or seen(browser, review)}
    return browser.post(f"{REVIEW}/{review}/decide", {**fields, **more})


def test_the_queue_is_told_without_anybodys_data(queued: tuple[Browser, list[int]]) -> None:
    browser, made = queued
    browser.sign_in("demo-reviewer")
    for language in ("en", "zh"):
        page = browser.get(f"/console/{language}/review")
        assert page.status_code == 200 and f"/review/{made[0]}" in page.text
    twin = browser.get(f"{REVIEW}.json?about=double").json()
    assert [one["review"] for one in twin["items"]][-2:] == made
    assert twin["counts"]["double"]["open"] >= 2
    assert browser.get(f"{REVIEW}?about=link&state=closed").status_code == 200
    for bad in ("?about=x", "?state=x", "?page=0", "?page=99999999999"):
        assert browser.get(REVIEW + bad).status_code == 422
    assert [browser.get(f"{REVIEW}/{number}").status_code for number in (99999, "abc", 2**40)] == [404, 404, 404]


def test_differences_are_marked_and_a_case_number_is_given_once(queued: tuple[Browser, list[int]]) -> None:
    browser, [first, _] = queued
    browser.sign_in("demo-reviewer")
    masked = browser.get(f"{REVIEW}/{first}")
    assert '<mark class="differs">' in masked.text and "***" in masked.text
    assert browser.post(f"{REVIEW}/case", {"case": "C-9"}).status_code == 303
    clear = browser.get(f"{REVIEW}/{first}")
    assert "C-9" in clear.text and "***" not in clear.text
    kept = browser.client.cookies.get("quanmin_case")
    assert kept and "C-9" not in kept
    browser.sign_in("demo-reviewer-2")
    assert "***" in browser.get(f"{REVIEW}/{first}").text, "another session does not open it"


def test_a_pair_is_decided_seconded_settled_and_undone(queued: tuple[Browser, list[int]]) -> None:
    browser, [first, second] = queued
    browser.sign_in("demo-reviewer")
    after = decide(browser, first, "unsure")
    assert after.status_code == 303
    assert "somebody else" in browser.get(f"{REVIEW}/{first}").text
    browser.sign_in("demo-reviewer-2")
    blind = browser.get(f"{REVIEW}/{first}").text
    assert "second opinion" in blind and "looked at both" not in blind
    assert decide(browser, first, "same", keep="left").status_code == 303
    browser.sign_in("demo-arbiter")
    assert "looked at both" in browser.get(f"{REVIEW}/{first}").text
    assert decide(browser, first, "same", keep="right").status_code == 303
    assert browser.get(f"{REVIEW}/{first}.json").json()["state"] == "closed"
    undone = browser.post(f"{REVIEW}/{first}/undo", {"reason": "a copy", "seen": seen(browser, first)})
    assert undone.status_code == 303
    assert browser.get(f"{REVIEW}/{first}.json").json()["state"] == "open"
    assert "Cohen" in browser.get(f"{REVIEW}/statistics").text
    assert second


def test_two_tabs_on_one_item_are_a_conflict_on_the_page(queued: tuple[Browser, list[int]]) -> None:
    browser, [first, _] = queued
    browser.sign_in("demo-reviewer")
    both = seen(browser, first)
    assert decide(browser, first, "unsure", seen=both).status_code == 303
    browser.sign_in("demo-reviewer-2")
    late = decide(browser, first, "different", seen=both)
    assert late.status_code == 409 and "QM-REVIEW-007" in late.text
    assert 'id="form-decide"' in late.text, "the item is shown as it is now"


def test_what_is_missing_is_told_and_what_was_typed_stays(queued: tuple[Browser, list[int]]) -> None:
    browser, [first, _] = queued
    browser.sign_in("demo-reviewer")
    page = browser.post(f"{REVIEW}/{first}/decide", {"answer": "same", "reason": "", "seen": "1"})
    assert page.status_code == 422 and 'value="same" data-key="1" checked' in page.text
    for wrong in ({"answer": "maybe"}, {"seen": "x"}, {"keep": "both"}, {"reason": "r" * 400}):
        fields = {"answer": "same", "reason": "r", "seen": "1", **wrong}
        assert browser.post(f"{REVIEW}/{first}/decide", fields).status_code in (409, 422)
    assert browser.get(f"{REVIEW}/{first}.json").json()["state"] == "open"


def test_the_operator_gathers_on_the_page_of_the_queue(home: Path, browse: Callable[..., Browser]) -> None:
    browser = browse(home)
    for who in ("demo-reviewer", "demo-arbiter"):
        assert "/review/gather" not in browser.sign_in(who).get("/console/en/review").text
        assert browser.post("/console/en/review/gather").status_code == 403
    assert 'action="/console/en/review/gather"' in browser.sign_in("demo-operator").get("/console/en/review").text
    ordered = browser.post("/console/en/review/gather")
    assert ordered.status_code == 303 and "/operations/jobs/" in ordered.headers["location"]
    assert browser.post("/console/en/review/gather").headers["location"] == ordered.headers["location"]  # not a second
    assert "being gathered" in browser.get("/console/en/review").text
    place = Place(browser.settings)
    assert Worker(place).once()
    place.close()
    told = browser.get(f"{ordered.headers['location']}.json").json()
    assert (told["kind"], told["state"]) == ("gather", "done")
    assert "汇集待审核事项" in browser.get("/console/zh/review").text


def test_it_is_the_reviewers_work(queued: tuple[Browser, list[int]]) -> None:
    browser, [first, _] = queued
    browser.sign_in("demo-operator")
    assert browser.get(REVIEW).status_code == 200
    assert browser.get(f"{REVIEW}/{first}").status_code == 403
    browser.sign_in("demo-reviewer")
    assert browser.post(f"{REVIEW}/{first}/undo", {"reason": "x", "seen": "1"}).status_code == 403
    browser.sign_in("demo-clerk")
    assert browser.get(REVIEW).status_code == 403
    assert f'href="{REVIEW}"' not in browser.get("/console/en/").text
