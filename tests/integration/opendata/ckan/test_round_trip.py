"""Case 1: what ckanapi's library and command line do with a real server."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import requests
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, SearchQueryError, ValidationError

from .conftest import House


def test_the_library_writes_reads_and_finds(house: House, tmp_path: Path):
    client = house.client()
    assert client.action.status_show()["ckan_version"]
    made = client.action.package_create(
        name="round-1",
        title="肺结核报告发病数",
        notes="分县",
        license_id="cc-by",
        tags=[{"name": "结核"}, {"name": "TB"}],
    )
    assert made["organization"]["title"] == "卫生健康委员会" and made["keywords"] == {"zh": ["结核"], "en": ["TB"]}
    file = tmp_path / "x.csv"
    file.write_text("\ufeff地区,病例\n010,3\n0164A,\n", "utf-8")
    with file.open("rb") as source:
        resource = client.action.resource_create(package_id="round-1", name="病例", upload=source)
    assert (resource["format"], resource["url_type"], resource["license_id"]) == ("CSV", "upload", "cc-by")
    assert house.portal.storage.path(resource["hash"]).read_bytes() == file.read_bytes()
    found = client.action.package_search(q="肺结核", fq="res_format:csv +organization:health")
    assert [one["name"] for one in found["results"]] == ["round-1"]
    assert found["results"][0] == client.action.package_show(id=made["id"])
    patched = client.action.package_patch(id="round-1", title="肺结核发病数")
    assert patched["title_translated"]["zh"] == "肺结核发病数" and patched["resources"][0]["id"] == resource["id"]
    assert client.action.resource_patch(id=resource["id"], description="d")["description"] == "d"
    client.action.resource_delete(id=resource["id"])
    assert client.action.package_show(id="round-1")["resources"] == []
    client.action.package_delete(id="round-1")
    with pytest.raises(NotFound, match="撤回"):
        client.action.package_show(id="round-1")
    assert "round-1" not in client.action.package_list()
    assert client.action.package_search(q="肺结核发病数")["count"] == 0


@pytest.mark.parametrize("get_only", [False, True])
def test_reads_are_alike_by_get_and_by_post(house: House, get_only: bool):
    house.post("by-get")
    client = house.client(None, get_only=get_only)
    found = client.action.package_search(
        fq="name:by-get", rows=5, **{"facet.field": '["tags", "res_format"]', "facet.limit": -1}
    )
    assert found["count"] == 1 and found["facets"]["res_format"] == {"CSV": 1}
    assert client.action.package_show(id="by-get")["resources"][0]["format"] == "CSV"


def test_the_command_line_dumps_what_it_loads(house: House, other: House, tmp_path: Path):
    names = [f"dumped-{number}" for number in range(3)]
    house.post(*names)
    shown = house.command("action", "package_show", "id=dumped-1")
    assert json.loads(shown.stdout)["name"] == "dumped-1", shown.stderr
    sought = house.command("search", "datasets", "q=dumped", "fq=name:dumped-*")
    assert sorted(json.loads(line)["name"] for line in sought.stdout.splitlines()) == names, sought.stderr
    before, after, there = (tmp_path / f"{one}.jsonl" for one in ("before", "after", "there"))
    assert house.command("dump", "datasets", *names, "-O", str(before)).returncode == 0
    assert len(before.read_text().splitlines()) == 3
    loaded = house.command("load", "datasets", "-I", str(before), service="editor")
    assert loaded.returncode == 0, loaded.stderr
    house.command("dump", "datasets", *names, "-O", str(after))
    assert after.read_text() == before.read_text()
    assert len(house.portal.catalogue.history("dumped-0")) == 1, "nothing changed, so no version"
    loaded = other.command("load", "datasets", "-I", str(before), service="editor")
    assert loaded.returncode == 0, loaded.stderr
    other.command("dump", "datasets", "--all", "-O", str(there))
    ours, theirs = (_comparable(file, one) for file, one in ((before, house), (there, other)))
    assert theirs == ours
    kept = other.portal.catalogue.get("dumped-1").document
    assert kept is not None and kept["dct:temporal"] and kept["quanmin:area"] == ["public_health"]
    organisations = house.command("dump", "organizations", "--all")
    assert '"name":"health"' in organisations.stdout, organisations.stderr


def _comparable(file: Path, house: House) -> list[dict[str, object]]:
    """Dumped packages without what belongs to the place and to the moment."""
    moments = ("metadata_created", "metadata_modified")
    found = []
    for line in file.read_text().splitlines():
        package = json.loads(line)
        page = f"{house.origin}/datasets/{package['name']}"
        assert package.pop("url") == page or package["name"]
        resources = [
            {
                key: value
                for key, value in one.items()
                if key not in ("url", "access_url", "url_type", "datastore_active")
            }
            for one in package.pop("resources")
        ]
        found.append({key: value for key, value in package.items() if key not in moments} | {"resources": resources})
    return found


def test_errors_are_those_that_clients_know(house: House):
    anybody, editor = house.client(None), house.client()
    with pytest.raises(NotAuthorized):
        RemoteCKAN(house.origin, apikey="wrong").action.package_list()
    with pytest.raises(NotAuthorized):
        anybody.action.package_create(name="nobody", title="x")
    with pytest.raises(NotAuthorized):
        house.client("clerk").action.package_create(name="no-editor", title="x")
    with pytest.raises(NotFound):
        anybody.action.package_show(id="no-such-thing")
    with pytest.raises(ValidationError) as failed:
        editor.action.package_create(name="Bad Name!", title="<b>x</b>", license_id="none")
    assert failed.value.error_dict["license_id"]
    with pytest.raises(ValidationError) as failed:
        editor.action.package_create(name="Bad Name!", title="<b>x</b>")
    assert failed.value.error_dict["name"] and failed.value.error_dict["title"]
    with pytest.raises(SearchQueryError):
        anybody.action.package_search(fq="no_such_field:1")
    house.post("taken")
    with pytest.raises(ValidationError) as failed:
        editor.action.package_create(name="taken", title="x")
    assert failed.value.error_dict["name"]


def test_a_service_token_counts_once_and_ends_with_its_key(house: House):
    once = house.signed()
    RemoteCKAN(house.origin, apikey=once).action.package_list()
    with pytest.raises(NotAuthorized):
        RemoteCKAN(house.origin, apikey=once).action.package_list()
    client = house.client()
    with pytest.raises(NotAuthorized):
        client.action.api_token_create()  # a session makes no other
    client.action.api_token_revoke()
    with pytest.raises(NotAuthorized):
        client.action.package_list()


def test_an_editor_writes_for_its_organisation_and_those_below(house: House):
    house.client("editor").action.package_create(name="of-bureau", title="x", owner_org="health-bureau")
    with pytest.raises(NotAuthorized):
        house.client("school").action.package_patch(id="of-bureau", title="y")
    with pytest.raises(NotAuthorized):
        house.client("bureau").action.package_create(name="of-health", title="x", owner_org="health")
    assert house.client("bureau").action.package_patch(id="of-bureau", title="y")["title"] == "y"
    draft = house.client("editor").action.package_create(name="a-draft", title="x", private=True)
    assert draft["private"] and draft["state"] == "draft"
    for who in (None, "school"):
        with pytest.raises(NotFound):
            house.client(who).action.package_show(id="a-draft")
    assert house.client("editor").action.package_show(id="a-draft")["private"]
    published = house.client("editor").action.package_patch(id="a-draft", private=False)
    assert published["state"] == "active" and house.client(None).action.package_show(id="a-draft")["title"] == "x"


def test_a_dataset_is_dumped_with_its_file(house: House, tmp_path: Path):
    client = house.client()
    client.action.package_create(name="with-file", title="x", license_id="cc-by")
    held = b"code,n\r\n010,1\r\n"
    file = tmp_path / "x.csv"
    file.write_bytes(held)
    with file.open("rb") as source:
        made = client.action.resource_create(package_id="with-file", upload=source, name="x.csv")
    answer = requests.get(made["url"], timeout=30, allow_redirects=False)
    assert answer.status_code == 200 and answer.content == held
    assert (made["size"], made["hash"]) == (len(held), hashlib.sha256(held).hexdigest())
    dumped = house.command("dump", "datasets", "with-file", "-D", str(tmp_path / "packages"))
    assert dumped.returncode == 0, dumped.stderr
    files = [one for one in (tmp_path / "packages" / "with-file" / "data").iterdir()]
    assert [one.read_bytes() for one in files] == [held]
    said = json.loads((tmp_path / "packages" / "with-file" / "datapackage.json").read_text())
    assert [one["name"] for one in said["resources"][0]["schema"]["fields"]] == ["code", "n"]


def test_lists_are_those_of_what_is_published(house: House):
    house.post("listed-1", "listed-2", **{"dcat:keyword": {"zh": ["独有标签"], "en": ["only here"]}})
    ask = house.client(None).action
    assert {"listed-1", "listed-2"} <= set(ask.package_list()) and ask.package_list() == sorted(ask.package_list())
    assert ask.package_list(limit=2, offset=1) == ask.package_list()[1:3]
    assert "独有标签" in ask.tag_list(query="独有") and ask.tag_show(id="only here", include_datasets=True)["packages"]
    assert {one["name"] for one in ask.package_autocomplete(q="listed-")} == {"listed-1", "listed-2"}
    assert ask.tag_autocomplete(query="独有") == ["独有标签"]
    health = ask.organization_show(id="health", include_datasets=True)
    assert health["package_count"] >= 2 and any(one["name"] == "listed-1" for one in health["packages"])
    assert [one["name"] for one in ask.organization_autocomplete(q="health c")] == ["health"]
    assert "heal" in ask.group_list() and ask.group_show(id="heal")["package_count"] >= 2
    assert [one["name"] for one in ask.current_package_list_with_resources(limit=2)] == ["listed-2", "listed-1"]
    found = ask.resource_search(query=["format:csv", "name:数据"])
    assert found["count"] >= 2 and all(one["format"] == "CSV" for one in found["results"])
    assert ask.license_list()[0]["id"] and ask.user_list() == [] and ask.site_read() is True
    assert "q" in ask.help_show(name="package_search")
    english = RemoteCKAN(house.origin)
    english.session = requests.Session()
    english.session.headers["accept-language"] = "en"
    assert english.action.help_show(name="site_read").startswith("Whether the site")
    with pytest.raises(NotFound, match="was not found"):
        english.action.package_show(id="no-such-thing")
    own = house.client("bureau").action.organization_list_for_user()
    assert [one["name"] for one in own] == ["health-bureau"]
    assert [one["name"] for one in house.client().action.organization_list_for_user()] == ["health", "health-bureau"]


def test_a_withdrawn_dataset_tells_its_old_clients_why(house: House):
    client = house.client()
    made = client.action.package_create(
        name="gone", title="要撤回的表", license_id="cc-by", tags=[{"name": "撤回标签"}]
    )
    client.action.resource_create(package_id="gone", url="https://a.example/x.csv", format="CSV")
    kept = client.action.package_show(id="gone")["resources"][0]["id"]
    client.action.package_delete(id="gone", reason="数据有误，电话 13800138000")
    for call in (
        lambda: client.action.package_show(id="gone"),
        lambda: client.action.package_show(id=made["id"]),
        lambda: client.action.resource_show(id=kept),
        lambda: client.action.datastore_search(resource_id=kept),
        lambda: client.action.package_patch(id="gone", title="x"),
        lambda: client.action.package_create(id=made["id"], name="again", title="x"),
    ):
        with pytest.raises(NotFound, match="数据有误") as gone:
            call()
        assert "13800138000" not in str(gone.value)
    with pytest.raises(ValidationError):
        client.action.package_create(name="gone", title="x")
    ask = house.client(None).action
    assert "gone" not in ask.package_list() and "撤回标签" not in ask.tag_list()
    assert ask.package_search(fq=f"id:{made['id']}")["count"] == ask.package_search(q="要撤回的表")["count"] == 0
    assert ask.package_autocomplete(q="gone") == []
