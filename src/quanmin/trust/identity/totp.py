"""Codes of a phone by the time (TOTP, RFC 6238): six digits of an HMAC over the half-minute."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP, DIGITS, AROUND = 30, 6, 1
"""A code lasts `STEP` seconds and is taken one step early or late, as RFC 6238 §5.2 allows for slow hands and clocks."""


def new_seed() -> str:
    """A seed of 160 bits, in base 32 as phones read it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code(seed: bytes, step: int, digits: int = DIGITS, algorithm: str = "sha1") -> str:
    """The code of one step (RFC 4226 §5.3)."""
    mac = hmac.digest(seed, step.to_bytes(8, "big"), algorithm)
    place = mac[-1] & 15
    number = int.from_bytes(mac[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}}"


def step_of(at: datetime) -> int:
    """The number of the half-minute."""
    return int(at.timestamp()) // STEP


def match(seed: str, given: str, at: datetime, last: int) -> int | None:
    """The step whose code was given, if it is later than the `last` one used; a code is never good twice."""
    secret, now, found = base64.b32decode(seed), step_of(at), None
    if len(given) != DIGITS or not given.isascii() or not given.isdigit():
        return None
    for step in range(now - AROUND, now + AROUND + 1):
        same = hmac.compare_digest(code(secret, step), given)
        if same and step > last and found is None:
            found = step
    return found


def address(seed: str, site: str, account: str) -> str:
    """What a phone reads as a picture (otpauth)."""
    asked = urlencode({"secret": seed, "issuer": site, "digits": DIGITS, "period": STEP})
    return f"otpauth://totp/{quote(site)}:{quote(account)}?{asked}"
