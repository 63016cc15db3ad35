"""Snapshots: a chain of maps from table to version."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from quanmin.ledger import Ledger, Lineage, snapshot
from quanmin.ledger.errors import UnknownSnapshot
from quanmin.ledger.snapshot import Change


def _add(ledger: Ledger, tables: dict[str, int], transaction: str | None = None) -> snapshot.Snapshot:
    with ledger.writing() as connection:
        before = snapshot.head(connection, for_update=True)
        return snapshot.append(connection, before, Change("shelve", tables, transaction), ledger.now())


def test_a_snapshot_carries_the_tables_of_its_parent(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        assert snapshot.head(connection) == snapshot.EMPTY == snapshot.get(connection, 0)
    first = _add(ledger, {"raw.loan": 1})
    second = _add(ledger, {"clean.loan": 4})
    assert second.tables == {"raw.loan": 1, "clean.loan": 4} and second.parent == first.id
    with ledger.reading() as connection:
        assert snapshot.head(connection) == second
        assert snapshot.get(connection, first.id) == first
        assert snapshot.since(connection, first.id) == [second]
        with pytest.raises(UnknownSnapshot):
            snapshot.get(connection, 99)


def test_a_named_piece_of_work_makes_one_snapshot(ledger: Ledger) -> None:
    made = _add(ledger, {"raw.loan": 1}, "loans of May")
    with ledger.reading() as connection:
        assert snapshot.of_transaction(connection, "loans of May") == made
        assert snapshot.of_transaction(connection, "loans of June") is None
    with pytest.raises(IntegrityError):
        _add(ledger, {"raw.loan": 2}, "loans of May")
    with ledger.reading() as connection:
        assert snapshot.head(connection) == made


def test_lineage_and_superseding_batches_as_of_a_snapshot(ledger: Ledger) -> None:
    first, second = _add(ledger, {"clean.loan": 1}), _add(ledger, {"clean.loan": 2})
    line = Lineage(second.id, "clean.loan", 2, "shelve", "library 1", first.id, ["raw.loan"], 10, ledger.now())
    with ledger.writing() as connection:
        snapshot.record(connection, line)
        snapshot.supersede(connection, second.id, "clean.loan", 12, 3)
    with ledger.reading() as connection:
        assert snapshot.lineage(connection, "clean.loan") == [line] == snapshot.lineage(connection, snapshot=second.id)
        assert snapshot.lineage(connection, "raw.loan") == []
        assert snapshot.superseding(connection, "clean.loan", second.id) == [12]
        assert snapshot.superseding(connection, "clean.loan", first.id) == []
