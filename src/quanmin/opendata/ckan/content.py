"""What an uploaded file is, by what it holds: its kind, whether it is whole and of bearable size once opened, and its text.

Accepted are the kinds whose text can be read here and looked through: tables (CSV, TSV, JSON, GeoJSON, NDJSON, XML, Parquet,
XLSX), plain text, and pictures (PNG, JPEG). Text is UTF-8. Nothing is opened that says it would become too large.
"""

from __future__ import annotations

import html
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from quanmin.opendata.ckan.errors import FileRefused
from quanmin.text import Text

PIECE = 1 << 20
MOST_EXPANDED, MOST_TIMES, MOST_MEMBERS = 1 << 30, 200, 10_000
MOST_PIXELS = 50_000_000
MOST_JSON = 64 << 20
_DEPTH_KEPT = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_ROW = re.compile(r"</(?:si|c|row|is)>|<br\s*/?>")
_SHOWN = (
    "xl/worksheets/",
    "xl/sharedStrings",
    "xl/comments",
    "xl/threadedComments",
    "xl/tables/",
    "docProps/",
    "xl/workbook.xml",
)
_HIDDEN = ("vbaproject", "embeddings/", "externallinks/", "activex", ".bin")
TEXTS = ("csv", "tsv", "txt", "json", "geojson", "ndjson", "xml")
KINDS = (*TEXTS, "parquet", "xlsx", "png", "jpeg")
"""Codes of the formats that are accepted."""


def refuse(zh: str, en: str) -> FileRefused:
    """The refusal of a file, with its reason."""
    return FileRefused(reason=Text(zh, en))


def kind(file: Path, declared: str | None) -> str:
    """The format of a file; FileRefused where it is not what was said, or nothing that is accepted."""
    with file.open("rb") as source:
        head = source.read(16)
    if not head:
        raise refuse("文件为空", "it is empty")
    found = _magic(head)
    if found is None:
        found = declared if declared in TEXTS else None if declared else "txt"
    if found is None or found not in KINDS or (declared is not None and declared != found):
        allowed = ", ".join(KINDS)
        raise refuse(f"内容与所称格式不符，或不属于：{allowed}", f"it is not of the format said, or none of: {allowed}")
    return found


def _magic(head: bytes) -> str | None:
    """The kind by the first bytes; None for a text."""
    known = {b"PK\x03\x04": "xlsx", b"PAR1": "parquet", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}
    for magic, name in known.items():
        if head.startswith(magic):
            return name
    foreign = (
        b"%PDF",
        b"GIF8",
        b"\x1f\x8b",
        b"7z\xbc\xaf",
        b"Rar!",
        b"\xd0\xcf\x11\xe0",
        b"\x7fELF",
        b"MZ",
        b"PK",
        b"BZh",
    )
    return "binary" if head.startswith(foreign) or b"\x00" in head else None


def texts(file: Path, found: str) -> Iterator[str]:
    """The text of a file in pieces that end where a line ends; FileRefused where it is not whole or too large."""
    readers: dict[str, Callable[[Path], Iterator[str]]] = {
        "json": _json,
        "geojson": _json,
        "ndjson": _ndjson,
        "xml": _xml,
        "parquet": _parquet,
        "xlsx": _workbook,
        "png": _picture,
        "jpeg": _picture,
    }
    return readers.get(found, _lines)(file)


def _lines(file: Path) -> Iterator[str]:
    with file.open("rb") as source:
        yield from _decoded(source)


def _decoded(source: BinaryIO) -> Iterator[str]:
    """UTF-8 in pieces of whole lines, a line that is too long in parts that overlap."""
    left = b""
    while block := source.read(PIECE):
        if b"\x00" in block:
            raise refuse("文本含有空字符", "the text holds NUL")
        block = left + block
        cut = block.rfind(b"\n") + 1
        if not cut and len(block) > 4 * PIECE:
            raise refuse("有一行过长", "a line is too long")
        left = block[cut:]
        yield _utf8(block[:cut])
    yield _utf8(left)


def _utf8(block: bytes) -> str:
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError:
        raise refuse("文本须为 UTF-8 编码", "text must be UTF-8") from None


def _json(file: Path) -> Iterator[str]:
    if file.stat().st_size > MOST_JSON:
        raise refuse("JSON 过大，请用 NDJSON 或 CSV", "the JSON is too large: use NDJSON or CSV")
    yield _unescaped(_utf8(file.read_bytes().removeprefix(b"\xef\xbb\xbf")))


def _unescaped(text: str) -> str:
    """JSON as text without its escapes, a member a line."""
    try:
        value = json.loads(text)
        return json.dumps(value, ensure_ascii=False, indent=0)
    except RecursionError:
        raise refuse("JSON 嵌套过深", "the JSON is nested too deep") from None
    except ValueError:
        raise refuse("不是有效的 JSON", "it is not valid JSON") from None


def _ndjson(file: Path) -> Iterator[str]:
    for piece in _lines(file):
        yield "\n".join(_unescaped(line) for line in piece.splitlines() if line.strip())


def _xml(file: Path) -> Iterator[str]:
    from xml.parsers import expat

    said: list[str] = []

    def stop(*_declared: object) -> None:
        raise refuse("XML 不得含 DTD 或实体", "XML may have no DTD and no entities")

    parser = expat.ParserCreate()
    parser.CharacterDataHandler = said.append
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = stop
    parser.StartElementHandler = lambda _name, attributes: said.extend(
        ("\n", *(f"{one}\n" for one in attributes.values()))
    )
    parser.EndElementHandler = lambda _name: said.append("\n")
    with file.open("rb") as source:
        try:
            while block := source.read(PIECE):
                parser.Parse(block)
                yield "".join(said)
                said[:] = ["".join(said)[-64:]]  # a number may stand across two blocks
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise refuse("XML 有误", "the XML is not well formed") from None


def _parquet(file: Path) -> Iterator[str]:
    try:
        with pq.ParquetFile(file) as source:
            meta = source.metadata
            if sum(meta.row_group(at).total_byte_size for at in range(meta.num_row_groups)) > MOST_EXPANDED:
                raise refuse("展开后过大", "it would be too large when opened")
            for batch in source.iter_batches(20_000):
                for column in batch.columns:
                    yield "\n".join(str(one) for one in column.to_pylist() if one is not None)
    except (pa.ArrowException, OSError, ValueError):
        raise refuse("Parquet 文件不完整", "the Parquet file is not whole") from None


def _workbook(file: Path) -> Iterator[str]:
    """The text of a workbook: its parts are opened one by one, never beyond what they may expand to."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _bearable(parts, file.stat().st_size)
            for part in parts:
                if part.filename.startswith(_SHOWN):
                    yield _part(archive, part)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError, ValueError):
        raise refuse("工作簿不完整", "the workbook is not whole") from None


def _bearable(parts: list[zipfile.ZipInfo], size: int) -> None:
    names = [part.filename for part in parts]
    if "[Content_Types].xml" not in names or not any(one.startswith("xl/") for one in names):
        raise refuse("压缩包不是 Excel 工作簿；请逐个上传文件", "the archive is no workbook: send files one by one")
    if any(mark in one.lower() for one in names for mark in _HIDDEN):
        raise refuse("工作簿不得含宏、嵌入对象或外部链接", "a workbook may have no macros, embedded objects or links")
    whole = sum(part.file_size for part in parts)
    if len(parts) > MOST_MEMBERS or whole > MOST_EXPANDED or whole > MOST_TIMES * max(size, PIECE // 16):
        raise refuse("展开后过大", "it would be too large when opened")


def _part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> str:
    """One part without its tags, a cell a line; it may not be longer than it says."""
    with archive.open(part) as source:
        content = source.read(part.file_size + 1)
    if len(content) > part.file_size:
        raise refuse("展开后过大", "it would be too large when opened")
    text = content.decode("utf-8", "replace")
    if _DEPTH_KEPT.search(text[:PIECE]):
        raise refuse("XML 不得含 DTD 或实体", "XML may have no DTD and no entities")
    return html.unescape(_TAG.sub("", _ROW.sub("\n", text)))


def _picture(file: Path) -> Iterator[str]:
    """A picture within bounds; its bytes as text, for what its notes may say."""
    with file.open("rb") as source:
        width, height = _png(source) if source.read(1) == b"\x89" else _jpeg(source)
    if not width or not height or width * height > MOST_PIXELS:
        raise refuse(f"图片须在 {MOST_PIXELS} 像素以内", f"a picture has at most {MOST_PIXELS} pixels")
    with file.open("rb") as source:
        while block := source.read(PIECE):
            yield block.decode("latin-1")


def _png(source: BinaryIO) -> tuple[int, int]:
    source.seek(8)
    head = source.read(16)
    if len(head) < 16 or head[4:8] != b"IHDR":
        raise refuse("图片不完整", "the picture is not whole")
    width, height = struct.unpack(">II", head[8:16])
    return width, height


def _jpeg(source: BinaryIO) -> tuple[int, int]:
    """Width and height of the first frame (ITU-T T.81, B.2.2)."""
    source.seek(2)
    for _ in range(1_000):
        head = source.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            break
        if 0xC0 <= head[1] <= 0xCF and head[1] not in (0xC4, 0xC8, 0xCC):
            frame = source.read(5)
            if len(frame) == 5:
                height, width = struct.unpack(">HH", frame[1:])
                return width, height
            break
        source.seek(max(struct.unpack(">H", head[2:])[0] - 2, 0), 1)
    raise refuse("图片不完整", "the picture is not whole")
