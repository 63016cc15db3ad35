"""What is looked at: the installation, and the trial one beside it in which rules are tried."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust.actor import Actor
from quanmin.trust.identity import Proofs, Registry, Vault, founding, totp
from quanmin.trust.identity.entry import activate, enrol, sign_in
from quanmin.trust.identity.roster import authenticate
from quanmin.trust.policy import Rules, active

_PASSWORD = "Trial7!glacier-vimtub"
_CHEAP = 4
"""The cost of scrypt in the trial, as a power of two: no secret of anybody is there."""
THREE = ("trial-system", "trial-security", "trial-audit")


@dataclass
class Trial:
    """An installation with its own ledger and clock; `before` is how many accounts it had when it was new."""

    settings: Settings
    ledger: Ledger
    registry: Registry
    now: datetime
    before: int = 0
    seeds: dict[str, str] = field(default_factory=dict)

    def found(self) -> None:
        """Three administrators, each with both proofs."""
        self.before = sum(self.ledger.count("identity_account").values())
        people = [founding.Founder(name, f"number of {name}") for name in THREE]
        for name, halves in founding.found(self.registry, "trial", "trial", "110000", *people).items():
            self.seeds[name] = activate(self.registry, name, halves, _PASSWORD, name)
            enrol(self.registry, name, Proofs(_PASSWORD, self.code(name)), name)

    def code(self, name: str) -> str:
        """What the phone shows half a minute later: no code is good twice."""
        self.now += timedelta(seconds=60)
        return totp.code(base64.b32decode(self.seeds[name]), totp.step_of(self.now))

    def sign_in(self, name: str, password: str = _PASSWORD) -> str:
        """The token of a new session."""
        return sign_in(self.registry, name, Proofs(password, self.code(name)), f"desk of {name}")

    def actor(self, token: str) -> Actor:
        """Whose token it is."""
        return authenticate(self.registry, token)


@contextmanager
def trial() -> Iterator[Trial]:
    """A new installation in a temporary folder, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="quanmin-trial-") as folder:
        settings = Settings(home=Path(folder), ledger=None, lake=None, spark=None, master=None, passphrase=None)
        made = datetime.now(UTC)
        with Ledger.open(settings) as ledger:
            registry = Registry(ledger, Vault.open(settings), work=_CHEAP)
            held = Trial(settings, ledger, registry, made)
            ledger.now = lambda: held.now
            held.found()
            yield held


@dataclass(frozen=True)
class Place:
    """The installation, its policies in force, and the way to a trial one."""

    settings: Settings
    ledger: Ledger
    registry: Registry
    rules: Rules
    trial: Callable[[], Trial]

    @property
    def founded(self) -> bool:
        """Whether there are accounts."""
        return founding.founded(self.registry)


@contextmanager
def place(settings: Settings, ledger: Ledger) -> Iterator[Place]:
    """The place of one check; the trial is made once."""
    with trial() as made:
        yield Place(settings, ledger, Registry.open(ledger, settings), active(ledger), lambda: made)
