"""Quanmin (全民): a national or regional health data platform in one package.

`quanmin.connect(home)` opens an installation for a notebook or a script.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from quanmin.version import __version__

if TYPE_CHECKING:
    from quanmin.installation import Installation

__all__ = ["__version__", "connect"]


def connect(home: str | Path | None = None, session: str | None = None) -> Installation:
    """The installation in a folder (default: the settings'), made if it is not there yet.

    Once it has accounts, `session` must be the token of a sign-in.
    """
    from quanmin.installation import Installation  # the stages are loaded when they are wanted

    return Installation.open(home, session)
