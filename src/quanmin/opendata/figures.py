"""Figures that an installation counts of itself, published as an open dataset: a table as Parquet and CSV, and its record."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from quanmin import standards
from quanmin.opendata.portal import Portal
from quanmin.opendata.storage import Kept
from quanmin.text import Text


@dataclass(frozen=True)
class Figures:
    """A dataset of such figures. `fields` gives each column its title and CSVW datatype, in the order of `schema`."""

    name: str
    title: Text
    description: Text
    schema: pa.Schema
    fields: Mapping[str, tuple[Text, str]]
    themes: tuple[str, ...] = ("GOVE",)
    frequency: str = "DAILY"
    spatial: str | None = None
    period: tuple[date, date] | None = None

    def publish(self, portal: Portal, rows: Sequence[Mapping[str, Any]], actor: str) -> dict[str, Any]:
        """Keep the rows as Parquet and CSV, and publish the record; what it holds."""
        table = pa.Table.from_pylist([dict(one) for one in rows], self.schema)
        parquet = portal.storage.write(lambda out: pyarrow.parquet.write_table(table, out, compression="zstd"))
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\r\n")
        lines.writerow(self.schema.names)
        lines.writerows([_written(one[name]) for name in self.schema.names] for one in rows)
        plain = portal.storage.keep(b"\xef\xbb\xbf" + text.getvalue().encode())
        portal.catalogue.publish(self._document(portal, parquet, plain), actor)
        return {"record": self.name, "rows": len(rows), "parquet": parquet.sha256, "csv": plain.sha256}

    def _document(self, portal: Portal, parquet: Kept, plain: Kept) -> dict[str, Any]:
        today = portal.ledger.now().date().isoformat()
        office = portal.settings.contact_name
        column = [
            {"csvw:name": name, "csvw:title": title._asdict(), "csvw:datatype": kind}
            for name, (title, kind) in self.fields.items()
        ]
        made: dict[str, Any] = {
            "@type": "dcat:Dataset",
            "dct:identifier": self.name,
            "quanmin:name": self.name,
            "dct:title": self.title._asdict(),
            "dct:description": self.description._asdict(),
            "dct:publisher": {
                "dct:identifier": "portal",
                "foaf:name": {"zh": office or "开放数据门户", "en": office or "The open data portal"},
            },
            "quanmin:access": "public",
            "dcat:theme": list(self.themes),
            "dct:accrualPeriodicity": self.frequency,
            "dct:modified": today,
            "dcat:version": today,
            "dcat:distribution": [self._file(kept, form) for kept, form in ((parquet, "parquet"), (plain, "csv"))],
            "healthdcatap:hasVariables": [{"csvw:table": [{"csvw:column": column}]}],
        }
        if self.period:
            first, last = (day.isoformat() for day in self.period)
            made["dct:temporal"] = [{"dcat:startDate": first, "dcat:endDate": last}]
        if self.spatial:
            name = standards.catalogue().regions.name(self.spatial) or self.spatial
            made["dct:spatial"] = [{"dct:identifier": self.spatial, "skos:prefLabel": {"zh": name, "en": name}}]
        return made

    def _file(self, kept: Kept, form: str) -> dict[str, Any]:
        return {
            "dct:identifier": form,
            "dcat:accessURL": f"/datasets/{self.name}",
            "dcat:downloadURL": f"/files/{kept.sha256}.{form}",
            "dct:format": form,
            "dct:license": "cc-by",
            "dcat:byteSize": kept.size,
            "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": kept.sha256},
        }


def _written(value: Any) -> str:
    """A value as CSV has it; empty where there is none."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
