"""The quality of a record: each part by itself."""

from datetime import date

import pytest

from quanmin.opendata.catalogue import assess, read
from quanmin.opendata.catalogue.quality import due

TODAY = date(2026, 11, 28)
CHECKSUM = {"spdx:algorithm": "sha256", "spdx:checksumValue": "00"}
FILE = {
    "dct:identifier": "f",
    "dcat:accessURL": "/f",
    "dct:format": "csv",
    "dct:license": "cc-by",
    "spdx:checksum": CHECKSUM,
}
GOOD = {
    "dct:description": {"zh": "说" * 100},
    "dct:temporal": {"dcat:startDate": "2025"},
    "dct:spatial": {"dct:identifier": "420000"},
    "dct:accrualPeriodicity": "MONTHLY",
    "dct:modified": "2026-11-01",
    "dcat:distribution": [FILE],
    "healthdcatap:hasVariables": {
        "csvw:table": {"csvw:column": [{"csvw:name": "cases", "csvw:title": {"zh": "发病数", "en": "Cases"}}]}
    },
}


def parts(document):
    return {one.name: one.kept for one in assess(read(document), TODAY).parts}


def test_a_record_with_everything_has_1_and_one_with_nothing_0(make):
    assert assess(read(make() | GOOD), TODAY).score == 1
    assert assess(read(make()), TODAY).score == 0


@pytest.mark.parametrize(
    ("key", "value", "lost"),
    [
        ("dct:description", {"zh": "短"}, {"description"}),
        ("dct:temporal", None, {"temporal"}),
        ("dct:spatial", None, {"spatial"}),
        ("dct:accrualPeriodicity", None, {"frequency", "punctual"}),
        ("dct:accrualPeriodicity", "UNKNOWN", {"frequency"}),
        ("dct:modified", "2026-09-01", {"punctual"}),
        ("dct:modified", None, {"punctual"}),
        ("healthdcatap:hasVariables", None, {"fields"}),
        ("dcat:distribution", [], {"licence", "format", "reachable"}),
        ("dcat:distribution", [FILE, FILE | {"dct:license": None}], {"licence"}),
        ("dcat:distribution", [FILE | {"dct:format": "pdf"}], {"format"}),
        ("dcat:distribution", [FILE | {"spdx:checksum": None}], {"reachable"}),
        ("dcat:distribution", [FILE | {"quanmin:reachable": False}], {"reachable"}),
    ],
)
def test_each_part_is_lost_by_itself(make, key, value, lost):
    found = parts(make() | GOOD | {key: value})
    assert {name for name, kept in found.items() if not kept} == lost


def test_what_owes_nothing_at_a_time_is_never_late(make):
    assert parts(make() | GOOD | {"dct:accrualPeriodicity": "IRREG", "dct:modified": "2001-01-01"})["punctual"]


def test_an_update_is_due_after_one_and_a_half_periods(make):
    assert due(read(make() | GOOD)) == date(2026, 12, 17)  # 31 days, half as many again, rounded


def test_a_live_interface_needs_no_checksum(make):
    live = {"dct:identifier": "f", "dcat:accessURL": "/api", "dct:format": "api", "dct:license": "cc-by"}
    assert parts(make() | GOOD | {"dcat:distribution": [live]})["reachable"]


def test_reasons_speak_both_languages(make):
    document = assess(read(make() | GOOD | {"dct:modified": "2020-01-01"}), TODAY).document()
    late = next(one for one in document["parts"] if one["name"] == "punctual")
    assert late["reason"] == {"zh": "逾期：应于 2020-02-16 前更新", "en": "late: an update was due by 2020-02-16"}
