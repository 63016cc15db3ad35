"""Terms of an agreement, as documents of the ledger hold them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from quanmin.exchange.template import template, terms
from quanmin.exchange.terms import Terms


@pytest.fixture(name="terms")
def _terms() -> Terms:
    made = terms(template(12), date(2026, 1, 1), date(2026, 12, 31), "A-1")
    return replace(made, title_zh="参保对象", title_en="Persons enrolled")
