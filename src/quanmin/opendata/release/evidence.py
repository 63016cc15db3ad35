"""The evidence of a release: a canonical JSON document and a signature over it by the key that signs the audit's heads.

It is published with the data, so it holds no count that rounding hides: how many rows there were, how many people a finding is
about. The signature names its algorithm and key; `keys/audit.pub` of the installation is what an outsider checks it with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from quanmin.opendata.release.errors import EvidenceUnreadable
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust.audit.signature import StoreSigner

CONTEXT = b"quanmin release evidence v1\n"
"""Stands before what is signed, so that a signature of a head is never one of evidence."""
VERSION = 1
LARGEST = 20_000_000


def canonical(document: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8: the same document is the same bytes."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def signed(settings: Settings, statement: Mapping[str, Any]) -> bytes:
    """The evidence file of a statement."""
    signer = StoreSigner.open(settings)
    signature = signer.sign(CONTEXT + canonical(statement))
    by = {"algorithm": signer.public.algorithm, "key": signer.public.key, "value": signature.hex()}
    return canonical({"statement": statement, "signature": by})


def read(content: bytes, file: str = "?") -> dict[str, Any]:
    """The parts of an evidence file; EvidenceUnreadable. Nothing is checked but its shape."""
    if len(content) > LARGEST:
        raise EvidenceUnreadable(file=file, reason=Text("过大", "too large"))
    try:
        told = json.loads(content)
        whole = isinstance(told["statement"], dict) and all(
            isinstance(told["signature"][name], str) for name in ("algorithm", "key", "value")
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise EvidenceUnreadable(file=file, reason=Text("结构不符", "not of the expected shape"))
    return dict(told)


def holds(settings: Settings, content: bytes) -> bool:
    """Whether a file is canonical and this installation's key signed it."""
    told = read(content)
    public = StoreSigner.open(settings).public
    by = told["signature"]
    try:
        value = bytes.fromhex(by["value"])
        whole = canonical(told) == content
    except ValueError:
        return False
    mine = (by["algorithm"], by["key"]) == (public.algorithm, public.key)
    return whole and mine and public.holds(CONTEXT + canonical(told["statement"]), value)


def digest(content: bytes) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()
