"""The catalogue in the core metadata of Chinese government information resources, as JSON, CSV and a workbook.

Source: 政务信息资源目录编制指南（试行），发改高技〔2017〕1272号, §5 目录核心元数据. What belongs to the sharing between agencies
(共享类型, 共享条件, 共享方式) stands in an agreement and is given where the record says it, else left empty.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from quanmin.opendata.catalogue.record import Document, Record, read
from quanmin.opendata.faces.issuer import Issuer

COLUMNS = (
    "信息资源分类",
    "信息资源代码",
    "信息资源名称",
    "信息资源摘要",
    "信息资源提供方",
    "信息资源提供方代码",
    "信息资源格式",
    "信息项信息",
    "共享类型",
    "共享条件",
    "共享方式",
    "是否向社会开放",
    "开放条件",
    "更新周期",
    "发布日期",
    "关联资源代码",
    "访问地址",
)
OPEN = {
    "public": ("是", "无条件开放"),
    "registered": ("是", "登记后开放"),
    "application": ("是", "申请后开放"),
    "closed": ("否", ""),
}
_TYPES = {
    "integer": "整型",
    "decimal": "数值型",
    "boolean": "布尔型",
    "date": "日期型",
    "dateTime": "日期时间型",
}
_BOM = b"\xef\xbb\xbf"
_LONGEST = 32_767
"""Characters that a cell of a workbook may have."""


def row(document: Document, issuer: Issuer) -> dict[str, str]:
    """One record by the names of the columns; what it does not say is empty."""
    record = read(document)
    opened, condition = OPEN[record.access.code]
    values = (
        "；".join(["主题信息资源类/卫生健康"] if any(one.code == "HEAL" for one in record.themes) else [])
        or "；".join(f"主题信息资源类/{one.title.zh}" for one in record.themes),
        record.id,
        record.title.zh,
        record.description.zh,
        record.publisher.name.zh,
        record.publisher.id,
        "；".join(one.title.zh for one in record.formats),
        _items(record),
        _said(document, "quanmin:shareType"),
        _said(document, "quanmin:shareCondition"),
        _said(document, "quanmin:shareMode"),
        opened,
        condition,
        record.frequency.title.zh if record.frequency else "",
        (record.issued or record.modified or "") and str(record.issued or record.modified),
        record.series or "",
        issuer.page(record.name),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _items(record: Record) -> str:
    named = ((one.title.zh or one.name, _TYPES.get(one.datatype, "字符型")) for one in record.variables)
    return "；".join(f"{name}（{kind}）" for name, kind in named)


def _said(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value if isinstance(value, str) else ""


def as_json(documents: Iterable[Document], issuer: Issuer) -> Iterator[bytes]:
    """A list of objects, in pieces."""
    yield b"["
    for number, document in enumerate(documents):
        yield (",\n" if number else "\n").encode() + json.dumps(row(document, issuer), ensure_ascii=False).encode()
    yield b"\n]\n"


def as_csv(documents: Iterable[Document], issuer: Issuer) -> Iterator[bytes]:
    """RFC 4180, UTF-8 with a byte order mark, in pieces."""
    yield _BOM + _line(COLUMNS)
    for document in documents:
        yield _line([_cell(one) for one in row(document, issuer).values()])


def _line(values: Iterable[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(values)
    return out.getvalue().encode()


def _cell(value: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula (OWASP, *CSV Injection*); an apostrophe makes it text."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def as_workbook(documents: Iterable[Document], issuer: Issuer) -> bytes:
    """One sheet; every cell is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("目录核心元数据")
    sheet.append(list(COLUMNS))
    for document in documents:
        cells = []
        for value in row(document, issuer).values():
            cell = WriteOnlyCell(sheet, value[:_LONGEST])
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
