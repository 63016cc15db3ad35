"""Members of the exchange: agencies with their addresses and public keys, as the platform vouches for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol, get_args

from quanmin.exchange.canonical import canonical
from quanmin.exchange.errors import MemberUnknown

Use = Literal["signature", "encryption"]
Algorithm = Literal["ed25519", "sm2-sm3", "x25519"]
USES: tuple[Use, ...] = get_args(Use)
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)


@dataclass(frozen=True)
class Key:
    """A public key of a member: `id` is `<member>/<use>/<number>`; `public` the raw bytes in hex; it counts from `since` until
    `revoked`."""

    id: str
    use: Use
    algorithm: Algorithm
    public: str
    since: datetime
    revoked: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it counts at a time."""
        return self.since <= at and (self.revoked is None or at < self.revoked)


@dataclass(frozen=True)
class Member:
    """A member; `address` is the origin (`https://host:port`) of its node, None where it fetches and delivers only by itself.

    `certificates` are the SHA-256 fingerprints (hex) of the certificates with which its node may appear.
    """

    id: str
    title_zh: str
    title_en: str
    address: str | None
    keys: tuple[Key, ...] = ()
    certificates: tuple[str, ...] = ()
    active: bool = True

    def key(self, use: Use, at: datetime) -> Key | None:
        """The newest key for a use that counts at a time."""
        return next((one for one in reversed(self.keys) if one.use == use and one.holds(at)), None)


@dataclass(frozen=True)
class Directory:
    """Who takes part, as of a time; the platform (`authority`) signs its canonical text, and nodes keep a copy."""

    authority: str
    at: datetime
    members: Mapping[str, Member]
    key: str = ""
    signature: str = ""

    def member(self, name: str) -> Member:
        """One of them, active or not; MemberUnknown."""
        try:
            return self.members[name]
        except KeyError:
            raise MemberUnknown(member=name) from None

    def named(self, key: str) -> tuple[Member, Key] | None:
        """The key with this id and whose it is."""
        member = self.members.get(key.partition("/")[0])
        found = next((one for one in member.keys if one.id == key), None) if member else None
        return (member, found) if member and found else None

    def text(self) -> bytes:
        """The canonical bytes that are signed: all but the signature."""
        told = asdict(self, dict_factory=_plain)
        told["members"] = {name: asdict(one, dict_factory=_plain) for name, one in self.members.items()}
        return canonical({name: value for name, value in told.items() if name not in ("key", "signature")})


def _plain(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in pairs}


class Signer(NamedTuple):
    """A key that signs, chosen once: what names it and what it signs belong together, whichever key is the next.

    `key` is its id; `sign` gives 64 bytes with Ed25519, DER with SM2.
    """

    key: str
    algorithm: Algorithm
    sign: Callable[[bytes], bytes]


class Identity(Protocol):
    """The own side of a member: its name and the keys that never leave its home."""

    member: str

    @property
    def signer(self) -> Signer:
        """The key that signs now."""
        ...

    def unseal(self, sealed: bytes) -> bytes:
        """What was encrypted to this member (compact JWE); SealBroken."""
        ...
