"""Records with files of every kind, made by code: what a portal has to show."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from quanmin import standards
from quanmin.opendata import Portal
from quanmin.opendata.catalogue import variables

YEARS, PLACES = range(2019, 2025), (("110000", "北京"), ("310000", "上海"), ("420000", "湖北"))
ENDINGS = {"jpeg": "jpg"}


def table() -> pa.Table:
    """Beds by year and province, as text; one figure is hidden."""
    rows = [
        (str(year), code, str(1000 + 37 * at + 11 * (year - 2019)))
        for year in YEARS
        for at, (code, _) in enumerate(PLACES)
    ]
    rows[4] = (*rows[4][:2], "*")
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(("year", "region_code", "beds"))})


def parquet(made: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(made, out, compression="zstd")
    return out.getvalue()


def csv_of(made: pa.Table) -> bytes:
    lines = [",".join(made.column_names), *(",".join(row.values()) for row in made.to_pylist())]
    return b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n"


def png(width: int, height: int, real: bool = True) -> bytes:
    """A picture in one colour; not `real`: a head that says so and no picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    body = zlib.compress(b"".join(b"\0" + b"\x2b\x6c\xb0" * width for _ in range(height))) if real else b""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def mp3() -> bytes:
    """A second of silence: frames of MPEG 1 layer III, 128 kbit/s, 44.1 kHz."""
    return (b"\xff\xfb\x90\x00" + bytes(413)) * 38


def mp4() -> bytes:
    return struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom") + struct.pack(">I4s", 8, b"moov")


def geojson(review: str | None = None) -> bytes:
    points = [(114.3, 30.6, "武汉"), (112.2, 30.3, "荆州"), (111.3, 30.7, "宜昌")]
    features: list[dict[str, Any]] = [
        {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Point", "coordinates": [x, y]}}
        for x, y, name in points
    ]
    ring = [[111, 30], [115, 30], [115, 31.5], [111, 31.5], [111, 30]]
    features.append({"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    return json.dumps(
        {"type": "FeatureCollection", "features": features, **({"review_number": review} if review else {})}
    ).encode()


def xlsx(made: pa.Table) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(made.column_names)
    for row in made.to_pylist():
        sheet.append(list(row.values()))
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook that expands to 200 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as held:
        held.writestr("xl/worksheets/sheet1.xml", bytes(200 << 20))
    return out.getvalue()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as held:
        held.writestr("说明.txt", "说明")
        held.writestr("data/beds.csv", csv_of(table()))
    return out.getvalue()


def distribution(portal: Portal, name: str, kind: str, content: bytes, number: str | None = None) -> dict[str, Any]:
    """A file of the portal as a record has it."""
    kept = portal.storage.keep(content)
    return {
        "dct:identifier": number or kind,
        "dcat:accessURL": f"/datasets/{name}",
        "dcat:downloadURL": f"/files/{kept.sha256}.{ENDINGS.get(kind, kind)}",
        "dct:format": kind,
        "dct:license": "cc-by",
        "dcat:byteSize": kept.size,
        "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": kept.sha256},
    }


def record(name: str, zh: str, en: str, files: list[dict[str, Any]], **parts: Any) -> dict[str, Any]:
    """A good record; parts by their key with `__` for the colon, None takes one away."""
    document = {
        "@type": "dcat:Dataset",
        "dct:identifier": f"id.{name}",
        "quanmin:name": name,
        "dct:title": {"zh": zh, "en": en},
        "dct:description": {
            "zh": f"{zh}。按年和省级地区分列，每年更新一次。" * 4,
            "en": f"{en}, by year and province. " * 4,
        },
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫生健康委员会", "en": "Health Commission"}},
        "quanmin:access": "public",
        "dcat:theme": ["HEAL"],
        "quanmin:area": ["public_health"],
        "dcat:keyword": {"zh": ["床位", "医院"], "en": ["beds", "hospitals"]},
        "dct:accrualPeriodicity": "ANNUAL",
        "dct:temporal": [{"dcat:startDate": "2019-01-01", "dcat:endDate": "2024-12-31"}],
        "dct:spatial": [{"dct:identifier": "420000", "skos:prefLabel": {"zh": "湖北省", "en": "Hubei"}}],
        "dct:issued": "2026-01-15",
        "dct:modified": "2026-10-01",
        "dcat:version": "1.0",
        "dcat:distribution": files,
    }
    named = {key.replace("__", ":"): value for key, value in parts.items()}
    return {key: value for key, value in (document | named).items() if value is not None}


def beds(portal: Portal) -> dict[str, Any]:
    """A table in three formats, with its evidence, fields and where it comes from."""
    made, name = table(), "hospital-beds-3"
    files = [
        distribution(portal, name, "parquet", parquet(made)),
        distribution(portal, name, "csv", csv_of(made)),
        distribution(portal, name, "xlsx", xlsx(made)),
        {
            **distribution(portal, name, "json", b'{"evidence": true}', "evidence"),
            "dct:title": {"zh": "披露审查证据", "en": "Disclosure evidence"},
        },
    ]
    files.append({"dct:identifier": "api", "dcat:accessURL": f"/data/v1/datasets/{name}/rows", "dct:format": "api"})
    fields = variables(standards.catalogue().datasets["public_security.household_registration"])
    return record(
        name,
        "各省医院床位",
        "Hospital beds by province",
        files,
        healthdcatap__hasVariables=fields,
        quanmin__agreement=["AG-2026-7"],
        dct__source=["public_security.household_registration"],
        quanmin__release="release-12",
        dct__provenance={"zh": "由年报汇总", "en": "Summed up from yearly reports"},
        dcat__inSeries="beds-series-1",
    )


def gallery(portal: Portal) -> dict[str, Any]:
    """A file of every other kind."""
    name = "gallery-1"
    contents = {
        "png": png(320, 120),
        "geojson": geojson(),
        "mp3": mp3(),
        "mp4": mp4(),
        "pdf": b"%PDF-1.4\n%%EOF\n",
        "txt": "说明文字 <script>alert(1)</script>\n".encode() * 30,
        "zip": zipped(),
    }
    files = [distribution(portal, name, kind, content) for kind, content in contents.items()]
    files.append({"dct:identifier": "api", "dcat:accessURL": f"/data/v1/datasets/{name}/rows", "dct:format": "api"})
    return record(name, "各类文件", "Files of every kind", files, dcat__theme=["HEAL", "GOVE"])


def fill(portal: Portal) -> list[str]:
    """Publish what a portal has to show; the names."""
    catalogue = portal.catalogue
    series = record("beds-series-1", "医院床位系列", "A series of hospital beds", [])
    made = [beds(portal), gallery(portal), {**series, "@type": "dcat:DatasetSeries"}]
    made += [
        record(
            f"{kind}-9",
            zh,
            en,
            [distribution(portal, f"{kind}-9", "csv", csv_of(table().append_column("kind", [[kind] * 18])))],
            quanmin__access=kind,
        )
        for kind, zh, en in (
            ("registered", "登记后开放的数据", "Data for those who registered"),
            ("application", "申请后开放的数据", "Data on application"),
            ("closed", "不开放的数据", "Data that are not open"),
        )
    ]
    made.append(record("gone-1", "将撤回的数据", "Data to be withdrawn", [], dct__isReplacedBy="hospital-beds-3"))
    made.append(record("long-1", "长" * 500, "long" * 125, [], dct__description={"zh": "<b>x</b>&", "en": "<i>y</i>"}))
    catalogue.publish_all(made, "officer")
    catalogue.withdraw("gone-1", "口径有误", "officer")
    return [str(one["quanmin:name"]) for one in made]
