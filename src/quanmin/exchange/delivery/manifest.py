"""The offer of a delivery: what is sent, under which agreement, in which pieces, with a digest of everything.

Its canonical JSON is what is offered, and the digest of that is what the receipt signs. It is read strictly: a member that
is missing or unknown, a sum that does not fit, a size or a name that cannot be is refused by the member's address.
"""

from __future__ import annotations

import builtins
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from quanmin.exchange.canonical import canonical
from quanmin.exchange.delivery import schema as schemas
from quanmin.exchange.delivery.errors import FileNameRefused, ManifestBroken
from quanmin.exchange.delivery.schema import TableSchema

What = Literal["full", "change", "file", "feedback", "correction", "recall"]
Format = Literal["parquet", "ndjson", "csv", "as_sent"]
CONTENTS: tuple[What, ...] = get_args(What)
FORMATS: tuple[Format, ...] = get_args(Format)

MOST_CHUNKS = 20_000
MOST_BYTES = 1 << 40
CHUNK_BYTES = (32 << 20) * 4 // 3 + 4096
"""The largest chunk as it travels: 32 MiB in the base64 of a JWE, and its header."""
MOST_ROWS = 1 << 48
LONGEST_NAME = 200

_ID = re.compile(r"([a-z][a-z0-9_]{1,63})\.[0-9a-f]{24}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CITED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79};v=[1-9][0-9]{0,8}")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63})?")


@dataclass(frozen=True)
class Chunk:
    """A piece as it travels, numbered from 1: its length in bytes and its SHA-256 in hex."""

    number: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a delivery holds.

    `agreement` as it is cited (`A-2026-0001;v=2`); `event` its number among the sender's under that agreement; `file`, `bytes`
    and `sha256` are of the plain file, `rows` where they are known; `snapshot` is the state of the sender's lake that it tells,
    `since` the one it starts from; `answers` the delivery that it is about. The chunks are the file, compressed as one zstd
    stream where `compressed`, cut, and each encrypted to the receiver (compact JWE) where `sealed`. `schema` tells the rows of
    an NDJSON file.
    """

    id: str
    agreement: str
    sender: str
    receiver: str
    event: int
    content: What
    dataset: str
    format: Format
    file: str
    rows: int | None
    bytes: int
    sha256: str
    made: datetime
    sealed: bool
    compressed: bool
    chunks: tuple[Chunk, ...]
    snapshot: int | None = None
    since: int | None = None
    answers: str | None = None
    schema: TableSchema | None = None

    @property
    def terms(self) -> str:
        """The agreement without its version."""
        return self.agreement.partition(";")[0]

    @property
    def size(self) -> int:
        """Bytes of all chunks as they travel."""
        return sum(one.bytes for one in self.chunks)

    def summary(self) -> dict[str, Any]:
        """As JSON, with the number of chunks instead of each of them. A member `schema` is there only where there is one."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in _OPTIONAL}
        told |= {"schema": self.schema.to_dict()} if self.schema is not None else {}
        return told | {"made": self.made.isoformat(), "chunks": len(self.chunks)}

    def text(self) -> builtins.bytes:
        """The canonical JSON."""
        pieces = [{"number": one.number, "bytes": one.bytes, "sha256": one.sha256} for one in self.chunks]
        return canonical(self.summary() | {"chunks": pieces})

    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hex."""
        return hashlib.sha256(self.text()).hexdigest()

    def chunk(self, number: int) -> Chunk | None:
        """One of them."""
        return self.chunks[number - 1] if 1 <= number <= len(self.chunks) else None


_OPTIONAL = frozenset({"schema"})
_MEMBERS = frozenset(Manifest.__dataclass_fields__) - _OPTIONAL


def read(text: bytes) -> Manifest:
    """A manifest from its JSON. ManifestBroken, FileNameRefused."""
    try:
        told = json.loads(text, object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError):
        raise ManifestBroken(member="-", fault="JSON") from None
    if not isinstance(told, dict):
        raise ManifestBroken(member="-", fault="object")
    for name in sorted(_MEMBERS ^ (told.keys() - _OPTIONAL)):
        raise ManifestBroken(member=name if name in _MEMBERS else "?", fault="missing or unknown")
    made = _read(told)
    if made.text() != text:
        raise ManifestBroken(member="-", fault="not canonical")
    return made


def _read(told: Mapping[str, Any]) -> Manifest:
    sender, receiver = _text(told, "sender", _WORD), _text(told, "receiver", _WORD)
    own = _ID.fullmatch(number := _text(told, "id", _ID))
    if own is None or own[1] != sender:
        raise ManifestBroken(member="id", fault="not of its sender")
    if sender == receiver:
        raise ManifestBroken(member="receiver", fault="the sender itself")
    compressed, bytes_ = _truth(told, "compressed"), _whole(told, "bytes", 0, MOST_BYTES)
    chunks = _chunks(told["chunks"])
    sealed = _truth(told, "sealed")
    if not compressed and not sealed and sum(one.bytes for one in chunks) != bytes_:
        raise ManifestBroken(member="bytes", fault="not the sum of the chunks")
    return Manifest(
        id=number,
        agreement=_text(told, "agreement", _CITED),
        sender=sender,
        receiver=receiver,
        event=_whole(told, "event", 1, (1 << 31) - 1),
        content=_one_of(told, "content", CONTENTS),
        dataset=_text(told, "dataset", _WORD),
        format=_one_of(told, "format", FORMATS),
        file=checked_name(told["file"]),
        rows=None if told["rows"] is None else _whole(told, "rows", 0, MOST_ROWS),
        bytes=bytes_,
        sha256=_text(told, "sha256", _SHA256),
        made=_time(told["made"]),
        sealed=sealed,
        compressed=compressed,
        chunks=chunks,
        snapshot=None if told["snapshot"] is None else _whole(told, "snapshot", 0, 1 << 62),
        since=None if told["since"] is None else _whole(told, "since", 0, 1 << 62),
        answers=None if told["answers"] is None else _text(told, "answers", _ID),
        schema=_schema(told),
    )


def _schema(told: Mapping[str, Any]) -> TableSchema | None:
    if "schema" not in told:
        return None
    if told["format"] != "ndjson":
        raise ManifestBroken(member="schema", fault="not of ndjson")
    return schemas.read(told["schema"])


def checked_name(name: Any) -> str:
    """A name that is a name of a file and nothing more. FileNameRefused."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or name != name.strip() or name[0] == ".":
        raise FileNameRefused()
    if not name.isprintable() or {*name} & {*'/\\:*?"<>|'} or len(name.encode("utf-8", "replace")) > 240:
        raise FileNameRefused()
    if name != unicodedata.normalize("NFC", name) or name[-1] == ".":
        raise FileNameRefused()
    return name


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a member twice")
    return told


def _no_float(_text: str) -> Any:
    raise ValueError("a number that is not whole")


def _text(told: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str:
    value = told[name]
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ManifestBroken(member=name, fault="form")
    return value


def _whole(told: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = told[name]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ManifestBroken(member=name, fault=f"not a whole number of {least} to {most}")
    return value


def _truth(told: Mapping[str, Any], name: str) -> bool:
    value = told[name]
    if not isinstance(value, bool):
        raise ManifestBroken(member=name, fault="neither true nor false")
    return value


def _one_of(told: Mapping[str, Any], name: str, known: tuple[Any, ...]) -> Any:
    value = told[name]
    if not isinstance(value, str) or value not in known:
        raise ManifestBroken(member=name, fault=f"none of {', '.join(known)}")
    return value


def _time(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ManifestBroken(member="made", fault="form") from None
    if at.tzinfo is None:
        raise ManifestBroken(member="made", fault="without zone")
    return at


def _chunks(told: Any) -> tuple[Chunk, ...]:
    if not isinstance(told, list) or not 1 <= len(told) <= MOST_CHUNKS:
        raise ManifestBroken(member="chunks", fault=f"not 1 to {MOST_CHUNKS}")
    return tuple(_chunk(number, one) for number, one in enumerate(told, 1))


def _chunk(number: int, told: Any) -> Chunk:
    if not isinstance(told, dict) or told.keys() != {"number", "bytes", "sha256"} or told["number"] != number:
        raise ManifestBroken(member=f"chunks[{number}]", fault="members or number")
    try:
        return Chunk(number, _whole(told, "bytes", 0, CHUNK_BYTES), _text(told, "sha256", _SHA256))
    except ManifestBroken as error:
        raise ManifestBroken(
            member=f"chunks[{number}].{error.fields['member']}", fault=str(error.fields["fault"])
        ) from None
