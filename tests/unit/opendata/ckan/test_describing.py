"""What a client means who sends a package back with something changed."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from quanmin.opendata.ckan.describing import describe
from quanmin.opendata.ckan.errors import ValuesWrong
from quanmin.opendata.ckan.package import Look, Standing, package

LOOK = Look("zh", "https://data.example.org")
DOCUMENT = {
    "@type": "dcat:Dataset",
    "dct:identifier": "r1",
    "quanmin:name": "r-1",
    "dct:title": {"zh": "旧题", "en": "old"},
    "dct:description": {"zh": "说明"},
    "dcat:keyword": {"zh": ["甲", "乙"], "en": ["a"]},
    "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫"}},
    "quanmin:access": "public",
    "dcat:theme": ["HEAL"],
    "dcat:contactPoint": {"vcard:fn": "处", "vcard:hasEmail": "a@b", "vcard:hasTelephone": "1"},
    "dcat:distribution": [
        {"dct:identifier": "d", "dcat:accessURL": "https://a.example/", "dct:title": {"zh": "表", "en": "t"}}
    ],
    "dct:temporal": [{"dcat:startDate": "2025"}],
    "quanmin:extras": {"free": "x"},
}
SHOWN = package(DOCUMENT, Standing(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)), LOOK)


def changed(**more: Any) -> dict[str, Any]:
    """The document after a package came back whole with these changed."""
    return describe(copy.deepcopy(SHOWN) | more, SHOWN, DOCUMENT, LOOK)


@pytest.mark.parametrize(
    ("sent", "part", "said"),
    [
        ({}, "dct:title", {"zh": "旧题", "en": "old"}),
        ({"title": "新题"}, "dct:title", {"zh": "新题", "en": "old"}),
        ({"title_translated": {"zh": "新题", "en": "new"}}, "dct:title", {"zh": "新题", "en": "new"}),
        ({"title_translated": {"zh": "新题", "en": "new"}, "title": "新题"}, "dct:title", {"zh": "新题", "en": "new"}),
        ({"title_translated": '{"en": "new"}'}, "dct:title", {"en": "new"}),
        ({"notes": "n"}, "dct:description", {"zh": "n"}),
        ({"tags": [{"name": "乙"}, {"name": "b"}, {"name": "丙"}]}, "dcat:keyword", {"zh": ["乙", "丙"], "en": ["b"]}),
        ({"tags": []}, "dcat:keyword", None),
        ({"keywords": {"zh": ["丁"]}}, "dcat:keyword", {"zh": ["丁"]}),
        ({"groups": [{"name": "soci"}]}, "dcat:theme", ["SOCI"]),
        ({"groups": []}, "dcat:theme", None),
        ({"maintainer": "新处"}, "dcat:contactPoint", DOCUMENT["dcat:contactPoint"] | {"vcard:fn": "新处"}),
        ({"maintainer_email": ""}, "dcat:contactPoint", {"vcard:fn": "处", "vcard:hasTelephone": "1"}),
        ({"license_id": "CC-BY"}, "dct:license", "cc-by"),
        ({"access_rights": "closed"}, "quanmin:access", "closed"),
        ({"url": "https://data.example.org/datasets/r-1"}, "dcat:landingPage", None),
        ({"url": "https://b.example/"}, "dcat:landingPage", "https://b.example/"),
        ({"extras": [{"key": "free", "value": "y"}]}, "dct:temporal", None),
        ({"extras": [{"key": "free", "value": "y"}]}, "quanmin:extras", {"free": "y"}),
        ({"extras": [{"key": "dct:temporal", "value": "[1]"}]}, "dct:temporal", [1]),
        ({"resources": []}, "dcat:distribution", None),
        ({"owner_org": "other", "metadata_modified": "x", "num_tags": 9}, "dct:publisher", DOCUMENT["dct:publisher"]),
    ],
)
def test_the_part_that_differs_from_what_was_shown_is_meant(sent: dict[str, Any], part: str, said: Any):
    made = changed(**sent)
    assert made.get(part) == said
    others = {"free": "quanmin:extras"} if "extras" in sent else {}
    rest = (
        {key for key in DOCUMENT if key != part}
        - set(others.values())
        - ({"dct:temporal"} if "extras" in sent else set())
    )
    assert {key: made.get(key) for key in rest} == {key: DOCUMENT[key] for key in rest}


@pytest.mark.parametrize(
    ("sent", "part", "said"),
    [
        ({"name": "新表"}, "dct:title", {"zh": "新表", "en": "t"}),
        ({"name_translated": {"zh": "x"}}, "dct:title", {"zh": "x"}),
        ({"description": "y"}, "dct:description", {"zh": "y"}),
        ({"format": ".CSV"}, "dct:format", "csv"),
        ({"url": "https://c.example/"}, "dcat:accessURL", "https://c.example/"),
        ({"url": "https://data.example.org/page"}, "dcat:accessURL", "/page"),
        ({"size": "12"}, "dcat:byteSize", 12),
        (
            {"hash": "ab", "hash_algorithm": "sha256"},
            "spdx:checksum",
            {"spdx:algorithm": "sha256", "spdx:checksumValue": "ab"},
        ),
        ({"extras": [{"key": "adms:status", "value": "done"}]}, "adms:status", "done"),
    ],
)
def test_a_resource_likewise(sent: dict[str, Any], part: str, said: Any):
    made = changed(resources=[SHOWN["resources"][0] | sent])["dcat:distribution"][0]
    assert made[part] == said and made["dct:identifier"] == "d"


def test_a_download_beside_a_page():
    page = "https://a.example/page"
    made = changed(resources=[SHOWN["resources"][0] | {"url": "https://a.example/x.csv", "access_url": page}])
    one = made["dcat:distribution"][0]
    assert (one["dcat:accessURL"], one["dcat:downloadURL"]) == (page, "https://a.example/x.csv")


@pytest.mark.parametrize(
    "sent",
    [
        {"groups": "heal"},
        {"groups": [{"name": "none"}]},
        {"tags": {"name": "x"}},
        {"extras": "x"},
        {"extras": [{"key": "a"}]},
        {"extras": [{"key": "quanmin:release", "value": "1"}]},
        {"resources": {"url": "x"}},
        {"resources": [{"name": "no url"}]},
        {"url": "https://data.example.org/files/x.csv"},
        {"title_translated": "{"},
        {"license_id": "none"},
    ],
)
def test_what_cannot_be_meant_is_told_by_field(sent: dict[str, Any]):
    with pytest.raises(ValuesWrong) as failed:
        changed(**sent)
    assert failed.value.faults.keys() <= {*sent, "url"}
