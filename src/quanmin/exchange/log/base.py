"""A signature base (RFC 9421, section 2.5), read again: what was covered, so that a log's line can be held against it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from quanmin.exchange.log.entry import Entry
from quanmin.exchange.message.envelope import (
    AGREEMENT,
    CASE,
    FAULT,
    ID,
    RECEIVER,
    REQUEST,
    REQUEST_DIGEST,
    SENDER,
    case_written,
)
from quanmin.exchange.message.structured import Unreadable, inputs

_LINE = re.compile(r'("[!-~]+"(?:;[a-z]+)*): (.*)')
_PARAMETERS = '"@signature-params": '
_DIGEST = "content-digest"
_MUST = (ID, SENDER, RECEIVER, _DIGEST)


@dataclass(frozen=True)
class Base:
    """The covered values by component (a name alone, or `"name";req`), the key's id, and when it was signed."""

    values: Mapping[str, str]
    key: str
    created: datetime

    @property
    def answers(self) -> tuple[str | None, str | None]:
        """Of a response: id and digest of its request."""
        return self.values.get(REQUEST), self.values.get(REQUEST_DIGEST)

    @property
    def digest(self) -> str | None:
        """SHA-256 (hex) of the body, if that is among the digests."""
        found = re.search(r"(?:^|, ?)sha-256=:([A-Za-z0-9+/]{43}=):", self.values.get(_DIGEST, ""))
        return base64.b64decode(found[1]).hex() if found else None


def read(text: bytes) -> Base:
    """What a base says; ValueError where it is none, or leaves out what every message must cover."""
    *lines, last = text.decode("ascii").split("\n")
    if not last.startswith(_PARAMETERS):
        raise ValueError("no parameters")
    found = [_LINE.fullmatch(line) for line in lines]
    values = {one[1].strip('"') if one[1].endswith('"') else one[1]: one[2] for one in found if one is not None}
    told = inputs(f"own={last.removeprefix(_PARAMETERS)}")["own"]
    written = [one[1] for one in found if one is not None]
    if [one.text for one in told.components] != written or len(values) != len(lines):
        raise Unreadable("components")
    if any(name not in values for name in _MUST) or ("@status" in values) == ("@method" in values):
        raise Unreadable("what must be covered")
    key, created = told.parameters.get("keyid"), told.parameters.get("created")
    if not isinstance(key, str) or not isinstance(created, int) or isinstance(created, bool):
        raise Unreadable("keyid, created")
    return Base(values, key, datetime.fromtimestamp(created, UTC))


def differs(base: Base, entry: Entry) -> str | None:
    """The first member of an entry that is not what was signed. What a log notes of a request's end was not signed with it."""
    values = base.values
    signed: dict[str, tuple[object, object]] = {
        "message": (values[ID], entry.message),
        "sender": (values[SENDER], entry.sender),
        "receiver": (values[RECEIVER], entry.receiver),
        "key": (base.key, entry.key),
        "digest": (base.digest or entry.digest, entry.digest),
        "case": (values.get(CASE), case_written(entry.case)),
        "agreement": (_as(values.get(AGREEMENT), entry.agreement), entry.agreement),
    }
    if "@status" in values:
        fault = None if entry.fault is None else entry.fault.partition(" ")[0]
        signed |= {"request": (values.get(REQUEST), entry.request), "fault": (values.get(FAULT), fault)}
        signed |= {"status": (values["@status"], str(entry.status))}
    return next((name for name, (one, other) in signed.items() if one != other), None)


def _as(cited: str | None, told: str | None) -> str | None:
    """An agreement as it was cited; without its version where the log tells none."""
    return cited.partition(";")[0] if cited is not None and told is not None and ";" not in told else cited
