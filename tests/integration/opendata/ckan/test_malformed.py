"""Calls malformed in every way a client can: a clear answer of a known kind, within bounded time, and the server goes on."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests

from .conftest import House

JSON = {"content-type": "application/json"}
LONG = 10_000_000


def _call(house: House, name: str, data: Any, token: str | None = None, **more: Any) -> requests.Response:
    headers = {**JSON, **({"Authorization": token} if token else {}), **more.pop("headers", {})}
    body = data if isinstance(data, bytes | str) else json.dumps(data)
    begun = time.monotonic()
    found = requests.post(
        f"{house.origin}/api/3/action/{name}", data=body, headers=headers, allow_redirects=False, timeout=30, **more
    )
    assert time.monotonic() - begun < 10
    return found


def _told(answer: requests.Response) -> dict[str, Any]:
    """The error of an envelope."""
    said = answer.json()
    assert set(said) == {"help", "success", "error"} and said["success"] is False, said
    assert "/api/3/action/help_show?name=" in said["help"]
    error: dict[str, Any] = said["error"]
    return error


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1]",
        b'"x"',
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"q":' + b"[" * 100_000,
        b'{"q": NaN}x',
    ],
    ids=["cut", "list", "text", "null", "bytes", "deep", "deep in object", "trailing"],
)
def test_what_is_no_object_is_told_as_a_text(house: House, body: bytes):
    answer = _call(house, "package_search", body)
    assert answer.status_code == 400 and answer.json().startswith("Bad request - JSON Error: QM-CKAN-002")


def test_an_unknown_action_is_told_as_a_text(house: House):
    for name in ("no_such_action", "datastore_search_sql", "package_list/x", "x" * 500, "%00"):
        answer = _call(house, name, {})
        assert answer.status_code == 400, name
        assert answer.json().startswith("Bad request: Action name not known: ")
    answer = requests.get(f"{house.origin}/api/action/package_delete?id=x", allow_redirects=False, timeout=10)
    assert answer.status_code == 400 and "POST" in answer.json()


@pytest.mark.parametrize("path", ["api/action/package_list/", "api/3/action/", "api/3/action/package_list/"])
def test_nothing_is_redirected(house: House, path: str):
    for ask in (requests.get, requests.post):
        answer = ask(f"{house.origin}/{path}", allow_redirects=False, timeout=10)
        assert answer.status_code == 400 and "location" not in answer.headers


@pytest.mark.parametrize(
    ("name", "given", "kind"),
    [
        ("package_search", {"q": ["x"] * 3}, None),
        ("package_search", {"q": {"a": 1}}, "Validation Error"),
        ("package_search", {"q": "x" * 301}, "Search Query Error"),
        ("package_search", {"q": "\x00' OR 1=1 --"}, None),
        ("package_search", {"rows": -1}, "Validation Error"),
        ("package_search", {"rows": 10**400}, "Validation Error"),
        ("package_search", {"rows": True}, "Validation Error"),
        ("package_search", {"rows": 1e308}, "Validation Error"),
        ("package_search", {"start": "9" * 400}, "Validation Error"),
        ("package_search", {"start": 10**9}, None),
        ("package_search", {"rows": 10**6}, None),
        ("package_search", {"sort": "name; drop table catalogue"}, "Search Query Error"),
        ("package_search", {"sort": "score desc, (select 1)"}, None),
        ("package_search", {"fq": "name:(a OR"}, "Search Query Error"),
        ("package_search", {"fq": "(" * 5_000}, "Search Query Error"),
        ("package_search", {"fq": "-" * 5_000 + "name:x"}, "Search Query Error"),
        ("package_search", {"fq": "name:x " * 1_000}, "Search Query Error"),
        ("package_search", {"fq": 'name:"x'}, "Search Query Error"),
        ("package_search", {"fq": "{!xmlparser v='<!DOCTYPE a SYSTEM \"http://x\"><a></a>'}"}, "Search Query Error"),
        ("package_search", {"fq": '_query_:"{!lucene}name:x"'}, "Search Query Error"),
        ("package_search", {"fq": "name:x) OR (name:y"}, "Search Query Error"),
        ("package_search", {"fq": "metadata_modified:[NOW-99999YEARS TO *]"}, "Search Query Error"),
        ("package_search", {"fq": "metadata_modified:[x TO y]"}, "Search Query Error"),
        ("package_search", {"fq_list": [["x"]]}, "Validation Error"),
        ("package_search", {"facet.field": "no json ["}, "Search Query Error"),
        ("package_search", {"facet.field": ["id"]}, "Search Query Error"),
        ("package_search", {"facet.field": "[" * 10_000}, "Validation Error"),
        ("package_search", {"unknown": {"a": [1]}, "include_private": "yes"}, None),
        ("package_show", {}, "Validation Error"),
        ("package_show", {"id": ["a", "b"]}, "Not Found Error"),
        ("package_show", {"id": {"$ne": ""}}, "Validation Error"),
        ("package_show", {"id": "a\x00b"}, "Validation Error"),
        ("package_show", {"id": "\ud800"}, "Validation Error"),
        ("package_show", {"id": "x" * 100_000}, "Not Found Error"),
        ("package_show", {"id": 10**30}, "Not Found Error"),
        ("resource_show", {"id": "~"}, "Not Found Error"),
        ("resource_show", {"id": "a~~b~"}, "Not Found Error"),
        ("package_list", {"limit": "1; drop"}, "Validation Error"),
        ("package_list", {"offset": -5}, "Validation Error"),
        ("organization_show", {"id": "<script>"}, "Not Found Error"),
        ("package_autocomplete", {"q": "\ud800", "limit": 0}, None),
        ("tag_autocomplete", {"q": ".*"}, None),
        ("resource_search", {"query": "hash:x"}, "Search Query Error"),
        ("help_show", {"name": "__init__"}, "Not Found Error"),
    ],
)
def test_odd_values_get_an_error_of_their_kind(house: House, name: str, given: dict[str, Any], kind: str | None):
    answer = _call(house, name, given)
    if kind is None:
        assert answer.status_code == 200 and answer.json()["success"], answer.text
        return
    error = _told(answer)
    assert error["__type"] == kind
    assert answer.status_code == {"Validation Error": 409, "Search Query Error": 400, "Not Found Error": 404}[kind]
    assert "Traceback" not in answer.text and "sqlite" not in answer.text.lower()


def test_a_query_of_ten_million_characters(house: House):
    answer = _call(house, "package_search", {"q": "x" * LONG})
    assert answer.status_code == 409 and _told(answer)["__type"] == "Validation Error"
    answer = _call(house, "package_search", {"q": "x" * 900_000})
    assert answer.status_code == 400 and _told(answer)["__type"] == "Search Query Error"
    answer = _call(house, "resource_create", {"package_id": "x" * LONG}, token=house.client().apikey)
    assert answer.status_code == 409


@pytest.mark.parametrize(
    "given",
    [
        {"name": 5, "title": "x"},
        {"name": "odd-1", "title": ["x"]},
        {"name": "odd-2", "title": "x", "tags": "a,b", "extras": {"a": 1}},
        {"name": "odd-3", "title": "x", "tags": [{"name": {"x": 1}}]},
        {"name": "odd-4", "title": "x", "resources": [{"url": "javascript:alert(1)"}]},
        {"name": "odd-5", "title": "x", "resources": [{"url": "/files/" + "0" * 64 + ".csv"}]},
        {"name": "odd-6", "title": "x", "resources": "x"},
        {"name": "odd-7", "title": "x", "groups": [{"name": "no-such-theme"}]},
        {"name": "odd-8", "title": "x", "owner_org": "no-such-organisation"},
        {"name": "odd-9", "title": "x", "extras": [{"key": "quanmin:release", "value": "r1"}]},
        {"name": "odd-9b", "title": "x", "extras": [{"key": "quanmin:anything", "value": "r1"}]},
        {"name": "odd-9c", "title": "x", "extras": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]},
        {"name": "odd-10", "title": "x", "extras": [{"key": "adms:sample", "value": '["/files/abc.csv"]'}]},
        {"name": "odd-11", "title": "x\u202e"},
        {"name": "odd-12", "title": "\ud800"},
        {"name": "odd-13", "title": "x", "type": {"a": 1}},
        {"name": "odd-14", "title_translated": "{", "title": "x"},
        {"name": "odd-15", "title": "x", "license_id": "none"},
        {"name": "odd-16", "title": "x", "id": "../../etc"},
        {"name": "odd-17", "title": "x", "extras": [{"key": "dct:temporal", "value": '[{"dcat:startDate": "x"}]'}]},
        {"name": "odd-18", "title": "x", "extras": [{"key": "dct:temporal", "value": "[" * 60 + "]" * 60}]},
        {"name": "odd-19", "title": "x", "resources": [{"url": "http://x", "size": "1e9", "format": "exe"}]},
        {"name": "odd-20", "title": "x", "notes_translated": {"fr": "x"}},
        {"title": "x"},
        {"name": "odd-21"},
    ],
)
def test_a_dataset_that_breaks_rules_is_told_by_field_and_not_kept(house: House, given: dict[str, Any]):
    answer = _call(house, "package_create", given, token=house.client().apikey)
    error = _told(answer)
    assert answer.status_code == 409 and error.pop("__type") == "Validation Error", error
    assert error and all(isinstance(said, list) and said for said in error.values()), error
    if isinstance(given.get("name"), str):
        assert _call(house, "package_show", {"id": given["name"]}, token=house.client().apikey).status_code == 404


def test_jsonp_is_of_nobody_and_calls_a_plain_name(house: House):
    at, token = f"{house.origin}/api/action/package_list", house.client().apikey
    answer = requests.get(
        at, params={"callback": "app.show", "limit": "1"}, headers={"Authorization": token}, timeout=10
    )
    assert answer.text.startswith("/**/app.show({") and answer.headers["content-type"].startswith(
        "application/javascript"
    )
    for odd in ("alert(1)//", "<script>", "a;b", ""):
        assert requests.get(at, params={"callback": odd}, timeout=10).status_code == 400
    draft = house.client().action.package_create(name="jsonp-draft", title="x", private=True)
    shown = f"{house.origin}/api/action/package_show"
    for more, status in (({}, 200), ({"callback": "f"}, 404)):
        given = {"id": draft["id"], **more}
        assert requests.get(shown, params=given, headers={"Authorization": token}, timeout=10).status_code == status


def test_forms_of_every_kind_are_read(house: House):
    at = f"{house.origin}/api/action/package_search"
    for sent in (
        {"data": {"q": "", "rows": "1"}},
        {"data": {json.dumps({"rows": 1}): "1"}},
        {"data": {json.dumps({"rows": 1}): ""}},
        {"files": {"rows": (None, "1")}},
        {"params": {"rows": "1"}},
    ):
        answer = requests.post(at, timeout=10, **sent)  # type: ignore[arg-type]
        assert answer.status_code == 200 and len(answer.json()["result"]["results"]) <= 1, sent
    nested = (
        b"--b\r\nContent-Disposition: form-data; name=q\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
        b"--c\r\n\r\nx\r\n--c--\r\n--b--\r\n"
    )
    for body, kind in ((nested, "b"), (b"--b\r\n\r\n", "b"), (b"x", "b"), (b"--b", ""), (b"\x00" * 1000, "b")):
        headers = {"content-type": f"multipart/form-data; boundary={kind}"}
        answer = requests.post(at, data=body, headers=headers, timeout=10)
        assert answer.status_code in (200, 400), body[:20]
    answer = requests.post(at, files={"other": ("x", b"x")}, timeout=10)
    assert answer.status_code == 400


def test_another_site_cannot_make_a_browser_write(house: House):
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example"},
        {"cookie": "quanmin_portal=x"},
    ):
        answer = _call(house, "package_create", {"name": "evil", "title": "x"}, headers=headers)
        assert answer.status_code == 403 and _told(answer)["__type"] == "Authorization Error"
