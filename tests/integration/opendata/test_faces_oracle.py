"""Programs that strangers wrote read our faces: pySHACL, rdflib, jsonschema, mlcroissant, frictionless, extruct.

They have their place in the environment of `QUANMIN_TEST_VALIDATORS` (see `.ci/run`). Shapes and schemas are public files that
are no part of the project, looked for in the folder of `QUANMIN_TEST_SHAPES`, else beside the shared data:
`dcat-ap-3/shapes.ttl`, `healthdcat-ap-r8/{public,restricted,non-public}-shapes.ttl`, `dcat-us-3/*.json`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanmin.opendata import faces
from quanmin.opendata.catalogue import read
from quanmin.opendata.catalogue.record import Contact
from quanmin.opendata.faces.graph import term
from quanmin.opendata.faces.issuer import Body
from quanmin.synth import open_catalogue
from quanmin.text import Text

VALIDATORS = os.environ.get("QUANMIN_TEST_VALIDATORS")
ROOT = Path(__file__).resolve().parents[3]
SHAPES = Path(os.environ.get("QUANMIN_TEST_SHAPES", ROOT.parent / "shared" / "data" / "shapes"))
LEVELS = {"public": "public", "registered": "restricted", "application": "restricted", "closed": "non-public"}
ROWS = [{"code": code, "place": "湖北", "count": str(n)} for n, code in enumerate(("010", "0164A", "I10", "000"))]


def judge(*jobs: dict[str, Any]) -> list[Any]:
    """The answers of the validators."""
    if not VALIDATORS:
        pytest.skip("QUANMIN_TEST_VALIDATORS names no environment")
    program = [f"{VALIDATORS}/bin/python", str(Path(__file__).with_name("validate_faces.py"))]
    done = subprocess.run(program, input=json.dumps(jobs), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def shapes(*names: str) -> list[str]:
    """Files of shapes."""
    files = [SHAPES / one for one in names]
    if not all(one.exists() for one in files):
        pytest.skip("the shared data are not here")
    return [str(one) for one in files]


def issuer(origin: str = "https://data.example.cn") -> faces.Issuer:
    """An installation that says everything."""
    return faces.Issuer(
        origin,
        contact=Contact("Data office", "data@example.cn", None),
        access_body=Body(Text("健康数据访问机构", "Health data access body"), None, "/about"),
        legislation=("http://data.europa.eu/eli/reg/2025/327/oj",),
        categories=("HRAD",),
        dataset_type="STATISTICAL",
        provenance=Text("由登记汇总。", "Compiled from registers."),
    )


def fields() -> dict[str, Any]:
    """The dictionary of the little table."""
    kinds = {"code": "string", "place": "string", "count": "integer"}
    columns = [
        {"csvw:name": name, "csvw:title": {"zh": name, "en": name}, "csvw:datatype": kind}
        for name, kind in kinds.items()
    ]
    return {"csvw:table": [{"csvw:column": columns}]}


def record(access: str = "public", distributions: Any = (), **parts: Any) -> dict[str, Any]:
    """A record with everything."""
    made = open_catalogue.document(3) | {
        "quanmin:name": "little",
        "quanmin:access": access,
        "dcat:theme": ["HEAL"],
        "healthdcatap:hasVariables": fields(),
        "healthdcatap:numberOfRecords": 4,
    }
    made = made | ({"dcat:distribution": list(distributions)} if distributions else {}) | parts
    return {key: value for key, value in made.items() if value is not None}


def written(graph: Any, folder: Path, name: str = "x") -> dict[str, str]:
    """The graph in every form; where the files are."""
    for form in faces.rdf.FORMS.values():
        (folder / f"{name}.{form.ending}").write_bytes(faces.rdf.write(graph, form))
    return {one: str(folder / f"{name}.{one}") for one in faces.rdf.FORMS}


def conforms(data: str, rules: list[str]) -> dict[str, Any]:
    return {"job": "conforms", "with": {"data": [data], "shapes": rules}}


def test_every_form_is_isomorphic_to_rdflib(tmp_path):
    whole = written(faces.catalogue(list(open_catalogue.documents(40)), issuer(), faces.Paging(1, 40, "ttl")), tmp_path)
    one = written(faces.dataset(record(), issuer()), tmp_path, "one")
    jobs = [{"job": "same", "with": {"files": list(files.values())}} for files in (whole, one)]
    assert judge(*jobs) == [True, True]


def test_pages_conform_to_dcat_ap_and_every_mutant_is_caught(tmp_path):
    rules = shapes("dcat-ap-3/shapes.ttl")
    kinds = [{"@type": "dcat:DatasetSeries", "quanmin:name": "series"}]
    kinds += [{"@type": "dcat:DataService", "dcat:endpointURL": "/v1", "quanmin:name": "service"}]
    documents = [*open_catalogue.documents(25), *[record(**one) for one in kinds], record("closed")]
    graph = faces.catalogue(documents, issuer(), faces.Paging(1, len(documents), "ttl"))
    jobs = [conforms(written(graph, tmp_path)["ttl"], rules)]
    mutants = [
        "dct:title",
        "dct:description",
        "dcat:accessURL",
        "foaf:name",
        "spdx:algorithm",
        "dcat:endpointURL",
        "dct:publisher",
    ]
    lines = faces.rdf.write(graph, faces.rdf.FORMS["nt"]).decode().splitlines()
    for number, name in enumerate(mutants):
        file = tmp_path / f"{number}.nt"
        file.write_text("\n".join(one for one in lines if f" <{term(name).value}> " not in one), "utf-8")
        jobs.append(conforms(str(file), rules))
    whole, *found = judge(*jobs)
    assert whole["conforms"] and whole["triples"] > 1_000, whole
    for name, one in zip(mutants, found, strict=True):
        assert not one["conforms"] and any(re.split("[#/]", path)[-1] == name.split(":")[1] for path in one["paths"]), (
            name
        )


@pytest.mark.parametrize("access", LEVELS)
def test_health_records_conform_to_release_8_and_every_mutant_is_caught(tmp_path, access):
    rules = shapes(f"healthdcat-ap-r8/{LEVELS[access]}-shapes.ttl", "dcat-ap-3/shapes.ttl")
    bare = replace(
        issuer(), contact=None, access_body=None, legislation=(), categories=(), dataset_type=None, provenance=None
    )
    closed = access == "closed"
    mutants: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
        "applicableLegislation": ({}, {"legislation": ()}, True),
        "health#hdab": ({}, {"access_body": None}, True),
        "health#healthCategory": ({}, {"categories": ()}, True),
        "health#hasStructuredData": ({"healthdcatap:hasVariables": None}, {}, True),
        "dcat#distribution": ({"dcat:distribution": None}, {}, True),
        "publisher": ({}, {"contact": None}, True),
        "dcat#keyword": ({"dcat:keyword": None}, {}, closed),
        "type": ({}, {"dataset_type": None}, closed),
        "provenance": ({}, {"provenance": None}, closed),
        "dcat#contactPoint": ({}, {"contact": None}, closed),
    }
    jobs = [conforms(written(faces.dataset(record(access), issuer()), tmp_path)["ttl"], rules)]
    for name, (parts, less, _) in mutants.items():
        graph = faces.dataset(record(access, **parts), replace(issuer(), **less))
        jobs.append(conforms(written(graph, tmp_path, name.replace("#", "-"))["ttl"], rules))
    jobs.append(conforms(written(faces.dataset(record(access), bare), tmp_path, "bare")["ttl"], rules))
    whole, *found, nothing = judge(*jobs)
    assert whole["conforms"], whole
    assert not nothing["conforms"]
    for (name, (_, _, needed)), one in zip(mutants.items(), found, strict=True):
        assert (name in one["paths"]) == needed, (name, one)


def test_data_json_keeps_the_schemas_of_dcat_us_3(tmp_path):
    folder = Path(shapes("dcat-us-3/catalog.json")[0]).parent
    documents = [
        *open_catalogue.documents(40),
        record("closed"),
        record(**{"@type": "dcat:DataService", "dcat:endpointURL": "/v1"}),
    ]
    jobs = []
    for name, speaker in (("good", issuer()), ("bad", replace(issuer(), contact=None))):
        file = tmp_path / f"{name}.json"
        file.write_bytes(b"".join(faces.us.catalogue(documents, speaker, "en")))
        jobs.append({"job": "schema", "with": {"file": str(file), "schemas": str(folder), "name": "catalog"}})
    good, bad = judge(*jobs)
    assert good == []
    assert len(bad) == len(documents)  # each without the mailbox that the standard wants


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_given: object) -> None:
        """Nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A folder with a server on the loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", tmp_path
    server.shutdown()
    thread.join()
    server.server_close()


def published(folder: Path, formats: tuple[str, ...]) -> list[dict[str, Any]]:
    """The little table as files, and the distributions of a record that lead to them."""
    (folder / "files").mkdir(exist_ok=True)
    text = pa.table({name: [row[name] for row in ROWS] for name in ROWS[0]})
    line = "".join(f"{row['code']},{row['place']},{row['count']}\r\n" for row in ROWS)
    found = []
    for one in formats:
        file = folder / f"table.{one}"
        if one == "parquet":
            pq.write_table(text, file)
        else:
            file.write_bytes(b"\xef\xbb\xbf" + f"code,place,count\r\n{line}".encode())
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        file.rename(folder / "files" / f"{sha256}.{one}")
        found.append(
            {
                "dct:identifier": one,
                "dcat:accessURL": "/datasets/little",
                "dcat:downloadURL": f"/files/{sha256}.{one}",
                "dct:format": one,
                "dct:license": "cc-by",
                "dcat:byteSize": (folder / "files" / f"{sha256}.{one}").stat().st_size,
                "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": sha256},
            }
        )
    return found


def test_frictionless_validates_the_package_over_http(site):
    origin, folder = site
    made = record(distributions=published(folder, ("csv", "parquet")))
    said = faces.datapackage(read(made), issuer(origin), "en")
    (folder / "datapackage.json").write_text(json.dumps(said), "utf-8")
    said["resources"][0]["hash"] = "sha256:" + "0" * 64
    (folder / "wrong.json").write_text(json.dumps(said), "utf-8")
    jobs = [{"job": "package", "with": {"address": f"{origin}/{one}.json"}} for one in ("datapackage", "wrong")]
    good, wrong = judge(*jobs)
    assert good["valid"], good
    assert good["rows"] == [{**row, "count": int(row["count"])} for row in ROWS]
    assert not wrong["valid"]


@pytest.mark.parametrize("formats", [("csv", "parquet"), ("csv",)])
def test_mlcroissant_validates_and_loads_the_rows(site, formats):
    origin, folder = site
    made = record(distributions=published(folder, formats))
    (folder / "croissant.json").write_text(json.dumps(faces.croissant(read(made), issuer(origin), "en")), "utf-8")
    (found,) = judge({"job": "croissant", "with": {"address": str(folder / "croissant.json")}})
    assert found["errors"] == [] and found["warnings"] == [], found
    rows = [{key.split("/")[-1]: value for key, value in row.items()} for row in found["rows"]]
    if formats == ("csv", "parquet"):
        assert rows == ROWS
    assert [row["place"] for row in rows] == [row["place"] for row in ROWS]


def test_extruct_finds_the_dataset_in_a_page(tmp_path):
    made = record(
        **{"dct:description": {"zh": "</script><b>x</b>" + "长" * 60, "en": "</script><b>x</b>" + "long " * 20}}
    )
    said = faces.schema_org(read(made), "https://data.example.cn", "en")
    page = (
        f'<!doctype html><title>x</title><script type="application/ld+json">{faces.script(said)}</script><p>after</p>'
    )
    (tmp_path / "page.html").write_text(page, "utf-8")
    ((found,),) = judge({"job": "page", "with": {"file": str(tmp_path / "page.html")}})
    assert found == said and found["@type"] == "Dataset"
    assert 50 <= len(found["description"]) <= 5_000  # what Google asks for
