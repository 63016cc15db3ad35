"""Passwords: what may be one, and how one is kept (scrypt, RFC 7914, with its cost beside it so that the cost can grow)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading
import unicodedata
from collections.abc import Iterable

from quanmin.trust.identity.errors import WeakPassword

SHORTEST, LONGEST = 12, 128
KEPT = 8
"""So many old passwords may not come back."""
_AT_ONCE = threading.BoundedSemaphore(2)  # each takes 128 MB; a flood of sign-ins must queue, not fill the memory

_COMMON = frozenset(
    """password passwort passw pass admin administrator root welcome letmein login qwerty qwertyuiop qwertz asdfgh asdfghjkl
    zxcvbn zxcvbnm iloveyou woaini woaiwojia dragon monkey master sunshine princess football baseball superman batman trustno
    shadow michael changeme default secret system security audit guest test testing user hospital doctor nurse health
    quanmin zhongguo beijing shanghai china renmin weisheng yiyuan yisheng mima wodemima abcdef abcdefg abcdefgh
    abcdefghijkl aaaaaa correcthorsebatterystaple onetwothreefour p""".split()
)
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv")
_LOOKS = str.maketrans("@4301!$57", "aaeoiisst")


def normalised(password: str) -> str:
    """One spelling of what was typed: full-width and composed forms are one."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, account: str, former: Iterable[str] = ()) -> None:
    """WeakPassword unless it may be the password of `account`; `former` are the digests of those used before."""
    reason = _weakness(normalised(password), account)
    if reason is None and any(matches(password, digest) for digest in former):
        reason = "used_before"
    if reason is not None:
        raise WeakPassword(reason=reason)


def _weakness(text: str, account: str) -> str | None:
    lower = text.lower()
    if len(text) < SHORTEST:
        return "too_short"
    if len(text) > LONGEST:
        return "too_long"
    if any(unicodedata.category(sign) == "Cc" for sign in text):
        return "control_character"
    if len(set(lower)) < 5:
        return "too_few_signs"
    if account in lower or account.replace("-", "") in lower:
        return "account_name"
    return "common" if _common(lower) else None


def _common(lower: str) -> bool:
    """Common words repeated or with digits and signs about them, runs of the keyboard, a date or number alone."""
    words = {re.sub(r"[^a-z]+", "", text) for text in (lower, lower.translate(_LOOKS))}
    stems = {re.sub(r"(.+?)\1+", r"\1", word) for word in words} | words
    if stems & _COMMON or not re.search(r"[^\d\s\W]", lower):
        return True
    rest = lower
    for run in _RUNS:
        for way in (run, run[::-1]):
            for size in range(len(way), 3, -1):
                for start in range(len(way) - size + 1):
                    rest = rest.replace(way[start : start + size], "")
    return len(rest) < 4


def digest(password: str, work: int) -> str:
    """What is kept of a password: `scrypt$17$8$1$salt$key`."""
    salt = secrets.token_bytes(16)
    return f"scrypt${work}$8$1${_text(salt)}${_text(_key(password, salt, work))}"


def matches(password: str, kept: str) -> bool:
    """Whether this is the password that was kept."""
    _, work, _, _, salt, key = kept.split("$")
    return hmac.compare_digest(_key(password, base64.b64decode(salt), int(work)), base64.b64decode(key))


def outdated(kept: str, work: int) -> bool:
    """Whether it was kept at a lower cost than is asked for today."""
    return int(kept.split("$")[1]) < work


def _key(password: str, salt: bytes, work: int) -> bytes:
    raw = normalised(password).encode("utf-8", "surrogatepass")
    with _AT_ONCE:
        return hashlib.scrypt(raw, salt=salt, n=1 << work, r=8, p=1, maxmem=(1 << work) * 1024 + (1 << 22), dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
