"""The faces of 2,000 simulated datasets: export in every form, and pySHACL over it where the shapes and the validators are.

`python tests/bench/bench_faces.py`; processor seconds. `QUANMIN_TEST_VALIDATORS` names the environment of pySHACL,
`QUANMIN_TEST_SHAPES` the folder of shapes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from quanmin.opendata import faces
from quanmin.opendata.catalogue.record import Contact
from quanmin.opendata.faces.issuer import Body
from quanmin.synth import open_catalogue
from quanmin.text import Text

COUNT = 2_000
BAR = 10.0  # seconds, export and validation
CHECK = """
import json, sys, time
from pyshacl import validate
from rdflib import Graph
began = time.process_time()
data, rules = Graph().parse(sys.argv[1]), Graph().parse(sys.argv[2])
read = time.process_time() - began
began = time.process_time()
sound, _, _ = validate(data, shacl_graph=rules, inference="none")
print(json.dumps({"conforms": sound, "triples": len(data), "parse": read, "validate": time.process_time() - began}))
"""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds and the result."""
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def main() -> None:
    """Measure and print."""
    documents = list(open_catalogue.documents(COUNT))
    body = Body(Text("健康数据访问机构", "Health data access body"), "access@example.cn")
    issuer = faces.Issuer(
        "https://data.example.cn",
        contact=Contact("office", "data@example.cn", None),
        access_body=body,
        legislation=("http://data.europa.eu/eli/reg/2025/327/oj",),
        categories=("HRAD",),
    )
    made, graph = timed(lambda: faces.catalogue(documents, issuer, faces.Paging(1, COUNT, "ttl")))
    print(f"{COUNT:,} datasets, {len(graph.triples):,} triples described in {made:.2f} s")
    for form in faces.rdf.FORMS.values():
        seconds, written = timed(lambda form=form: faces.rdf.write(graph, form))  # type: ignore[misc]
        print(f"  {form.ending:7}{len(written) / 1e6:6.1f} MB in {seconds:.2f} s")
    seconds, written = timed(lambda: b"".join(faces.us.catalogue(documents, issuer, "en")))
    print(f"  data.json {len(written) / 1e6:.1f} MB in {seconds:.2f} s")
    seconds, written = timed(lambda: b"".join(faces.core_metadata.as_csv(documents, issuer)))
    print(f"  core-metadata.csv {len(written) / 1e6:.1f} MB in {seconds:.2f} s")
    validators, shapes = os.environ.get("QUANMIN_TEST_VALIDATORS"), os.environ.get("QUANMIN_TEST_SHAPES")
    if not validators or not shapes:
        print("no validators or no shapes here: not validated")
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.nt"
        file.write_bytes(faces.rdf.write(graph, faces.rdf.FORMS["nt"]))
        program = [f"{validators}/bin/python", "-c", CHECK, str(file), f"{shapes}/dcat-ap-3/shapes.ttl"]
        found = json.loads(subprocess.run(program, check=True, capture_output=True, text=True).stdout)
    total = made + found["validate"]
    print(
        f"pySHACL: conforms {found['conforms']}, {found['validate']:.2f} s, after {found['parse']:.2f} s of parsing (rdflib)"
    )
    print(f"export and validation {total:.2f} s of {BAR:.0f} s")
    sys.exit(0 if found["conforms"] and total <= BAR else 1)


if __name__ == "__main__":
    main()
