"""A proof's document, read strictly: one canonical JSON object whose members are all known, all used, and whole."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quanmin.exchange.canonical import canonical, digest
from quanmin.exchange.log.entry import Entry
from quanmin.exchange.log.line import entry as read_line
from quanmin.exchange.log.line import line
from quanmin.exchange.member import directory as directories
from quanmin.exchange.member.member import Directory
from quanmin.trust.audit.proof import Inclusion
from quanmin.trust.audit.signature import SignedHead

_MEMBERS = frozenset({"proof", "version", "subject", "messages", "batches", "delivery", "directory", "digest"})


@dataclass(frozen=True)
class Message:
    """A message of a proof: its place in the log, the link before it, and the path to the root of its batch."""

    sequence: int
    entry: Entry
    line: str
    before: bytes
    path: tuple[bytes, ...]
    batch: int


@dataclass(frozen=True)
class Root:
    """A batch of a proof: `first` to `last`, root and last link, as the audit's line has them; the head above; its stamp."""

    first: int
    last: int
    root: bytes
    link: bytes
    inclusion: Inclusion
    head: SignedHead
    token: bytes | None


@dataclass(frozen=True)
class Proof:
    """A proof, read."""

    kind: str
    id: str
    messages: tuple[Message, ...]
    batches: tuple[Root, ...]
    directory: Directory
    manifest: bytes | None = None
    receipt: str | None = None


def read(content: bytes) -> Proof:
    """A proof from its bytes; ValueError where they are none or not all that was made."""
    try:
        return _read(content)
    except (KeyError, TypeError, AttributeError, RecursionError, LookupError) as error:
        raise ValueError(type(error).__name__) from error


def _read(content: bytes) -> Proof:
    told = json.loads(content)
    if not isinstance(told, dict) or canonical(told) != content or told.keys() != _MEMBERS:
        raise ValueError("not canonical")
    _same([told["proof"], told["version"]], ["quanmin exchange", 1])
    _same(told["digest"], digest({name: value for name, value in told.items() if name != "digest"}))
    if not all(isinstance(told[name], list) for name in ("messages", "batches")):
        raise ValueError("messages, batches")
    batches = tuple(_batch(one) for one in told["batches"])
    messages = tuple(_message(one, len(batches)) for one in told["messages"])
    _same(sorted({one.batch for one in messages}), list(range(len(batches))))
    subject, directory = told["subject"], directories.read(told["directory"])
    _same(directories.document(directory), told["directory"])
    _known(subject, "kind", "id")
    papers = told["delivery"]
    if papers is not None:
        _known(papers, "manifest", "receipt")
        if not isinstance(papers["receipt"], str):
            raise ValueError("receipt")
        manifest = None if papers["manifest"] is None else papers["manifest"].encode()
        return Proof(subject["kind"], subject["id"], messages, batches, directory, manifest, papers["receipt"])
    return Proof(subject["kind"], subject["id"], messages, batches, directory)


def _message(told: Mapping[str, Any], batches: int) -> Message:
    _known(told, "line", "before", "path", "body", "batch")
    body = None if told["body"] is None else _decoded(told["body"])
    sequence, entry = read_line(told["line"], body)
    _same(line(sequence, entry), told["line"])
    path, before = _path(told["path"]), _hash(told["before"])
    if type(told["batch"]) is not int or not 0 <= told["batch"] < batches:
        raise ValueError("batch")
    return Message(sequence, entry, told["line"], before, path, told["batch"])


def _batch(told: Mapping[str, Any]) -> Root:
    _known(told, "audit", "head", "token")
    own = told["audit"]
    _known(own, *Inclusion._fields)
    inclusion = Inclusion(**{**own, "path": _path(own["path"])})
    _same(inclusion.document(), own)
    if not type(inclusion.sequence) is type(inclusion.size) is int:
        raise ValueError("sequence, size")
    head = SignedHead.read(told["head"], "head")
    _same(head.document(), told["head"])
    event = json.loads(inclusion.line)
    fields = event["fields"]
    _same([event["event"], event["sequence"]], ["exchange.batch", inclusion.sequence])
    token = None if told["token"] is None else _decoded(told["token"])
    first, last = fields["first"], fields["last"]
    if not type(first) is type(last) is int:
        raise ValueError("first, last")
    return Root(first, last, _hash(fields["root"]), _hash(fields["link"]), inclusion, head, token)


def _known(told: Mapping[str, Any], *names: str) -> None:
    _same(sorted(told), sorted(names))


def _same(one: object, other: object) -> None:
    """Equal, and written alike: `1` is neither `true` nor `1.0`."""
    if canonical({"": one}) != canonical({"": other}):
        raise ValueError("not as it was made")


def _path(steps: object) -> tuple[bytes, ...]:
    if not isinstance(steps, list):
        raise ValueError("path")
    return tuple(_hash(step) for step in steps)


def _hash(text: str) -> bytes:
    made = bytes.fromhex(text)
    if len(made) != 32 or made.hex() != text:
        raise ValueError("hash")
    return made


def _decoded(text: str) -> bytes:
    made = base64.b64decode(text, validate=True)
    _same(base64.b64encode(made).decode(), text)
    return made
