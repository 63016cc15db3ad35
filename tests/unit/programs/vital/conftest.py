"""A county's offices on each kind of ledger, with a hundred blanks at the hospital."""

from __future__ import annotations

import pytest

from quanmin.ledger import Ledger
from quanmin.programs.vital.number import Span
from quanmin.settings import Settings

from .county import HOSPITAL, County


@pytest.fixture
def county(ledger: Ledger, either_settings: Settings) -> County:
    return County.open(ledger, either_settings)


@pytest.fixture
def blanks(county: County) -> Span:
    """The first hundred of a thousand numbers, at the hospital."""
    made = county.print()
    given = Span(made.first, made.first + 99)
    county.down(HOSPITAL, [given])
    return given
