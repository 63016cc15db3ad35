"""The demonstration's portal, served and judged by programs that strangers wrote: every page, its packages, its catalogue."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from .test_faces_oracle import judge, shapes

FEW = 3  # packages that are read row by row


@pytest.fixture(scope="module")
def origin(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of a copy of the demonstration."""
    home = Path(shutil.copytree(made, tmp_path_factory.mktemp("judged") / "home"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "quanmin", "serve", "--port", address.rsplit(":", 1)[1]]
    more = {"QUANMIN_HOME": str(home), "QUANMIN_ORIGIN": address, "QUANMIN_WEB_RATE": "1e6", "QUANMIN_WEB_BURST": "1e6"}
    more |= {
        "QUANMIN_CONTACT_NAME": "数据办公室",
        "QUANMIN_CONTACT_EMAIL": "data@example.cn",
    }  # DCAT-US wants an office
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env={**os.environ, **more}, stdout=quiet, stderr=quiet)
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/health/live", timeout=2)
            break
        except OSError:
            assert server.poll() is None
            time.sleep(0.2)
    yield address
    server.terminate()
    server.wait(60)


def fetched(origin: str, path: str) -> bytes:
    with urllib.request.urlopen(origin + path, timeout=60) as answer:
        body: bytes = answer.read()
    return body


def datasets(origin: str) -> list[str]:
    """Names of the public datasets that have a table."""
    told = json.loads(fetched(origin, "/api/3/action/package_search?rows=100&fq=res_format:parquet"))
    public = {one["name"] for one in json.loads(fetched(origin, "/data/v1/datasets"))["datasets"]}
    return sorted(one["name"] for one in told["result"]["results"] if one["name"] in public)


def test_every_page_says_to_search_engines_what_it_is(origin: str, tmp_path: Path) -> None:
    names = datasets(origin)
    assert len(names) >= 3
    jobs = []
    for name in names:
        for language in ("zh", "en"):
            file = tmp_path / f"{name}.{language}.html"
            file.write_bytes(fetched(origin, f"/{language}/datasets/{name}"))
            jobs.append({"job": "page", "with": {"file": str(file)}})
    for found, job in zip(judge(*jobs), jobs, strict=True):
        [said] = found
        assert said["@type"] == "Dataset" and said["name"] and said["distribution"], job


def test_packages_are_valid_and_their_rows_are_those_of_the_data_api(origin: str, tmp_path: Path) -> None:
    names = datasets(origin)[:FEW]
    jobs = []
    for name in names:
        file = tmp_path / f"{name}.json"
        file.write_bytes(fetched(origin, f"/datasets/{name}/croissant.json"))
        jobs.append({"job": "croissant", "with": {"address": str(file)}})
        jobs.append({"job": "package", "with": {"address": f"{origin}/datasets/{name}/datapackage.json"}})
    found = judge(*jobs)
    for name, croissant, package in zip(names, found[::2], found[1::2], strict=True):
        rows = json.loads(fetched(origin, f"/data/v1/datasets/{name}/rows.json?limit=1000"))["rows"]
        assert not croissant["errors"] and len(croissant["rows"]) == len(rows) > 0, name
        told = [
            {key: value or None for key, value in row.items()} for row in rows
        ]  # an empty cell of a CSV is none there
        assert package["valid"] and package["rows"] == told, (name, package["errors"])


def test_the_catalogue_keeps_the_shapes_of_dcat_ap_and_the_schema_of_dcat_us(origin: str, tmp_path: Path) -> None:
    rules, [schema] = shapes("dcat-ap-3/shapes.ttl"), shapes("dcat-us-3/catalog.json")
    (tmp_path / "catalog.ttl").write_bytes(fetched(origin, "/catalog.ttl"))
    (tmp_path / "data.json").write_bytes(fetched(origin, "/data.json"))
    dcat = {"data": [str(tmp_path / "catalog.ttl")], "shapes": rules}
    us = {"file": str(tmp_path / "data.json"), "schemas": str(Path(schema).parent), "name": "catalog"}
    graph, broken = judge({"job": "conforms", "with": dcat}, {"job": "schema", "with": us})
    assert graph["conforms"] and graph["triples"] > 100, graph
    assert broken == []
