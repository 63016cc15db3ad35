"""A standard in the languages of other tools, read back by those tools."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from frictionless import Resource, Schema, validate

from quanmin import standards
from quanmin.standards.errors import UnknownFormat
from quanmin.standards.exports import FORMATS, json_schema, table_schema

CATALOGUE = standards.catalogue()
BENCHMARK = CATALOGUE.dataset("public_security.household_registration")
EVERY = pytest.mark.parametrize("dataset", CATALOGUE.datasets.values(), ids=lambda dataset: dataset.id)

ROW = {
    "household_no": "H0000001",
    "member_no": 1,
    "relationship": "02",
    "citizen_number": "11010519491231002X",
    "name": "李明",
    "sex": "2",
    "birth_date": "1949-12-31",
    "registered_region": "110105",
}


@EVERY
def test_the_json_schema_is_one(dataset):
    schema = json.loads(standards.export(dataset, "jsonschema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert [*schema["properties"]] == [element.name for element in dataset.elements]


@pytest.mark.parametrize(
    ("change", "valid"),
    [
        ({}, True),
        ({"sex": "7"}, False),
        ({"member_no": 0}, False),
        ({"citizen_number": "110105"}, False),
        ({"household_no": "H0000001 "}, False),
        ({"colour": "red"}, False),
        ({"name": "x" * 51}, False),
    ],
)
def test_the_json_schema_judges_a_row(change, valid):
    validator = jsonschema.Draft202012Validator(json_schema(BENCHMARK))
    assert validator.is_valid(ROW | change) is valid
    assert not validator.is_valid({name: value for name, value in ROW.items() if name != "citizen_number"})


@EVERY
def test_frictionless_takes_the_table_schema(dataset):
    descriptor = json.loads(standards.export(dataset, "tableschema"))
    schema = Schema.from_descriptor(descriptor)
    assert schema.field_names == [element.name for element in dataset.elements]
    assert schema.primary_key == list(dataset.key)


def test_frictionless_judges_a_file_by_the_table_schema():
    names = [element.name for element in BENCHMARK.elements]
    rows = [
        names,
        *([str((ROW | change).get(name, "")) for name in names] for change in ({}, {"member_no": 2, "sex": "7"})),
    ]
    report = validate(Resource(data=rows, schema=Schema.from_descriptor(table_schema(BENCHMARK))))
    assert [(error[0], error[1]) for error in report.flatten(["rowNumber", "fieldName"])] == [(3, "sex")]


@EVERY
def test_the_dictionary_tells_everything_in_both_languages(dataset):
    page = standards.export(dataset, "markdown")
    assert page.startswith(f"# {dataset.title.zh} · {dataset.title.en}\n")
    for element in dataset.elements:
        assert f"| `{element.name}` | {element.title.zh} · {element.title.en} |" in page
    for rule in dataset.rules:
        assert f"| `{rule.id}` |" in page
    for line in page.splitlines():
        assert not line.startswith("|") or line.endswith("|")


def test_short_value_sets_are_printed_long_ones_counted():
    page = standards.export(BENCHMARK, "markdown")
    assert "| `1` | 男性 · Male |" in page
    assert "58 个代码 · 58 codes" in page


@EVERY
def test_a_description_is_json_and_complete(dataset):
    found = json.loads(json.dumps(standards.describe(dataset)))
    assert [element["name"] for element in found["elements"]] == [element.name for element in dataset.elements]
    assert [rule["id"] for rule in found["rules"]] == [rule.id for rule in dataset.rules]
    assert found["title"] == {"zh": dataset.title.zh, "en": dataset.title.en}


def test_an_unknown_format_names_the_known_ones():
    with pytest.raises(UnknownFormat) as caught:
        standards.export(BENCHMARK, "xsd")
    assert all(format_ in str(caught.value.next_step("en")) for format_ in FORMATS)


def test_a_new_dataset_file_is_enough_to_be_exported():
    loan = standards.load(Path(__file__).parents[2] / "library_loans").dataset("library.loan")
    assert "-1" in table_schema(loan)["missingValues"]
    assert json_schema(loan)["properties"]["shelf"]["enum"] == ["A", "B"]
