"""A dataset with its files, published as a release would."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from quanmin.opendata import Portal
from quanmin.opendata.rows.writing import csv

TABLE = pa.table(
    {
        "county": ["420100", "420200", "420100", None, "010"],
        "disease": ["高血压", "糖尿病", "=1+1", "高血压, 2 期", 'a "b"'],
        "age": pa.array([60, 70, None, 61, 5], pa.int16()),
        "cost": pa.array(["1.10", "22.00", "3.50", None, "0.01"]).cast(pa.decimal128(9, 2)),
        "day": pa.array(["2025-01-01", "2025-02-28", None, "2024-02-29", "2025-12-31"]).cast(pa.date32()),
    }
)


def parquet(table: pa.Table) -> bytes:
    """The table as a file."""
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=100_000)
    return out.getvalue()


def publish(portal: Portal, name: str = "beds", table: pa.Table = TABLE, **parts: Any) -> dict[str, str]:
    """Publish it (again, as a new version); the addresses of its files by format."""
    out = io.BytesIO()
    csv([table], table.schema, out, bom=True)
    files = {"parquet": parquet(table), "csv": out.getvalue()}
    kept = {ending: portal.storage.keep(content) for ending, content in files.items()}
    addresses = {ending: f"/files/{one.sha256}.{ending}" for ending, one in kept.items()}
    document: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "dct:identifier": f"id-{name}",
        "quanmin:name": name,
        "dct:title": {"zh": "床位", "en": "Beds"},
        "dct:description": {"zh": "说明", "en": "words"},
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫生健康委", "en": "Health"}},
        "quanmin:access": "public",
        "dcat:version": "1",
        "dcat:distribution": [
            {
                "dct:identifier": f"{name}-{ending}",
                "dct:title": {"zh": ending, "en": ending},
                "dcat:accessURL": f"/datasets/{name}",
                "dcat:downloadURL": addresses[ending],
                "dct:format": ending,
                "dcat:byteSize": one.size,
                "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": one.sha256},
            }
            for ending, one in kept.items()
        ],
    }
    portal.catalogue.publish({**document, **parts}, "tester")
    return addresses
