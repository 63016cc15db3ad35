"""The signed receipt: what a receiver says of a delivery it took in or refused, so that it cannot be denied afterwards.

A compact JWS (RFC 7515) over canonical JSON, with `alg` `Ed25519` (RFC 9864); in the national suite the same form
with `alg` `SM2-SM3` and the signature of an SM2 key. It is made once and repeated byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from quanmin.exchange.canonical import canonical
from quanmin.exchange.delivery.errors import ReceiptRefused
from quanmin.exchange.delivery.manifest import Manifest
from quanmin.exchange.member.member import Directory, Identity
from quanmin.exchange.message import compact

Outcome = Literal["accepted", "refused", "recalled"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
TYPE = "quanmin-receipt+jws"
LONGEST = 64 << 10


@dataclass(frozen=True)
class Receipt:
    """What is signed: `manifest` is the digest of the delivery's manifest; accepted + quarantined are all rows that were sent.

    Of a delivery that is refused as a whole every row is quarantined, and `code` is that of the error.
    """

    delivery: str
    manifest: str
    agreement: str
    sender: str
    receiver: str
    outcome: Outcome
    rows: int
    accepted: int
    quarantined: int
    at: datetime
    code: str | None = None

    def text(self) -> bytes:
        """The canonical JSON."""
        return canonical(asdict(self) | {"at": self.at.isoformat()})


def sign(identity: Identity, receipt: Receipt) -> str:
    """The compact JWS; the key stays where it is."""
    return compact.signed(identity, TYPE, receipt.text())


def read(text: str) -> Receipt:
    """What a receipt says, whoever signed it. ReceiptRefused."""
    try:
        told = json.loads(compact.decoded(text.split(".")[1]))
        if not isinstance(told, dict):
            raise ValueError("no object")
        made = Receipt(**told | {"at": datetime.fromisoformat(told["at"])})
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise ReceiptRefused(delivery="?", fault="form") from None
    numbers = (made.rows, made.accepted, made.quarantined)
    words = (made.delivery, made.manifest, made.agreement, made.sender, made.receiver, made.code or "")
    sound = all(isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in numbers)
    if not sound or not all(isinstance(one, str) for one in words) or made.at.tzinfo is None:
        raise ReceiptRefused(delivery="?", fault="form")
    if made.outcome not in OUTCOMES or made.accepted + made.quarantined != made.rows:
        raise ReceiptRefused(delivery=made.delivery[:80], fault="outcome or counts")
    return made


def verify(directory: Directory, text: Any, manifest: Manifest, now: datetime, skew: timedelta) -> Receipt:
    """A receipt of this delivery, this manifest, by its receiver's key that counted when it was signed. ReceiptRefused."""
    fault = _fault_of_form(text)
    if fault:
        raise ReceiptRefused(delivery=manifest.id, fault=fault)
    header, told = _header(text, manifest), read(text)
    named = directory.named(str(header.get("kid")))
    if named is None or named[0].id != manifest.receiver or not named[0].active:
        raise ReceiptRefused(delivery=manifest.id, fault="not of its receiver")
    key = named[1]
    if key.use != "signature" or compact.ALGORITHMS.get(key.algorithm) != header.get("alg") or not key.holds(told.at):
        raise ReceiptRefused(delivery=manifest.id, fault="a key that does not count")
    if not compact.holds(key, text):
        raise ReceiptRefused(delivery=manifest.id, fault="signature")
    if told.at > now + skew or told.at < manifest.made - skew:
        raise ReceiptRefused(delivery=manifest.id, fault="time")
    _of(told, manifest)
    return told


def _of(told: Receipt, manifest: Manifest) -> None:
    """The receipt is of this delivery and no other, and of all of it."""
    said = (told.delivery, told.manifest, told.agreement, told.sender, told.receiver)
    if said != (manifest.id, manifest.digest(), manifest.agreement, manifest.sender, manifest.receiver):
        raise ReceiptRefused(delivery=manifest.id, fault="of another delivery")
    if manifest.rows is not None and told.rows != manifest.rows:
        raise ReceiptRefused(delivery=manifest.id, fault="another number of rows")


def _fault_of_form(text: Any) -> str | None:
    if not isinstance(text, str) or len(text) > LONGEST or not text.isascii() or text.count(".") != 2:
        return "form"
    return None


def _header(text: str, manifest: Manifest) -> Mapping[str, Any]:
    header = compact.header_of(text, TYPE)
    if header is None:
        raise ReceiptRefused(delivery=manifest.id, fault="header")
    return header
