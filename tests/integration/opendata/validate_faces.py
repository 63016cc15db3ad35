"""Runs in the environment of `QUANMIN_TEST_VALIDATORS`: judges faces with programs that strangers wrote.

Jobs come as JSON on standard input, answers go as JSON to standard output. It imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")


def conforms(data: list[str], shapes: list[str]) -> dict[str, Any]:
    """pySHACL: whether some files conform to some shapes, and the paths that do not."""
    from pyshacl import validate
    from rdflib import Graph, Namespace

    found, rules = Graph(), Graph()
    for file in data:
        found.parse(file)
    for file in shapes:
        rules.parse(file)
    sound, report, _ = validate(found, shacl_graph=rules, inference="none")
    sh = Namespace("http://www.w3.org/ns/shacl#")
    paths = sorted({str(one).rsplit("/", 1)[-1] for one in report.objects(None, sh.resultPath)})
    return {"conforms": sound, "paths": paths, "triples": len(found)}


def same(files: list[str]) -> bool:
    """rdflib: whether the graphs of all files are isomorphic."""
    from rdflib import Graph
    from rdflib.compare import isomorphic

    first, *others = [Graph().parse(one) for one in files]
    return len(first) > 20 and all(isomorphic(first, other) for other in others)


def schema(file: str, schemas: str, name: str) -> list[str]:
    """jsonschema: what a document breaks, as paths."""
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    known = [Resource.from_contents(json.loads(one.read_text("utf-8"))) for one in Path(schemas).glob("*.json")]
    registry = Registry().with_resources([(str(one.id()), one) for one in known])
    rule = registry[f"https://resources.data.gov/dcat-us/3.0.0/definitions/{name}"].contents
    checker = Draft202012Validator(rule, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [
        one.json_path + ": " + one.message[:120]
        for one in checker.iter_errors(json.loads(Path(file).read_text("utf-8")))
    ]


def croissant(address: str) -> dict[str, Any]:
    """mlcroissant: problems, warnings and the rows that it loads."""
    import mlcroissant as ml

    made = ml.Dataset(jsonld=json.loads(Path(address).read_text("utf-8")))
    issues = made.metadata.ctx.issues
    rows = [
        {key: value.decode() if isinstance(value, bytes) else str(value) for key, value in row.items()}
        for row in made.records("rows")
    ]
    return {"errors": sorted(issues.errors), "warnings": sorted(issues.warnings), "rows": rows}


def package(address: str) -> dict[str, Any]:
    """frictionless: whether the package at an address is valid, and its rows."""
    from frictionless import Package, system, validate

    with system.use_context(trusted=True):
        report = validate(address, type="package")
        rows = [row.to_dict() for row in Package(address).resources[0].read_rows()] if report.valid else []
    errors = [str(one) for one in report.flatten(["type", "note", "message"])]
    return {"valid": report.valid, "errors": errors, "rows": json.loads(json.dumps(rows, default=str))}


def page(file: str) -> list[dict[str, Any]]:
    """extruct: the JSON-LD of a page."""
    import extruct

    found: list[dict[str, Any]] = extruct.extract(Path(file).read_text("utf-8"), syntaxes=["json-ld"])["json-ld"]
    return found


JOBS = {one.__name__: one for one in (conforms, same, schema, croissant, package, page)}

if __name__ == "__main__":
    answers = []
    for job in json.loads(sys.stdin.read()):
        answers.append(JOBS[job["job"]](**job["with"]))
    sys.stdout.write(f"\n{json.dumps(answers)}\n")
