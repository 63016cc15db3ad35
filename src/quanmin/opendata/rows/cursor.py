"""Where a page ended: the number of its last row, bound to the file and to the query, with a check that it was not changed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct

from quanmin.opendata.rows.errors import BadCursor, ForeignCursor

_PERSON = b"quanmin.rows"
_FORM = struct.Struct(">B8s8sI")
_VERSION = 1
_SHAPE = re.compile(r"[A-Za-z0-9_-]{38,40}")


def make(sha256: str, query: str, row: int) -> str:
    """The cursor behind a row."""
    body = _FORM.pack(_VERSION, bytes.fromhex(sha256)[:8], _digest(query.encode()), row)
    return base64.urlsafe_b64encode(body + _digest(body)).decode().rstrip("=")


def read(cursor: str, sha256: str, query: str, rows: int) -> int:
    """The number of the row that a cursor stands behind; BadCursor, ForeignCursor."""
    if not _SHAPE.fullmatch(cursor):
        raise BadCursor()
    try:
        whole = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (ValueError, binascii.Error):
        raise BadCursor() from None
    body, check = whole[: _FORM.size], whole[_FORM.size :]
    if len(whole) != _FORM.size + 8 or check != _digest(body):
        raise BadCursor()
    version, file, asked, row = _FORM.unpack(body)
    if version != _VERSION:
        raise BadCursor()
    if file != bytes.fromhex(sha256)[:8] or asked != _digest(query.encode()) or row >= rows:
        raise ForeignCursor()
    return int(row)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=8, person=_PERSON).digest()
