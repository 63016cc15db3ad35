"""The key ring: names, versions and states of keys with their wrapped bytes, one JSON document under a seal.

The seal is a keyed digest over all of it by a key of the ring's own, so that a state or a date cannot be edited either.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from quanmin.trust.errors import KeyUnreadable
from quanmin.trust.keys.errors import KeyUnknown, MasterWrong
from quanmin.trust.keys.master import Master
from quanmin.trust.keys.suite import context, suite

Kind = Literal["cipher", "block", "digest", "signature"]
State = Literal["active", "retired", "revoked", "destroyed"]
FORMAT = 1


@dataclass(frozen=True)
class Version:
    """One version of a key. `wrapped` is empty once it is destroyed; `public` is the open half of a signing key."""

    version: int
    kind: Kind
    suite: str
    state: State
    made: str
    wrapped: str
    public: str = ""

    def place(self, ring: str, name: str) -> bytes:
        """What the wrapped bytes are bound to: they open as this version of this key in this ring and nowhere else."""
        return context("key", ring, name, self.version, self.kind, self.suite)


@dataclass
class Ring:
    """All keys of an installation, the newest version of each last."""

    id: str
    revision: int
    master: dict[str, Any]
    seal_key: str
    keys: dict[str, list[Version]] = field(default_factory=dict)

    def newest(self, name: str) -> Version:
        """The version that new work uses."""
        try:
            return self.keys[name][-1]
        except (KeyError, IndexError):
            raise KeyUnknown(name=name, version="-") from None

    def version(self, name: str, number: int) -> Version:
        """One version of a key."""
        for one in self.keys.get(name, ()):
            if one.version == number:
                return one
        raise KeyUnknown(name=name, version=number)

    def put(self, name: str, version: Version) -> None:
        """Set a version in place of the one of its number, or after the last."""
        others = [one for one in self.keys.get(name, []) if one.version != version.version]
        self.keys[name] = sorted([*others, version], key=lambda one: one.version)

    def every(self) -> Iterator[tuple[str, Version]]:
        """All versions of all keys, by name."""
        for name in sorted(self.keys):
            yield from ((name, version) for version in self.keys[name])


def new(master: Master) -> Ring:
    """An empty ring under a master."""
    ring = Ring(secrets.token_hex(16), 0, master.describe(), "")
    ring.seal_key = encoded(master.wrap(secrets.token_bytes(32), context("seal", ring.id)))
    return ring


def dump(ring: Ring, master: Master) -> bytes:
    """The document with its seal."""
    body = {"format": FORMAT, **asdict(ring)}
    return _text({**body, "seal": _seal(body, ring, master)}) + b"\n"


def parse(text: bytes) -> tuple[Ring, dict[str, Any]]:
    """The ring and the document it came from, whose seal is not yet proven."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise KeyUnreadable(reason=f"format {document['format']!s:.20}")
        keys = {name: [Version(**one) for one in versions] for name, versions in document["keys"].items()}
        fields = {name: document[name] for name in ("id", "revision", "master", "seal_key")}
        return Ring(**fields, keys=keys), document
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyUnreadable(reason="keyring.json") from error


def prove(ring: Ring, document: dict[str, Any], master: Master) -> None:
    """MasterWrong unless the seal holds."""
    body = {name: value for name, value in document.items() if name != "seal"}
    if not hmac.compare_digest(_seal(body, ring, master), str(document.get("seal"))):
        raise MasterWrong


def rewrapped(ring: Ring, old: Master, new: Master) -> Ring:
    """The same keys under another master."""
    result = replace(ring, master=new.describe(), keys={name: list(versions) for name, versions in ring.keys.items()})
    place = context("seal", ring.id)
    result.seal_key = encoded(new.wrap(old.unwrap(decoded(ring.seal_key), place), place))
    for name, version in ring.every():
        if version.wrapped:
            place = version.place(ring.id, name)
            key = old.unwrap(decoded(version.wrapped), place)
            result.put(name, replace(version, wrapped=encoded(new.wrap(key, place))))
    return result


def encoded(data: bytes) -> str:
    """Bytes as JSON holds them."""
    return base64.b64encode(data).decode()


def decoded(text: str) -> bytes:
    """The bytes again."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise KeyUnreadable(reason="keyring.json") from error


def _seal(body: dict[str, Any], ring: Ring, master: Master) -> str:
    key = master.unwrap(decoded(ring.seal_key), context("seal", ring.id))
    return suite(str(ring.master["suite"])).mac(key, _text(body)).hex()


def _text(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, indent=1).encode()
