"""What every command that touches data needs first: the lake of this home and the person at the keyboard."""

from __future__ import annotations

from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import Actor, local_administrator


def open_lake(settings: Settings | None = None) -> Lake:
    """The lake and ledger of the home, made if they are not there yet."""
    return Lake.open(settings or Settings())


def operator() -> Actor:
    """Who acts: until the trust issue brings sign-in, the one local administrator."""
    return local_administrator()
