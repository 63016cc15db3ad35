"""Records of health data at each level of access, and who issues them."""

from __future__ import annotations

from typing import Any

import pytest

from quanmin import standards
from quanmin.opendata import faces
from quanmin.opendata.catalogue import check, variables
from quanmin.opendata.catalogue.record import Contact
from quanmin.opendata.faces.issuer import Body
from quanmin.text import Text

ORIGIN = "https://data.example.cn"
LAW = "http://data.europa.eu/eli/reg/2025/327/oj"


def health_record(access: str = "public", **parts: Any) -> dict[str, Any]:
    """A whole record; keywords (`dct__title`) change its parts, None takes one away."""
    sha256 = "ab" * 32
    document = {
        "@type": "dcat:Dataset",
        "dct:identifier": "hypertension-2025",
        "quanmin:name": "hypertension-2025",
        "dct:title": {"zh": "高血压患病率", "en": "Prevalence of hypertension"},
        "dct:description": {
            "zh": "按县和月份分列的高血压患病率。",
            "en": "Prevalence of hypertension by county and month.",
        },
        "dcat:keyword": {"zh": ["高血压"], "en": ["hypertension"]},
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫生健康委员会", "en": "Health Commission"}},
        "dcat:contactPoint": {"vcard:fn": "Data office", "vcard:hasEmail": "data@example.cn"},
        "quanmin:access": access,
        "dcat:theme": ["HEAL"],
        "dct:accrualPeriodicity": "MONTHLY",
        "dct:temporal": [{"dcat:startDate": "2025-01-01", "dcat:endDate": "2025-12-31"}],
        "dct:spatial": [{"dct:identifier": "420000", "skos:prefLabel": {"zh": "湖北省", "en": "Hubei"}}],
        "dct:issued": "2026-01-05",
        "dct:modified": "2026-11-01",
        "dcat:version": "1.2",
        "dct:type": "STATISTICAL",
        "dct:provenance": {"zh": "由登记汇总。", "en": "Compiled from registers."},
        "healthdcatap:healthCategory": ["HRAD"],
        "healthdcatap:hasVariables": variables(standards.catalogue().datasets["health.birth"]),
        "dcat:distribution": [
            {
                "dct:identifier": name,
                "dct:title": {"zh": "表", "en": "Table"},
                "dcat:accessURL": "/datasets/hypertension-2025",
                "dcat:downloadURL": f"/files/{sha256}.{name}",
                "dct:format": name,
                "dct:license": "cc-by",
                "dcat:byteSize": 1234,
                "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": sha256},
            }
            for name in ("csv", "parquet")
        ],
    }
    names = {key.replace("__", ":"): value for key, value in parts.items()}
    made = {key: value for key, value in (document | names).items() if value is not None}
    check(made)
    return made


def whole_issuer(**parts: Any) -> faces.Issuer:
    """An installation that says everything."""
    said: dict[str, Any] = {
        "origin": ORIGIN,
        "publisher": Text("湖北省卫生健康委员会", "Health Commission of Hubei"),
        "contact": Contact("Data office", "data@example.cn", None),
        "access_body": Body(Text("健康数据访问机构", "Health data access body"), "access@example.cn"),
        "legislation": (LAW,),
    }
    return faces.Issuer(**(said | parts))


@pytest.fixture
def record() -> Any:
    """Make a record."""
    return health_record


@pytest.fixture
def issuer() -> faces.Issuer:
    """Who issues it."""
    return whole_issuer()
