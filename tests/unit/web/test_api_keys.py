"""The page of API keys, and what a key opens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quanmin.lake import Lake
from quanmin.opendata import Portal
from quanmin.settings import Settings
from quanmin.trust import identity
from quanmin.trust.identity import account as accounts

from ..opendata.publishing import publish
from .conftest import Browser

Browse = Callable[..., Browser]
ROWS = "/data/v1/datasets/beds/rows"


@pytest.fixture
def lake(home: Path, browse: Browse) -> Iterator[Lake]:
    with Lake.open(Settings(home=home)) as opened:
        publish(Portal(opened.settings, opened.ledger), **{"quanmin:access": "registered"})
        yield opened


@pytest.fixture
def citizen(lake: Lake, home: Path, browse: Browse) -> Browser:
    return browse(home, api_minute_quota=5).sign_in("demo-citizen", "portal")


def made(citizen: Browser, name: str = "统计程序") -> str:
    answer = citizen.post("/en/api-keys/make", {"name": name})
    found = re.search(r"qm_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", answer.text)
    assert answer.status_code == 200 and found, answer.text
    return found[0]


def test_nobody_has_keys_without_signing_in(lake: Lake, home: Path, browse: Browse) -> None:
    assert browse(home).get("/zh/api-keys").headers["location"].startswith("/zh/sign-in")


def test_a_key_is_shown_once_and_opens_what_is_for_those_who_are_registered(
    citizen: Browser, home: Path, browse: Browse
) -> None:
    program = browse(home)
    refused = program.get(ROWS)
    assert (refused.status_code, refused.json()["code"]) == (401, "QM-ACCESS-002")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert citizen.get(ROWS).status_code == 200  # by the session
    key = made(citizen)
    page = citizen.get("/zh/api-keys")
    assert key not in page.text and key[:15] in page.text and "统计程序" in page.text
    for headers in ({"authorization": f"Bearer {key}"}, {"x-api-key": key}):
        answer = citizen.get(ROWS, headers=headers)  # the key goes before the session
        assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-cache"
    assert citizen.get("/zh/api-keys.json").json()["keys"][0]["today"] == 2


@pytest.mark.parametrize("key", ["", "x", "qm_", "qm_000000000000_" + "a" * 43, "Basic", "é", "a" * 9_000])
def test_what_is_no_key_is_refused(lake: Lake, home: Path, browse: Browse, key: str) -> None:
    answer = browse(home).get(ROWS, headers={"x-api-key": key.encode()})
    assert (answer.status_code, answer.json()["code"]) == (401, "QM-KEYS-101")
    answer = browse(home).get(ROWS, headers={"authorization": f"Basic {key}".encode()})
    assert (answer.status_code, answer.json()["code"]) == (401, "QM-KEYS-101")


def test_the_secret_half_is_looked_at(citizen: Browser, home: Path, browse: Browse) -> None:
    key = made(citizen)
    other = key[:-1] + ("A" if key[-1] != "A" else "B")
    assert browse(home).get(ROWS, headers={"x-api-key": other}).status_code == 401


def test_a_key_given_up_opens_nothing(citizen: Browser) -> None:
    key = made(citizen)
    number = citizen.get("/zh/api-keys.json").json()["keys"][0]["key"]
    assert citizen.post("/zh/api-keys/give-up", {"key": str(number)}).status_code == 303
    assert citizen.get("/zh/api-keys.json").json()["keys"] == []
    citizen.sign_out()
    assert citizen.get(ROWS, headers={"x-api-key": key}).status_code == 401


def test_a_key_of_somebody_else_cannot_be_given_up(citizen: Browser, home: Path, browse: Browse) -> None:
    key = made(citizen)
    number = citizen.get("/zh/api-keys.json").json()["keys"][0]["key"]
    other = browse(home).sign_in("demo-operator", "portal")
    answer = other.post("/zh/api-keys/give-up", {"key": str(number)})
    assert answer.status_code == 404 and "QM-KEYS-105" in answer.text
    assert citizen.get(ROWS, headers={"x-api-key": key}).status_code == 200


def test_a_key_of_an_account_that_is_not_active_opens_nothing(
    citizen: Browser, lake: Lake, home: Path, browse: Browse
) -> None:
    key = made(citizen)
    registry = identity.Registry.open(lake.ledger, lake.settings)
    with lake.ledger.writing() as connection:
        accounts.lapse(registry, connection, accounts.get(registry, "demo-citizen", connection))
    assert browse(home).get(ROWS, headers={"x-api-key": key}).status_code == 401


def test_the_quota_of_a_minute_is_told_with_when_to_come_again(citizen: Browser) -> None:
    key = made(citizen)
    citizen.sign_out()
    statuses = [citizen.get(ROWS, headers={"x-api-key": key}).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    last = citizen.get(ROWS, headers={"x-api-key": key})
    assert last.json()["code"] == "QM-KEYS-102" and 1 <= int(last.headers["retry-after"]) <= 12


@pytest.mark.parametrize("name", ["", " ", "a" * 61, "a\u202eb"])
def test_a_key_needs_a_name(citizen: Browser, name: str) -> None:
    assert citizen.post("/zh/api-keys/make", {"name": name}).status_code in (422, 200)
    assert citizen.get("/zh/api-keys.json").json()["keys"] == []


def test_an_account_has_no_more_keys_than_it_may(citizen: Browser) -> None:
    for number in range(10):
        made(citizen, f"p{number}")
    answer = citizen.post("/zh/api-keys/make", {"name": "p"})
    assert answer.status_code == 409 and "QM-KEYS-103" in answer.text
