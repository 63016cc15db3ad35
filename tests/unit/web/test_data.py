"""The data API and the downloads, as programs ask for them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from quanmin import jobs
from quanmin.opendata import exports
from quanmin.opendata.rows import tables
from quanmin.settings import Settings
from quanmin.web import application
from quanmin.web.data import reader as readers
from quanmin.web.data import transfer
from quanmin.web.place import Place

from ..opendata.publishing import TABLE, publish

BEDS = "/data/v1/datasets/beds"


class Site:
    """A server of an empty home with one dataset; `place` is another process's view of the same home."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.settings = Settings(home=home, **{"web_rate": 10_000, "web_burst": 100_000, **settings})
        self.place = Place(self.settings)
        self.files = publish(self.place.portal)
        self.client = TestClient(application(self.settings), "http://localhost:8000", follow_redirects=False)
        self.get, self.head, self.post = self.client.get, self.client.head, self.client.post

    def key(self, account: str = "somebody") -> dict[str, str]:
        """The header of a key of an account."""
        return {"x-api-key": self.place.keys.make(account, "test")[1]}

    def code(self, path: str, status: int, **more: Any) -> str:
        """The code of what is refused."""
        answer = self.get(path, **more)
        assert answer.status_code == status, answer.text
        said = answer.json()
        assert all(said["message"].values()) and all(said["next_step"].values())
        return str(said["code"])


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("quanmin.web.place.accounts.find", lambda *_given: type("D", (), {"state": "active"}))
    made = Site(tmp_path / "home")
    yield made
    made.place.close()
    made.client.close()


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One that tests only read."""
    made = Site(tmp_path_factory.mktemp("still") / "home")
    yield made
    made.place.close()
    made.client.close()


def test_the_pages_of_rows_put_together_are_the_file(still: Site) -> None:
    rows, path = [], f"{BEDS}/rows?limit=2&order=age desc"
    while path:
        answer = still.get(path)
        rows += answer.json()["rows"]
        path = answer.json()["next"]
        assert answer.json()["total"] == 5
        assert answer.headers.get("link") == (f'<{path}>; rel="next"' if path else None)
    assert [row["age"] for row in rows] == [70, 61, 60, 5, None]
    assert sorted(map(json.dumps, rows)) == sorted(map(json.dumps, still.get(f"{BEDS}/rows").json()["rows"]))


def test_rows_come_in_four_formats(still: Site) -> None:
    given = {"filter": '{"county": "420100"}', "fields": "disease,age"}
    assert (
        still.get(f"{BEDS}/rows.json", params=given).json()["rows"]
        == still.get(f"{BEDS}/rows", params=given).json()["rows"]
    )
    text = still.get(f"{BEDS}/rows.csv", params={**given, "bom": "true"})
    assert text.content == '\ufeff"disease","age"\r\n"高血压",60\r\n"=1+1",\r\n'.encode()
    assert text.headers["content-disposition"] == 'attachment; filename="beds.csv"'
    parquet = still.get(f"{BEDS}/rows.parquet", params=given).content
    assert pq.read_table(io.BytesIO(parquet)).to_pylist() == [
        {"disease": "高血压", "age": 60},
        {"disease": "=1+1", "age": None},
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(still.get(f"{BEDS}/rows.xlsx", params=given).content)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()][2] == ["=1+1", None]
    assert sheet["A3"].data_type == "s"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("x=1", "QM-DATA-001"),
        ("limit=1&limit=2", "QM-DATA-001"),
        ("bom=true", "QM-DATA-001"),
        ("limit=x", "QM-ROWS-005"),
        ("limit=32001", "QM-ROWS-005"),
        ("limit=٣", "QM-ROWS-005"),
        ("offset=1&after=x", "QM-ROWS-005"),
        ("total=yes", "QM-ROWS-005"),
        ("fields=", "QM-ROWS-005"),
        ("fields=nothing", "QM-ROWS-001"),
        ("order=age;--", "QM-ROWS-001"),
        ("filter=x", "QM-ROWS-004"),
        ("filter={%22age%22:%22x%22}", "QM-ROWS-002"),
        ("after=x", "QM-ROWS-006"),
        ("q=" + "x" * 1001, "QM-ROWS-004"),
    ],
)
def test_a_wrong_parameter_is_told(still: Site, query: str, expected: str) -> None:
    assert still.code(f"{BEDS}/rows?{query}", 422) == expected


def test_what_is_not_there_is_told(still: Site) -> None:
    assert still.code("/data/v1/datasets/none/rows", 404) == "QM-CATALOGUE-002"
    assert still.code("/data/v1/nothing", 404) == "QM-DATA-002"
    assert still.code(f"{BEDS}/rows.pdf", 404) == "QM-DATA-002"
    assert still.code("/data/v1/exports/1", 404) == still.code("/data/v1/exports/x", 404) == "QM-EXPORTS-002"
    refused = still.client.delete(BEDS)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_an_answer_that_is_known_is_not_sent_again(site: Site) -> None:
    first = site.get(f"{BEDS}/rows")
    assert first.headers["cache-control"] == "public, max-age=60"
    again = site.get(f"{BEDS}/rows", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert site.get(f"{BEDS}/rows?limit=1", headers={"if-none-match": first.headers["etag"]}).status_code == 200
    publish(site.place.portal, table=TABLE.slice(1))
    assert site.get(f"{BEDS}/rows", headers={"if-none-match": first.headers["etag"]}).status_code == 200


def test_large_answers_are_packed_where_that_is_understood(still: Site) -> None:
    answer = still.get("/data/v1/openapi.json", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip" and answer.headers["vary"] == "accept-encoding"
    assert "content-encoding" not in still.get("/data/v1/openapi.json", headers={"accept-encoding": "identity"}).headers
    assert answer.json()["openapi"] == "3.1.0"  # the client unpacked it


def test_pages_of_other_sites_may_read_and_never_with_cookies(still: Site) -> None:
    for path in (f"{BEDS}/rows", "/data/v1/nothing", still.files["csv"]):
        headers = still.get(path, headers={"origin": "https://elsewhere.example"}).headers
        assert headers["access-control-allow-origin"] == "*" and "access-control-allow-credentials" not in headers
    asked = still.client.options(f"{BEDS}/rows", headers={"origin": "https://elsewhere.example"})
    assert asked.status_code == 204 and "X-API-Key" in asked.headers["access-control-allow-headers"]


def test_a_file_comes_whole_and_says_what_it_is(still: Site) -> None:
    answer = still.get(still.files["csv"])
    sha256 = hashlib.sha256(answer.content).hexdigest()
    assert still.files["csv"] == f"/files/{sha256}.csv"
    assert answer.headers["etag"] == f'"{sha256}"' and "immutable" in answer.headers["cache-control"]
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert 'filename="beds.csv"' in answer.headers["content-disposition"]
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    known = still.head(still.files["csv"])
    assert known.headers["content-length"] == str(len(answer.content)) and known.content == b""
    assert still.get(still.files["csv"], headers={"if-none-match": f'"{sha256}"'}).status_code == 304


RANGES: dict[str, tuple[int, slice | None]] = {
    "bytes=0-0": (206, slice(0, 1)),
    "bytes=5-9": (206, slice(5, 10)),
    "bytes=5-": (206, slice(5, None)),
    "bytes=-7": (206, slice(-7, None)),
    "bytes=-100000": (206, slice(0, None)),
    "bytes=0-999999": (206, slice(0, None)),
    "bytes=0-4,5-9": (206, slice(0, 10)),
    "bytes=5-9, 0-6": (206, slice(0, 10)),
    "bytes=0-4,100-104": (416, None),
    "bytes=999999-": (416, None),
    "bytes=-0": (416, None),
    "bytes=": (200, slice(0, None)),
    "bytes=x-y": (200, slice(0, None)),
    "bytes=9-5": (200, slice(0, None)),
    "lines=1-2": (200, slice(0, None)),
    "bytes=" + "0-1," * 60: (416, None),
    "bytes=" + "9" * 5_000 + "-": (200, slice(0, None)),
}


@pytest.mark.parametrize("wanted", RANGES, ids=lambda one: one[:30])
def test_ranges_are_those_of_the_standard(still: Site, wanted: str) -> None:
    whole = still.get(still.files["csv"]).content
    status, part = RANGES[wanted]
    answer = still.get(still.files["csv"], headers={"range": wanted})
    assert answer.status_code == status
    if part is None:
        assert answer.headers["content-range"] == f"bytes */{len(whole)}" and answer.json()["code"] == "QM-DATA-004"
        return
    assert answer.content == whole[part]
    if status == 206:
        start = whole.index(whole[part]) if part.start == 0 else len(whole[: part.start])
        assert answer.headers["content-range"] == f"bytes {start}-{start + len(answer.content) - 1}/{len(whole)}"


def test_a_part_of_another_version_is_not_mixed_in(still: Site) -> None:
    path, wanted = still.files["csv"], {"range": "bytes=0-4"}
    tag = still.head(path).headers["etag"]
    assert still.get(path, headers={**wanted, "if-range": tag}).status_code == 206
    for other in ('"x"', f"W/{tag}", "Sat, 28 Nov 2026 00:00:00 GMT"):
        assert still.get(path, headers={**wanted, "if-range": other}).status_code == 200


def test_a_file_longer_than_a_piece_comes_whole(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = site.get(site.files["parquet"]).content
    monkeypatch.setattr(transfer, "PIECE", 100)
    assert site.get(site.files["parquet"]).content == whole
    monkeypatch.setattr(transfer, "_NOWAIT", 0)  # as where the system cannot say what is in memory
    assert site.get(site.files["parquet"], headers={"range": "bytes=50-1234"}).content == whole[50:1235]


@pytest.mark.parametrize(
    "name",
    ["x.csv", "0" * 64 + ".csv", "0" * 63 + ".csv", "../" * 3 + "ledger.sqlite", "%2e%2e%2fledger.sqlite", "0" * 64],
)
def test_nothing_else_of_the_machine_is_given_away(still: Site, name: str) -> None:
    assert still.get(f"/files/{name}").status_code == 404


def test_a_file_has_one_address(site: Site) -> None:
    assert site.code(site.files["csv"].replace(".csv", ".html"), 404) == "QM-STORAGE-001"
    kept = site.place.portal.storage.keep(b"a draft's file, of no published record")
    assert site.code(f"/files/{kept.sha256}.csv", 404) == "QM-STORAGE-001"


def test_a_file_is_for_whom_its_record_is(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path, key = site.files["csv"], site.key()
    expected = {"registered": "QM-ACCESS-002", "application": "QM-ACCESS-003", "closed": "QM-ACCESS-001"}
    for access, refused in expected.items():
        publish(site.place.portal, **{"quanmin:access": access})
        status = 401 if access == "registered" else 403
        assert site.code(path, status) == site.code(f"{BEDS}/rows", status) == refused
        answer = site.get(path, headers=key)
        assert (answer.status_code == 200) == (access == "registered")
        assert answer.headers["cache-control"] in ("private, no-cache", "no-store")
    publish(site.place.portal, **{"quanmin:access": "application"})
    monkeypatch.setattr(
        readers, "granted", lambda _place, account: frozenset({"id-beds"} if account == "somebody" else ())
    )
    assert site.get(path, headers=key).status_code == site.get(f"{BEDS}/rows", headers=key).status_code == 200
    assert site.code(path, 403, headers=site.key("another")) == "QM-ACCESS-003"


def test_superseded_files_stay_and_withdrawn_ones_say_why(site: Site) -> None:
    old = site.files["csv"]
    new = publish(site.place.portal, table=TABLE.slice(1))
    assert new["csv"] != old and site.get(old).status_code == site.get(new["csv"]).status_code == 200
    assert f"beds-{old[7:15]}.csv" in site.get(old).headers["content-disposition"]
    site.place.portal.catalogue.withdraw("beds", "统计口径有误", "tester")
    for path in (old, new["csv"], f"{BEDS}/rows", BEDS):
        assert site.code(path, 410) == "QM-ACCESS-004"
        assert "统计口径有误" in site.get(path).text


def test_a_large_table_is_made_ready_by_a_job(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(site.place.portal, "large", TABLE.slice(2))
    monkeypatch.setattr(tables, "AT_ONCE", 5)
    answer = site.get("/data/v1/datasets/large/rows")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert site.get("/data/v1/datasets/large/rows").status_code == 503
    assert site.get("/data/v1/datasets/large").json()["table"]["rows"] is None
    assert [one.kind for one in jobs.listing(site.place.lake).jobs] == ["index"]  # once
    assert jobs.Worker(site.place).once()
    assert site.get("/data/v1/datasets/large/rows").json()["total"] == 3


def test_an_export_is_made_by_a_job_and_can_be_cited(site: Site) -> None:
    key, body = (
        site.key(),
        {"filter": {"age": {"gte": 60}}, "order": "age desc", "fields": "county,age", "format": "csv"},
    )
    assert site.post(f"{BEDS}/exports", json=body).json()["code"] == "QM-ACCESS-002"
    asked = site.post(f"{BEDS}/exports", json=body, headers=key)
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    place = asked.headers["location"]
    assert site.code(f"{place}/file", 409) == "QM-EXPORTS-004"
    assert jobs.Worker(site.place).once()
    told = site.get(place).json()
    assert (told["state"], told["rows"], told["query"]["filter"]) == ("done", 3, {"age": {"gte": 60}})
    content = site.get(told["file"]).content
    assert content == b'"county","age"\r\n"420200",70\r\n,61\r\n"420100",60\r\n'
    assert told["sha256"] == hashlib.sha256(content).hexdigest() and told["bytes"] == len(content)
    for words in told["citation"].values():
        assert place in words and told["sha256"] in words and ("床位" in words or "Beds" in words)
    assert site.get(told["file"], headers={"range": "bytes=0-7"}).content == content[:8]
    publish(site.place.portal, table=TABLE.slice(4))
    assert site.get(told["file"]).content == content  # what was cited stays
    site.place.portal.catalogue.withdraw("beds", "错误", "tester")
    assert site.code(told["file"], 410) == "QM-ACCESS-004"


def test_nobody_has_more_exports_under_way_than_three(site: Site) -> None:
    key = site.key()
    for _ in range(exports.export.AT_ONCE):
        assert site.post(f"{BEDS}/exports", json={}, headers=key).status_code == 202
    refused = site.post(f"{BEDS}/exports", json={}, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (429, "QM-EXPORTS-001") and refused.headers["retry-after"]
    assert site.post(f"{BEDS}/exports", json={}, headers=site.key("another")).status_code == 202
    while jobs.Worker(site.place).once():
        pass
    assert site.post(f"{BEDS}/exports", json={}, headers=key).status_code == 202


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "QM-DATA-005"),
        (b"[]", "QM-DATA-005"),
        (b"\xff", "QM-DATA-005"),
        (b'{"filter": NaN}', "QM-DATA-005"),
        (b"[" * 100_000, "QM-DATA-005"),
        (b'{"x": 1}', "QM-EXPORTS-003"),
        (b'{"format": "pdf"}', "QM-EXPORTS-003"),
        (b'{"format": ["csv"]}', "QM-EXPORTS-003"),
        (b'{"distinct": "yes"}', "QM-EXPORTS-003"),
        (b'{"filter": {"nothing": 1}}', "QM-ROWS-001"),
        (b'{"filter": {"age": "x"}}', "QM-ROWS-002"),
        (b'{"order": "nothing"}', "QM-ROWS-001"),
    ],
    ids=lambda one: str(one)[:24],
)
def test_an_export_that_cannot_be_made_is_refused_at_once(site: Site, body: bytes, expected: str) -> None:
    answer = site.post(f"{BEDS}/exports", content=body, headers={**site.key(), "content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, expected)
    assert not jobs.listing(site.place.lake).jobs


def test_an_export_that_fails_says_so(site: Site) -> None:
    body = {"format": "xlsx"}
    wide = TABLE.set_column(1, "disease", [["x" * 40_000] * 5])
    publish(site.place.portal, table=wide)
    place = site.post(f"{BEDS}/exports", json=body, headers=site.key()).headers["location"]
    assert jobs.Worker(site.place).once()
    told = site.get(place).json()
    assert (told["state"], told["error"]["code"], told["file"]) == ("failed", "QM-ROWS-013", None)
