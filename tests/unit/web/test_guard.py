"""What stands before every request, and the headers of every answer."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from starlette.testclient import TestClient

from quanmin.web.guard import BODY

from .conftest import Browser

PAGES = (
    "/zh/",
    "/en/sign-in",
    "/console/zh/",
    "/nothing/here",
    "/static/none.css",
    "/health/live",
    "/console/zh/index.json",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_is_sealed(province: Browser, path: str) -> None:
    headers = province.get(path).headers
    policy = headers["content-security-policy"]
    assert (
        policy.startswith("default-src 'none'")
        and "unsafe" not in policy
        and "*" not in policy
        and "http" not in policy
    )
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin" and "server" not in headers


def test_a_page_of_somebody_is_kept_by_nobody(province: Browser) -> None:
    province.sign_in("demo-operator")
    assert province.get("/console/zh/").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": "http://localhost:8000"},
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:8001"},
        {"origin": "null"},
        {"cookie": "quanmin_console=x"},
    ],
)
def test_a_form_from_elsewhere_is_refused(province: Browser, headers: dict[str, str]) -> None:
    answer = province.client.post("/console/zh/sign-out", headers=headers)
    assert answer.status_code == 403 and "QM-WEB-004" in answer.text


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://localhost:8000"}, {}])
def test_a_form_of_ours_passes(province: Browser, headers: dict[str, str]) -> None:
    assert province.client.post("/console/zh/sign-out", headers=headers).status_code == 303


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "localhost\x00", "[::2]", "127.0.0.1.nip.io:8000"]
)
def test_another_host_is_refused(province: Browser, host: str) -> None:
    assert _raw(province, {"host": host})["status"] == 400


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:1234", "[::1]:8000", "localhost"])
def test_our_hosts_are_answered(province: Browser, host: str) -> None:
    assert _raw(province, {"host": host})["status"] == 200


def test_a_form_larger_than_any_is_refused_before_it_is_read(province: Browser) -> None:
    answer = province.post("/zh/sign-in", {"account": "x" * (BODY + 1)})
    assert answer.status_code == 413 and "QM-WEB-008" in answer.text


def test_a_form_that_does_not_say_how_large_it_is_ends_at_the_limit(province: Browser) -> None:
    pieces = (b"a=" + b"x" * (1 << 16) for _ in range(BODY // (1 << 16) + 2))
    headers = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
    answer = province.client.post("/zh/sign-in", content=pieces, headers=headers)
    assert answer.status_code == 413 and "QM-WEB-008" in answer.text


@pytest.mark.parametrize("path", ["/zh/about", "/console/zh/sign-in", "/health/live"])
def test_whether_a_page_is_there_can_be_asked_without_it(province: Browser, path: str) -> None:
    whole, head = province.get(path), province.client.head(path)
    assert (
        head.status_code == 200
        and head.content == b""
        and head.headers["content-type"] == whole.headers["content-type"]
    )


@pytest.mark.parametrize(
    "document", ["null", "1", '{"a": 1}', "[1]", '["a", "b", "c"]', "[null, {}]", '["<script>", "<script>"]']
)
def test_a_made_up_notice_is_passed_over_or_shown_as_text(province: Browser, document: str) -> None:
    packed = base64.urlsafe_b64encode(document.encode()).decode()
    answer = province.get("/zh/sign-in", headers={"cookie": f"quanmin_notice={packed}"})
    assert answer.status_code == 200 and "<script>" not in answer.text


def test_figures_of_the_server_are_for_its_own_machine(province: Browser) -> None:
    assert "quanmin_requests_total" in province.get("/metrics").text
    assert (
        TestClient(province.client.app, "http://localhost:8000", client=("10.0.0.1", 1)).get("/metrics").status_code
        == 404
    )


def _raw(browser: Browser, headers: dict[str, str]) -> dict[str, Any]:
    """The beginning of the answer to a bare request, whose headers no client puts right."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/health/live",
        "raw_path": b"/health/live",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("localhost", 8000),
        "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    app: Any = browser.client.app
    asyncio.run(app(scope, receive, send))
    return said[0]
