"""The address of a row as one integer: dataset, batch, row in the sender's file; narrow, so that millions can be sorted."""

from __future__ import annotations

from typing import NamedTuple

STOCK, ISSUE, HOLDER, BALANCE, BIRTH = (
    "health.certificate_stock",
    "health.certificate_issue",
    "health.certificate_holder",
    "health.certificate_balance",
    "health.birth",
)
DATASETS = (STOCK, ISSUE, HOLDER, BALANCE, BIRTH)
_BATCH, _DATASET = 32, 60


class Address(NamedTuple):
    """Where a row stands; ordered as the integers are."""

    dataset: str
    batch: int
    row: int

    @property
    def number(self) -> int:
        """The address as one integer."""
        return DATASETS.index(self.dataset) << _DATASET | self.batch << _BATCH | self.row


def address(number: int) -> Address:
    """The address that an integer stands for."""
    batch = number >> _BATCH & (1 << _DATASET - _BATCH) - 1
    return Address(DATASETS[number >> _DATASET], batch, number & (1 << _BATCH) - 1)


def sql(dataset: str) -> str:
    """SQL of the address of a row of the relation `r`."""
    return f"({DATASETS.index(dataset) << _DATASET} + (r._batch << {_BATCH}) + r._row)::BIGINT"
