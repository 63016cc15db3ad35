"""Public pages are made once a snapshot; pages of somebody never."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from quanmin.web.portal import home as portal_home
from quanmin.web.view import View

from .conftest import Browser

Browse = Callable[..., Browser]


def test_a_public_page_is_answered_from_memory_until_the_lake_changes(
    home: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr(portal_home, "View", lambda *given, **more: made.append(1) or View(*given, **more))
    browser = browse(home)
    first, second = browser.get("/zh/"), browser.get("/zh/")
    assert first.text == second.text and len(made) == 1 and "x-quanmin-public" not in first.headers
    assert browser.get("/en/").text != first.text and len(made) == 2
    assert browser.get("/zh/", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    browser.get("/zh/?other=1")
    assert len(made) == 3
    browser.post("/zh/look", {"look": "elder"})
    assert 'data-mode="elder"' in browser.get("/zh/").text


def test_a_page_from_memory_may_be_packed(province: Browser) -> None:
    plain = province.get("/zh/", headers={"accept-encoding": "identity"})
    packed = province.get("/zh/", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers and packed.headers["content-encoding"] == "gzip"
    assert plain.content == packed.content and int(packed.headers["content-length"]) == len(
        gzip.compress(plain.content, 6, mtime=0)
    )


def test_whoever_is_signed_in_gets_a_page_of_his_own_and_leaves_nothing(province: Browser) -> None:
    own = province.sign_in("demo-citizen", "portal").get("/zh/")
    assert "demo-citizen" in own.text and own.headers["cache-control"] == "no-store" and "etag" not in own.headers
    assert "demo-citizen" not in province.sign_out().get("/zh/").text


def test_a_made_up_cookie_opens_nothing(province: Browser) -> None:
    province.present("made-up", "portal")
    assert province.get("/zh/").headers["cache-control"] == "no-store"
