"""A key: `qm_`, a public half by which it is found, and a secret half of which a digest is kept."""

from __future__ import annotations

import hmac
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from quanmin.ledger import Ledger, database
from quanmin.ledger.table import ApiUseRow
from quanmin.opendata.keys.errors import BadKeyName, KeyRefused, TooManyKeys, UnknownKey
from quanmin.opendata.keys.use import Counter
from quanmin.redaction import redacted
from quanmin.trust.identity import credential
from quanmin.trust.identity.vault import plain_digest

KIND = "api_key"
MOST = 10
"""Keys that an account may have at a time."""
FRESH = 5.0
"""Seconds for which a key that was looked up is not looked up again: for so long one given up elsewhere still counts."""
KNOWN = 10_000
_FORM = re.compile(r"qm_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class Use(NamedTuple):
    """How often a key was used on a day (UTC)."""

    day: str
    requests: int


@dataclass(frozen=True)
class Key:
    """A key as its owner sees it: never the secret."""

    id: int
    name: str
    begins: str
    at: datetime
    use: tuple[Use, ...]


@dataclass(frozen=True)
class _Known:
    id: int
    account: str
    digest: str
    until: float


class Keys:
    """The keys of one installation. `active` says whether an account may still act. Safe to use from several threads."""

    def __init__(
        self,
        ledger: Ledger,
        active: Callable[[str], bool],
        day_quota: int,
        minute_quota: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger, self._active, self._clock = ledger, active, clock
        self.day_quota, self.minute_quota = day_quota, minute_quota
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()
        self._counter = Counter(ledger, day_quota, minute_quota, clock)

    def make(self, account: str, name: str) -> tuple[Key, str]:
        """A new key of an account, and its text, which nobody can be told again; BadKeyName, TooManyKeys."""
        name = name.strip()
        if not 1 <= len(name) <= 60 or not name.isprintable():
            raise BadKeyName()
        handle, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        at, said = self._ledger.now(), redacted(name)
        with self._ledger.writing() as connection:
            database.lock(connection, "api_key")
            if len(credential.of(connection, account, KIND)) >= MOST:
                raise TooManyKeys(limit=MOST)
            digest = plain_digest(secret)
            number = credential.keep(connection, account, KIND, digest, at, handle, about={"name": said})
        return Key(number, said, f"qm_{handle}", at, ()), f"qm_{handle}_{secret}"

    def of(self, account: str, days: int = 30) -> list[Key]:
        """The keys of an account, the newest first, with their use of the last days on which they were used."""
        self.flush()
        with self._ledger.reading() as connection:
            found = credential.of(connection, account, KIND)
            query = select(ApiUseRow.key, ApiUseRow.day, ApiUseRow.requests).order_by(ApiUseRow.day.desc())
            rows = connection.execute(query.where(ApiUseRow.key.in_([one.id for one in found]))).all()
        return [
            Key(
                one.id,
                str(one.about["name"]),
                f"qm_{one.handle}",
                one.at,
                tuple(Use(day, requests) for key, day, requests in rows if key == one.id)[:days],
            )
            for one in found
        ]

    def give_up(self, account: str, key: int) -> None:
        """Give up a key of the account; UnknownKey."""
        with self._ledger.writing() as connection:
            held = {one.id for one in credential.of(connection, account, KIND)}
            if key not in held:
                raise UnknownKey(key=key)
            credential.give_up(connection, key, self._ledger.now())
        with self._lock:
            self._known = OrderedDict((handle, one) for handle, one in self._known.items() if one.id != key)

    def accept(self, text: str) -> str:
        """The account of a key, whose use is counted; KeyRefused, QuotaSpent."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise KeyRefused()
        known = self._find(found[1])
        if known is None or not hmac.compare_digest(known.digest, plain_digest(found[2])):
            raise KeyRefused()
        self._counter.count(known.id)
        return known.account

    def flush(self) -> None:
        """Write down what was counted."""
        self._counter.flush()

    def _find(self, handle: str) -> _Known | None:
        now = self._clock()
        with self._lock:
            known = self._known.get(handle)
        if known is not None and known.until > now:
            return known
        with self._ledger.reading() as connection:
            proof = credential.by_handle(connection, KIND, handle)
        if proof is None or not self._active(proof.account):
            return None
        known = _Known(proof.id, proof.account, proof.secret, now + FRESH)
        with self._lock:
            self._known[handle] = known
            while len(self._known) > KNOWN:
                self._known.popitem(last=False)
        return known
