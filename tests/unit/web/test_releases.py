"""Releases through the pages: an officer runs, another person checks; who may do what, and what is said where it goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import httpx2 as httpx
import pytest

from quanmin import demo_people
from quanmin.jobs import Worker
from quanmin.web.console.releases.recipe import example
from quanmin.web.console.releases.toml import marked
from quanmin.web.place import Place

from .conftest import Browser

OFFICER, CHECKER = demo_people.RELEASE_OFFICER, demo_people.RELEASE_CHECKER
RELEASES = "/console/en/releases"
NAME = "people-again"
Browse = Callable[..., Browser]


@pytest.fixture
def at(home: Path, browse: Browse) -> Browser:
    """A browser of a home that may be changed."""
    return browse(home)


def work(browser: Browser) -> None:
    """Do the jobs that wait, as the server's worker would."""
    place = Place(browser.settings)
    worker = Worker(place)
    while worker.once():
        pass
    place.close()


def mine(browser: Browser) -> str:
    """A recipe that passes: one that the demonstration published, under another name."""
    place = Place(browser.settings)
    known = next(one for one in place.releases.listing(("published",)) if one.kind == "table")
    place.close()
    return known.recipe.replace(f'id = "{known.name}"', f'id = "{NAME}"').strip() + "\n"


def ran(browser: Browser, recipe: str | None = None) -> int:
    """The number of the release that a run of a recipe made."""
    recipe = recipe or mine(browser)
    sent = browser.sign_in(OFFICER).post(f"{RELEASES}/new/run", {"recipe": recipe})
    assert sent.status_code == 303, re.sub(r"<[^>]+>", " ", sent.text)[-1500:]
    job = sent.headers["location"]
    assert browser.post(f"{RELEASES}/new/run", {"recipe": recipe}).headers["location"] == job  # a second click
    work(browser)
    told = browser.get(f"{job}.json").json()
    assert told["state"] == "done", told["error"]
    return int(told["release"])


def done(answer: httpx.Response) -> None:
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)[-1500:]


def test_an_officer_runs_a_checker_approves_and_withdraws(at: Browser) -> None:
    number = ran(at)
    page = f"{RELEASES}/{number}"
    told = at.get(f"{page}.json").json()
    assert told["state"] == "proposed" and told["preview"]["whole"] == told["rows"] > 0 and told["measured"] is None
    assert "/approve" not in at.get(page).text and at.post(f"{page}/approve").status_code == 403
    at.sign_in(CHECKER)
    assert at.get(f"{RELEASES}.json").json()["waiting"][0]["number"] == number
    assert at.get("/console/en/index.json").json()["releases"]["waiting"] == 1
    for language, words in (("zh", "批准并发布"), ("en", "Approve and publish")):
        assert words in at.get(page.replace("/en/", f"/{language}/")).text
    assert at.get(f"{page}.json").json()["measured"]
    done(at.post(f"{page}/approve", {"standing": "yes"}))
    out = at.get(f"{page}.json").json()
    assert (out["state"], out["version"], out["checker"], out["standing"]) == ("published", 1, CHECKER, True)
    for one in out["files"]:
        assert len(at.get(f"{page}/files/{one['format']}").content) == one["size"]
    assert at.get(f"{page}/files/evidence").json()["statement"]["release"] == number
    assert at.get(f"{page}/files/exe").status_code == 404
    done(at.post(f"{page}/verify"))
    work(at)
    verified = at.get(f"{page}.json").json()["verified"]
    assert verified["sound"] and {one["name"] for one in verified["checks"]} >= {"signature", "files", "replay"}
    assert at.post(f"{page}/withdraw", {"reason": " "}).status_code == 422
    done(at.post(f"{page}/withdraw", {"reason": "a mistake in the source"}))
    place = Place(at.settings)
    record = place.portal.catalogue.get(NAME)
    place.close()
    assert record.state == "withdrawn" and "a mistake in the source" in at.get(page).text
    assert at.post(f"{page}/withdraw", {"reason": "again"}).status_code == 409


def test_a_release_is_sent_back_and_its_recipe_is_corrected(at: Browser) -> None:
    first = ran(at)
    at.sign_in(CHECKER)
    assert at.post(f"{RELEASES}/{first}/refuse").status_code == 422
    done(at.post(f"{RELEASES}/{first}/refuse", {"reason": "the title is vague"}))
    assert at.get(f"{RELEASES}/new").status_code == 403  # the officer's work
    at.sign_in(OFFICER)
    assert "the title is vague" in at.get(f"{RELEASES}/{first}").text
    assert NAME in at.get(f"{RELEASES}/new?release={first}").text
    assert at.get(f"{RELEASES}/new?release=999999").status_code == 404
    shown = at.get(f"{RELEASES}.json?state=refused").json()
    assert shown["releases"][0]["number"] == first and shown["waiting"] == []
    assert {one["state"] for one in shown["releases"]} == {"refused"} and len(shown["releases"]) == shown["total"]


def test_the_officer_who_is_a_checker_too_does_not_check_his_own_run(at: Browser) -> None:
    post = {"account": OFFICER, "role": "release_checker", "organisation": demo_people.ROOT}
    trust = "/console/en/trust"
    until = (date.today() + timedelta(days=20)).isoformat()
    done(at.sign_in(demo_people.SYSTEM).post(f"{trust}/posts/propose", {**post, "until": until}))
    [one] = at.sign_in(demo_people.SECURITY).get(f"{trust}/approvals.json").json()["waiting"]
    done(at.post(f"{trust}/approvals/mandate/{one['document']}/approve"))
    page = f"{RELEASES}/{ran(at)}"
    assert "You ran it yourself" in at.get(page).text and f"{page}/approve" not in at.get(page).text
    for step, fields in (("approve", {}), ("refuse", {"reason": "no"})):
        answer = at.post(f"{page}/{step}", fields)
        assert answer.status_code == 403 and "QM-RELEASE-006" in answer.text
    assert at.get(f"{page}.json").json()["state"] == "proposed" and at.get(f"{RELEASES}.json").json()["waiting"] == []


def test_a_new_version_is_told_by_its_differences(at: Browser) -> None:
    first = ran(at)
    done(at.sign_in(CHECKER).post(f"{RELEASES}/{first}/approve"))
    second = ran(at, f"{mine(at)}# said anew\n")
    told = at.get(f"{RELEASES}/{second}.json").json()
    differs = told["difference"]
    assert differs["before"] == first and differs["rows"][0] == differs["rows"][1]
    assert (differs["added"], differs["gone"], differs["changed"]) == (0, 0, 0)
    assert any("said anew" in one for one in told["recipe_changes"])


def test_a_recipe_is_checked_without_being_run_and_errors_say_where(at: Browser) -> None:
    at.sign_in(OFFICER)
    for language in ("zh", "en"):
        new = at.get(f"/console/{language}/releases/new")
        assert new.status_code == 200 and "people-by-city" in new.text
    good = at.post(f"{RELEASES}/new/check", {"recipe": example().replace("\n", "\r\n")})
    assert good.status_code == 200 and "The recipe can be read" in good.text and "birth_place" in good.text
    wrong = {
        "": "is needed",
        "id = ": "QM-",
        example().replace('element = "sex"', 'element = "name"'): "/dimension/2/element",
        example().replace('rules = "health"', 'rules = "none"'): "/rules",
        example() + "\nmore = 1\n": "more",
        "x" * 100_001: "characters at most",
    }
    for recipe, words in wrong.items():
        for form in ("check", "run"):
            answer = at.post(f"{RELEASES}/new/{form}", {"recipe": recipe})
            assert answer.status_code == 422, (recipe[:40], answer.status_code)
            assert words in answer.text or (words == "QM-" and "not TOML" in answer.text), recipe[:40]
    assert at.get(f"{RELEASES}.json").json()["total"] == len(at.get(f"{RELEASES}.json").json()["releases"])


def test_a_recipe_comes_from_a_file(at: Browser) -> None:
    at.sign_in(OFFICER)

    def sent(content: bytes) -> httpx.Response:
        answer: httpx.Response = at.client.post(
            f"{RELEASES}/new/load",
            files={"file": ("r.toml", content, "application/toml")},
            headers={"sec-fetch-site": "same-origin"},
        )
        return answer

    good = sent(b"\xef\xbb\xbf" + example().encode())
    assert good.status_code == 200 and "The recipe can be read" in good.text
    assert sent("id = '人'".encode("gb18030")).status_code == 422
    assert sent(b"").status_code == 422 and sent(b"\x00").status_code == 422
    assert sent(b"x" * (1 << 21)).status_code == 413


@pytest.mark.parametrize("who", ["demo-operator", "demo-security", "demo-doctor"])
def test_who_has_no_part_in_it_does_not_see_it(province: Browser, who: str) -> None:
    province.sign_in(who)
    assert "/releases" not in province.get("/console/en/").text
    for path in ("", "/new", "/1", "/jobs/1"):
        assert province.get(f"{RELEASES}{path}").status_code == 403
    assert province.post(f"{RELEASES}/1/approve").status_code == 403
    assert province.get("/console/en/index.json").json()["releases"] is None


def test_what_is_marked_stays_escaped() -> None:
    found = str(marked('title = "<script>alert(1)</script>" # <b>\n'))
    assert "<script" not in found and "<b>" not in found and "toml-" in found
