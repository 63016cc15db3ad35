"""The core metadata of Chinese government information resources as CSV, UTF-8 or GB 18030.

Source: 政务信息资源目录编制指南（试行），发改高技〔2017〕1272号. Columns are found by their names, in any order.
"""

from __future__ import annotations

import csv
import io
from urllib.parse import urljoin

from quanmin.opendata.faces.core_metadata import OPEN
from quanmin.opendata.harvest.fetch import Page
from quanmin.opendata.harvest.found import Batch, Broken, Found, code, distribution, whole, words

_NEEDED = ("信息资源代码", "信息资源名称")
_KINDS = {"整型": "integer", "数值型": "decimal", "布尔型": "boolean", "日期型": "date", "日期时间型": "dateTime"}


def read(page: Page) -> Batch:
    """A record a row; Broken."""
    rows = csv.reader(io.StringIO(_decoded(page.body), newline=""), strict=True)
    try:
        head = [one.strip() for one in next(rows, [])]
        if not set(_NEEDED) <= set(head) or len(set(head)) != len(head):
            raise Broken(f"no columns {', '.join(_NEEDED)}")
        return Batch([_row(dict(zip(head, row, strict=False)), page.address) for row in rows if any(row)])
    except csv.Error:
        raise Broken(f"line {rows.line_num}") from None


def _decoded(body: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Broken("neither UTF-8 nor GB 18030")


def _row(row: dict[str, str], base: str) -> Found:
    said = {name: _plain(value.strip()) for name, value in row.items()}
    name, where = said.get("信息资源提供方", ""), said.get("访问地址", "")
    formats = words(code("file_type", one) for one in said.get("信息资源格式", "").split("；"))
    themes = said.get("信息资源分类", "").rsplit("/", 1)[-1]
    parts = {
        "@type": "dcat:Dataset",
        "dct:title": {"zh": said["信息资源名称"]} if said.get("信息资源名称") else None,
        "dct:description": {"zh": said.get("信息资源摘要") or said.get("信息资源名称", "")},
        "dct:publisher": {"name": {"zh": name}, "id": said.get("信息资源提供方代码") or None} if name else None,
        "quanmin:access": _access(said.get("是否向社会开放", ""), said.get("开放条件", "")),
        "dcat:theme": words([code("theme", themes)]),
        "dct:accrualPeriodicity": code("frequency", said.get("更新周期")),
        "dct:issued": said.get("发布日期") or None,
        "healthdcatap:hasVariables": _items(said.get("信息项信息", "")),
        "quanmin:shareType": said.get("共享类型") or None,
        "quanmin:shareCondition": said.get("共享条件") or None,
        "quanmin:shareMode": said.get("共享方式") or None,
        "dct:source": [urljoin(base, where)] if where else None,
        "dcat:distribution": [
            distribution(number, dcat__accessURL=urljoin(base, where), dct__format=one)
            for number, one in enumerate(formats if where else [], 1)
        ],
    }
    return Found(said.get("信息资源代码", ""), whole(parts))


def _plain(value: str) -> str:
    """A cell without the apostrophe that kept a spreadsheet from reckoning."""
    return value[1:] if value[:1] == "'" and value[1:2] in ("=", "+", "-", "@") else value


def _access(opened: str, condition: str) -> str | None:
    for name, said in OPEN.items():
        if said == (opened, condition):
            return name
    return {"否": "closed", "是": "public" if not condition else "application"}.get(opened)


def _items(said: str) -> dict[str, object] | None:
    columns = []
    for one in said.split("；"):
        name, _, kind = one.rstrip("）)").replace("(", "（").rpartition("（")
        if name:
            columns.append({"csvw:name": name, "csvw:title": {"zh": name}, "csvw:datatype": _KINDS.get(kind, "string")})
    return {"csvw:table": [{"csvw:column": columns}]} if columns else None
