"""Whoever is at the keyboard, in the ledger; and how holders and their blanks are named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from quanmin.cli import workplace
from quanmin.ledger import Ledger
from quanmin.programs.vital.office import Office
from quanmin.settings import Settings

Code = Annotated[str, typer.Argument(help="Code of a holder. 机构代码。", metavar="HOLDER")]
Under = Annotated[
    str | None, typer.Argument(help="A holder with all under it; default: all. 机构。", show_default=False)
]


@contextmanager
def office() -> Iterator[Office]:
    """The ledger with whoever is at the keyboard."""
    settings = Settings()
    actor = workplace.operator()
    with Ledger.open(settings) as ledger:
        yield Office(ledger, settings, actor)
