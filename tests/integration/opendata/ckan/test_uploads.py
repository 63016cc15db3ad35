"""Files sent by clients: looked at before anything is kept, never larger than allowed, of editors only; and two at once."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

import pytest
import requests
from ckanapi import NotAuthorized, NotFound, ValidationError

from quanmin.standards.identity.citizen_number import check_character

from .conftest import House

NUMBER = "11010119900307803" + check_character("11010119900307803")


def _sent(held: bytes, name: str = "x.csv") -> io.BytesIO:
    made = io.BytesIO(held)
    made.name = name
    return made


def _files(house: House) -> set[str]:
    return {one.name for one in house.portal.storage.folder.glob("*/*")}


@pytest.fixture(scope="module")
def dataset(house: House) -> str:
    """A dataset to send files to."""
    made: str = house.client().action.package_create(name="uploads", title="x", license_id="cc-by")["id"]
    return made


@pytest.mark.parametrize(
    ("held", "name", "more"),
    [
        (f"a\n{NUMBER}\n".encode(), "x.csv", {}),
        (b"a,b\n1\n", "x.csv", {}),
        (b"PK\x03\x04", "x.xlsx", {}),
        (b"a,b\n", "x.csv", {"format": "XLSX"}),
        (b"a,b\n", "x.csv", {"format": "no such"}),
        (b"MZ", "x.exe", {}),
        (b"", "x.csv", {}),
        (b"a,b\n1,2\n", "x.csv", {"license_id": "none"}),
        (b"a,b\n1,2\n", "x.csv", {"name": "<b>x</b>"}),
    ],
)
def test_a_file_that_may_not_be_published_is_told_and_not_described(
    house: House, dataset: str, held: bytes, name: str, more: dict[str, str]
):
    client = house.client()
    before = client.action.package_show(id=dataset)
    with pytest.raises(ValidationError) as failed:
        client.action.resource_create(package_id=dataset, upload=_sent(held, name), **more)
    said = json.dumps(failed.value.error_dict, ensure_ascii=False)
    assert NUMBER not in said and "Traceback" not in said
    assert client.action.package_show(id=dataset) == before


def test_a_number_in_a_file_is_in_no_storage(house: House, dataset: str):
    before = _files(house)
    with pytest.raises(ValidationError):
        house.client().action.resource_create(package_id=dataset, upload=_sent(f"a\n{NUMBER}\n".encode()))
    assert _files(house) == before


def test_files_of_nobody_are_not_kept_and_their_senders_told(house: House, dataset: str):
    at, large, before = f"{house.origin}/api/action/resource_create", b"a\n" + b"1\n" * (4 << 20), _files(house)
    for headers in ({}, {"Authorization": "wrong"}, {"Authorization": house.client("clerk").apikey}):
        files = {"upload": ("x.csv", io.BytesIO(large))}
        answer = requests.post(at, data={"package_id": dataset}, files=files, headers=headers, timeout=60)
        assert answer.status_code == 403 and answer.json()["error"]["__type"] == "Authorization Error"
    assert _files(house) == before
    with pytest.raises(NotAuthorized):
        house.client(None).action.resource_create(package_id=dataset, upload=_sent(b"a\n1\n"))
    with pytest.raises(NotFound):
        house.client().action.resource_create(package_id="none", upload=_sent(b"a\n1\n"))


def test_a_form_without_a_file_is_bounded(house: House, dataset: str):
    at, headers = f"{house.origin}/api/action/resource_create", {"Authorization": house.client().apikey}
    for sent in (
        {"data": {"package_id": dataset, "description": "x" * (5 << 20)}},
        {"json": {"description": "x" * (5 << 20)}},
    ):
        answer = requests.post(at, headers=headers, timeout=60, **sent)  # type: ignore[arg-type]
        assert answer.status_code == 409 and answer.json()["error"]["__type"] == "Validation Error"


def test_a_file_has_a_limit(_begin: Any, tmp_path: Any):
    house = _begin(tmp_path / "small", open_upload_bytes=1_000)
    client = house.client()
    made = client.action.package_create(name="small", title="x", license_id="cc-by")
    assert client.action.resource_create(package_id=made["id"], upload=_sent(b"a\n" + b"1\n" * 400))["size"] == 802
    for size in (1_000, 5 << 20):
        with pytest.raises(ValidationError):
            client.action.resource_create(package_id=made["id"], upload=_sent(b"a\n" + b"1\n" * size))


def test_of_two_changes_at_once_neither_is_lost(house: House):
    clients = [house.client() for _ in range(4)]
    made = clients[0].action.package_create(name="at-once", title="x", license_id="cc-by")
    faults: list[Exception] = []

    def send(number: int) -> None:
        try:
            for turn in range(3):
                held = f"a\n{number}{turn}\n".encode()
                clients[number].action.resource_create(
                    package_id=made["id"], upload=_sent(held), name=f"{number}-{turn}"
                )
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not faults
    names = sorted(one["name"] for one in clients[0].action.package_show(id=made["id"])["resources"])
    assert names == sorted(f"{number}-{turn}" for number in range(4) for turn in range(3))


def test_a_new_file_takes_the_place_of_the_old_one_which_versions_keep(house: House, dataset: str):
    client = house.client()
    first = client.action.resource_create(package_id=dataset, upload=_sent(b"a\n1\n"), name="t")
    second = client.action.resource_update(id=first["id"], upload=_sent(b"a\n2\n3\n"), name="t")
    assert second["id"] == first["id"] and second["hash"] != first["hash"]
    assert client.action.datastore_search(resource_id=first["id"])["total"] == 2
    assert {first["hash"], second["hash"]} <= _files(house)
    moved = client.action.resource_update(id=first["id"], url="https://a.example/x.csv", format="CSV")
    assert moved["url"] == "https://a.example/x.csv" and not moved["datastore_active"] and moved["hash"] == ""
    with pytest.raises(NotFound):
        client.action.datastore_search(resource_id=first["id"])


def test_what_came_by_a_release_is_not_changed_here(house: House):
    house.post("released", **{"quanmin:release": "release-1"})
    client, shown = house.client(), house.client(None).action.package_show(id="released")
    assert client.action.package_update(**shown) == shown, "nothing changes, so nothing is refused"
    for call in (
        lambda: client.action.package_patch(id="released", title="other"),
        lambda: client.action.package_delete(id="released"),
        lambda: client.action.resource_create(package_id="released", upload=_sent(b"a\n1\n")),
        lambda: client.action.resource_patch(id=shown["resources"][0]["id"], url="https://a.example/"),
        lambda: client.action.resource_delete(id=shown["resources"][0]["id"]),
    ):
        with pytest.raises(NotAuthorized):
            call()
    without = [one for one in shown["extras"] if one["key"] != "quanmin:release"]
    with pytest.raises(ValidationError):
        client.action.package_update(**{**shown, "extras": without})


def test_a_file_of_another_record_cannot_be_given_away(house: House):
    client = house.client()
    closed = client.action.package_create(name="closed-one", title="x", access_rights="closed", license_id="cc-by")
    file = client.action.resource_create(package_id=closed["id"], upload=_sent(b"a\nsecret\n"))
    mine = client.action.package_create(name="open-one", title="x", license_id="cc-by")
    path = file["url"].removeprefix(house.origin)
    for url in (file["url"], path):
        for given in ({"url": url}, {"url": "https://a.example/", "access_url": url}):
            with pytest.raises(ValidationError):
                client.action.resource_create(package_id=mine["id"], **given)
        with pytest.raises(ValidationError):
            client.action.package_patch(id=mine["id"], resources=[{"url": url}])
        with pytest.raises(ValidationError):
            client.action.package_patch(id=mine["id"], url=url)
    for key in ("quanmin:table", "dcat:downloadURL", "adms:sample"):
        extras = [{"key": key, "value": file["hash"] if key == "quanmin:table" else path}]
        with pytest.raises(ValidationError):
            client.action.resource_create(package_id=mine["id"], url="https://a.example/", extras=extras)
    assert not house.portal.catalogue.store.holders(file["hash"])[1:]
