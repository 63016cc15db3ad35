"""What the platform states of an agreement: its terms, both sides' signatures and its state at a time, signed by the platform.

Nodes keep such statements as their copies. They believe nothing of one that they cannot verify by the directory of members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from quanmin.errors import QuanminError
from quanmin.exchange.agreement import signature as signatures
from quanmin.exchange.agreement.document import terms_of
from quanmin.exchange.agreement.errors import CopyRefused
from quanmin.exchange.agreement.signature import Signature
from quanmin.exchange.agreement.workflow import STATES
from quanmin.exchange.canonical import canonical
from quanmin.exchange.member.member import Directory, Identity
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document
from quanmin.trust.agreed import IN_FORCE, SIDES, SUSPENDED

SIGNED = (IN_FORCE, SUSPENDED)
"""States that both signatures brought about, and that a copy proves by them."""
_FORM = "quanmin agreement v1"


@dataclass(frozen=True)
class Statement:
    """One version of an agreement at a time; `reason` is why it was refused, suspended or revoked."""

    terms: Terms
    state: str
    signatures: Mapping[str, Signature]
    at: datetime
    reason: str | None = None
    key: str = ""
    signature: str = ""

    def text(self) -> bytes:
        """The canonical bytes that the platform signs."""
        return canonical({"form": _FORM, **self._told()})

    def _told(self) -> dict[str, Any]:
        return {
            "terms": self.terms.to_dict(),
            "state": self.state,
            "signatures": {side: one.to_dict() for side, one in sorted(self.signatures.items())},
            "at": self.at.isoformat(),
            "reason": self.reason,
        }

    def to_dict(self) -> dict[str, Any]:
        """As JSON, with the platform's signature."""
        return {**self._told(), "key": self.key, "signature": self.signature}

    @classmethod
    def of(cls, document: Document, at: datetime, identity: Identity) -> Statement:
        """What is stated of a course now."""
        given = {side: Signature.read(one) for side, one in (document.data.get("signatures") or {}).items()}
        terms = Terms.read(document.data["terms"])
        reason = document.data.get("reason") if document.state in ("refused", SUSPENDED, "revoked") else None
        signer = identity.signer
        made = cls(terms, document.state, given, at, reason, signer.key)
        return replace(made, signature=signer.sign(made.text()).hex())

    @classmethod
    def read(cls, document: Any) -> Statement:
        """From JSON; CopyRefused where it is none."""
        try:
            given = {str(side): Signature.read(one) for side, one in document["signatures"].items()}
            at = datetime.fromisoformat(document["at"])
            told = [str(document[name]) for name in ("state", "key", "signature")]
            state, key, signature = told
            reason = document["reason"]
            terms = terms_of(document["terms"])
        except (AttributeError, KeyError, TypeError, ValueError, QuanminError):
            raise CopyRefused(agreement="-", reason="form") from None
        if at.tzinfo is None or state not in STATES or not isinstance(reason, str | None):
            raise CopyRefused(agreement=terms.cited[:40], reason="form")
        return cls(terms, state, given, at, reason, key, signature)

    def verify(self, directory: Directory, now: datetime, skew: timedelta) -> None:
        """Hold it against the directory: the platform's signature, and both sides' where it counts. CopyRefused."""
        terms, platform = self.terms, directory.authority
        if terms.authority != platform:
            raise CopyRefused(agreement=terms.cited, reason="authority")
        if self.at > now + skew:
            raise CopyRefused(agreement=terms.cited, reason="time")
        key = signatures.signing_key(directory, platform, self.key, self.at)
        if key is None or not signatures.holds(key, self.text(), self.signature):
            raise CopyRefused(agreement=terms.cited, reason="platform")
        if self.state not in SIGNED:
            return
        for side in SIDES:
            self._side(directory, side)

    def _side(self, directory: Directory, side: str) -> None:
        given = self.signatures.get(side)
        if given is None:
            raise CopyRefused(agreement=self.terms.cited, reason=side)
        try:
            signatures.verify(directory, self.terms, getattr(self.terms, side), given)
        except QuanminError:
            raise CopyRefused(agreement=self.terms.cited, reason=side) from None
