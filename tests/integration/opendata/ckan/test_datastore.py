"""Rows by CKAN's calls against the rows of the file, read by the standard library; and the file as a whole."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from ckanapi import CKANAPIError, NotAuthorized, NotFound, RemoteCKAN, ValidationError

from quanmin.opendata.keys import Keys
from quanmin.opendata.rows import tables

from .conftest import House

HEAD = ["code", "county", "cases", "$odd name"]
ROWS = [
    [f"{number:03}", f"42010{number % 7}", str(number * 3) if number % 5 else "", f"值{number % 3}"]
    for number in range(250)
]


def _file() -> io.BytesIO:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([HEAD, *ROWS])
    made = io.BytesIO(b"\xef\xbb\xbf" + out.getvalue().encode())
    made.name = "x.csv"
    return made


@pytest.fixture(scope="module")
def table(house: House) -> str:
    """A resource with rows."""
    client = house.client()
    client.action.package_create(name="rows", title="行", license_id="cc-by")
    found: str = client.action.resource_create(package_id="rows", upload=_file())["id"]
    return found


def _rows(found: dict[str, Any]) -> list[list[str]]:
    return [["" if row[name] is None else row[name] for name in HEAD] for row in found["records"]]


def test_rows_are_those_of_the_file_and_nothing_is_guessed(house: House, table: str):
    found = house.client(None).action.datastore_search(resource_id=table, limit=1_000)
    assert _rows(found) == ROWS and found["total"] == 250 and not found["total_was_estimated"]
    assert [one["_id"] for one in found["records"]] == list(range(1, 251))
    assert [one["type"] for one in found["fields"]] == ["int", "text", "text", "text", "text"]
    assert found["records"][0]["code"] == "000" and found["records"][0]["cases"] is None
    info = house.client(None).action.datastore_info(id=table)
    assert info["meta"]["count"] == 250 and [one["id"] for one in info["fields"]] == HEAD


@pytest.mark.parametrize("get_only", [False, True])
@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        ({"county": "420103"}, lambda row: row[1] == "420103"),
        (
            {"county": ["420103", "420104"], "$$odd name": "值1"},
            lambda row: row[1] in ("420103", "420104") and row[3] == "值1",
        ),
        ({"code": {"gt": "024", "lte": "030"}}, lambda row: "024" < row[0] <= "030"),
        ([{"code": "001"}, {"code": "249"}], lambda row: row[0] in ("001", "249")),
        (
            {"$or": [{"code": {"lt": "002"}}, {"$and": [{"code": {"gte": "248"}}]}]},
            lambda row: row[0] < "002" or row[0] >= "248",
        ),
        ({"cases": None}, lambda row: row[2] == ""),
    ],
)
def test_filters(house: House, table: str, get_only: bool, filters: Any, holds: Any):
    client = house.client(None, get_only=get_only)
    given = json.dumps(filters) if get_only else filters
    found = client.action.datastore_search(resource_id=table, filters=given, limit=1_000)
    assert _rows(found) == [row for row in ROWS if holds(row)] and found["records"]


def test_order_fields_words_and_what_is_distinct(house: House, table: str):
    search = house.client(None).action.datastore_search
    found = search(resource_id=table, sort="county desc, code", fields="county,code", limit=9)
    expected = sorted(ROWS, key=lambda row: row[0])
    expected.sort(key=lambda row: row[1], reverse=True)
    assert found["records"] == [{"county": row[1], "code": row[0]} for row in expected[:9]]
    found = search(resource_id=table, fields=["county"], distinct=True, sort="county")
    assert [one["county"] for one in found["records"]] == [f"42010{number}" for number in range(7)]
    assert search(resource_id=table, q="值2")["total"] == 83
    assert search(resource_id=table, q={"code": "24"})["total"] == sum("24" in row[0] for row in ROWS)
    assert search(resource_id=table, limit=2, records_format="lists")["records"][1][:2] == [2, "001"]
    assert (
        search(resource_id=table, limit=2, records_format="csv", fields="code,cases")["records"] == "000,\r\n001,3\r\n"
    )


def test_pages_are_the_whole_by_offset_and_by_next_page(house: House, table: str):
    search = house.client(None).action.datastore_search
    seen, given = (
        [],
        {"resource_id": table, "limit": 60, "include_next_page": True, "sort": "county", "include_total": False},
    )
    while given:
        found = search(**given)
        assert "total" not in found
        seen += _rows(found)
        given = found.get("next_page")
    assert seen == sorted(ROWS, key=lambda row: row[1])
    parts = [search(resource_id=table, limit=60, offset=start) for start in range(0, 300, 60)]
    assert [row for found in parts for row in _rows(found)] == ROWS
    assert search(resource_id=table, limit=1_000_000)["limit"] == 32_000


@pytest.mark.parametrize(
    "given",
    [
        {"filters": "{"},
        {"filters": {"no_such": 1}},
        {"filters": {"code": {"like": "%"}}},
        {"filters": {"code": {"eq": {"a": 1}}}},
        {"filters": {"$where": "1=1"}},
        {"filters": {"code": "x' OR 1=1 --"}, "sort": "code; drop table x"},
        {"sort": "(select 1)"},
        {"sort": "_id desc"},
        {"fields": "code,code"},
        {"fields": "count(*)"},
        {"limit": -1},
        {"offset": 10**15},
        {"after": "x"},
        {"records_format": "exe"},
        {"q": ["a"]},
        {"plain": False, "q": "a & b"},
        {"distinct": "maybe"},
        {"filters": "[" * 5_000},
        {"filters": {"code": ["x"] * 20_000}},
    ],
)
def test_what_is_wrong_is_told(house: House, table: str, given: dict[str, Any]):
    with pytest.raises(ValidationError) as failed:
        house.client(None).action.datastore_search(resource_id=table, **given)
    assert len(failed.value.error_dict) > 1


def test_there_is_no_sql(house: House, table: str):
    with pytest.raises(CKANAPIError, match="Action name not known"):
        house.client(None).action.datastore_search_sql(sql=f'select * from "{table}"')
    with pytest.raises(NotFound):
        house.client(None).action.datastore_search(resource_id="no~such")


def test_dumps_hold_every_row(house: House, table: str):
    at = f"{house.origin}/datastore/dump/{table}"
    text = requests.get(at, params={"bom": "true"}, timeout=30).content.decode()
    assert text.startswith("\ufeff_id,code")
    numbered = [[str(place), *row] for place, row in enumerate(ROWS, 1)]
    assert list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))) == [["_id", *HEAD], *numbered]
    answer = requests.get(at, params={"format": "tsv", "limit": "3", "sort": "code desc"}, timeout=30)
    assert answer.text.splitlines()[1].split("\t")[:2] == ["250", "249"] and len(answer.text.splitlines()) == 4
    assert "attachment" in answer.headers["content-disposition"]
    found = requests.get(at, params={"format": "json", "filters": '{"code": "007"}'}, timeout=30).json()
    assert found["records"] == [[8, "007", "420100", "21", "值1"]] and found["fields"][0]["id"] == "_id"
    tree = ElementTree.fromstring(requests.get(at, params={"format": "xml"}, timeout=30).content)
    assert len(tree) == 250 and tree[7][0].text == "007" and tree[7].attrib == {"_id": "8"}
    assert tree[0][3].attrib["name"] == "$odd name"
    for given, status in (({"format": "exe"}, 409), ({"filters": "{"}, 409)):
        assert requests.get(at, params=given, timeout=30).status_code == status
    assert requests.get(f"{house.origin}/datastore/dump/none", timeout=30).status_code == 404


def test_rows_are_for_those_who_may_have_them(house: House, table: str):
    client = house.client()
    for access in ("registered", "application", "closed"):
        made = client.action.package_create(
            name=f"rows-{access}", title="x", access_rights=access, license_id="platform-terms"
        )
        client.action.resource_create(package_id=made["id"], upload=_file())
    key = Keys(house.portal.ledger, lambda _account: True, 100, 100).make("editor", "test")[1]
    ids = {
        access: f"{client.action.package_show(id=f'rows-{access}')['resources'][0]['id']}"
        for access in ("registered", "closed", "application")
    }
    for access, resource in ids.items():
        with pytest.raises(NotAuthorized):
            house.client(None).action.datastore_search(resource_id=resource)
        assert requests.get(f"{house.origin}/datastore/dump/{resource}", timeout=30).status_code == 403
        reader = RemoteCKAN(house.origin, apikey=key)
        if access == "registered":
            assert reader.action.datastore_search(resource_id=resource)["total"] == 250
        else:
            with pytest.raises(NotAuthorized):
                reader.action.datastore_search(resource_id=resource)
    with pytest.raises(NotAuthorized):
        RemoteCKAN(house.origin, apikey="qm_" + "0" * 12 + "_" + "x" * 43).action.package_list()
    with pytest.raises(NotAuthorized):
        RemoteCKAN(house.origin, apikey=key).action.package_create(name="by-key", title="x")


def test_other_forms_of_a_table_have_its_rows_and_a_large_one_is_indexed_by_a_job(house: House, monkeypatch: Any):
    monkeypatch.setattr(tables, "AT_ONCE", 10)
    out, text = io.BytesIO(), _file().getvalue()
    pq.write_table(pa.table({"code": [row[0] for row in ROWS], "n": list(range(len(ROWS)))}), out)
    stored = {"csv": house.portal.storage.keep(text), "parquet": house.portal.storage.keep(out.getvalue())}
    forms = [
        {
            "dct:identifier": form,
            "dcat:accessURL": "/datasets/released-table",
            "dcat:downloadURL": f"/files/{one.sha256}.{form}",
            "dct:format": form,
            "dct:license": "cc-by",
        }
        for form, one in stored.items()
    ]
    house.post("released-table", **{"dcat:distribution": forms})
    shown = house.client(None).action.package_show(id="released-table")
    assert [one["datastore_active"] for one in shown["resources"]] == [True, True]
    at = f"{house.origin}/api/action/datastore_search?resource_id={shown['resources'][0]['id']}"
    answer = requests.get(at, timeout=30)
    assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0 and not answer.json()["success"]
    for _ in range(100):
        if (answer := requests.get(at, timeout=30)).status_code == 200:
            break
        time.sleep(0.2)
    found = answer.json()["result"]
    assert found["total"] == 250 and [one["type"] for one in found["fields"]] == ["int", "text", "numeric"]
    other = house.client(None).action.datastore_search(
        resource_id=shown["resources"][1]["id"], filters={"n": {"gte": 248}}
    )
    assert [one["n"] for one in other["records"]] == [248, 249]
