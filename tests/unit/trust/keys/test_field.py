"""Attack A13 on the ledger's secret columns: flipped bits, moved cells, old values, other tenants, repeated nonces."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust.keys import Fields, Sealed, SealedColumn, open_store
from quanmin.trust.keys.errors import Altered

WRITES = int(os.environ.get("QUANMIN_TEST_NONCES", "20000"))


@pytest.fixture
def fields(settings: Settings) -> Fields:
    return Fields(open_store(settings), "field/identity")


def test_a_flipped_bit_and_a_moved_cell_are_refused(fields: Fields) -> None:
    cell = fields.seal("机密", "account", "totp", 7, revision=3)
    assert fields.text(cell, "account", "totp", 7, revision=3) == "机密"
    for place in range(len(cell.token) * 8):
        changed = bytearray(cell.token)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(Altered):
            fields.open(Sealed(bytes(changed)), "account", "totp", 7, revision=3)
    elsewhere = [("account", "totp", 8), ("account", "phone", 7), ("session", "totp", 7), ("accoun", "ttotp", 7)]
    for table, column, row in elsewhere:
        with pytest.raises(Altered):
            fields.open(cell, table, column, row, revision=3)


def test_an_old_value_put_back_is_refused_by_its_revision(fields: Fields) -> None:
    old = fields.seal("before", "account", "totp", 7, revision=3)
    new = fields.seal("after", "account", "totp", 7, revision=4)
    assert fields.text(new, "account", "totp", 7, revision=4) == "after"
    with pytest.raises(Altered):
        fields.open(old, "account", "totp", 7, revision=4)


def test_the_key_of_another_tenant_or_home_is_refused(settings: Settings, fields: Fields, tmp_path: Path) -> None:
    cell = fields.seal("x", "account", "totp", 7)
    with pytest.raises(Altered):
        Fields(open_store(settings), "field/other").open(cell, "account", "totp", 7)
    with pytest.raises(Altered):
        Fields(open_store(Settings(home=tmp_path / "other")), "field/identity").open(cell, "account", "totp", 7)


@pytest.mark.parametrize("suite", ["international", "national"])
def test_no_nonce_is_used_twice(settings: Settings, suite: str) -> None:
    fields = Fields(open_store(settings.model_copy(update={"crypto_suite": suite})), "field/identity")
    nonces = {fields.seal("same", "account", "totp", 7).token[5:17] for _ in range(WRITES)}
    assert len(nonces) == WRITES


def test_a_secret_column_takes_sealed_values_only(ledger: Ledger, fields: Fields) -> None:
    table = Table("secret", MetaData(), Column("id", Integer, primary_key=True), Column("value", SealedColumn))
    cell = fields.seal("机密", "secret", "value", 1)
    with ledger.writing() as connection:
        table.create(connection)
        connection.execute(insert(table), [{"id": 1, "value": cell}, {"id": 2, "value": None}])
        found = {row.id: row.value for row in connection.execute(select(table.c.id, table.c.value))}
    assert found[2] is None and fields.text(found[1], "secret", "value", 1) == "机密"
    assert "机" not in repr(cell) and cell.token.hex() not in repr(cell)
    with pytest.raises(StatementError, match="Sealed"), ledger.writing() as connection:
        connection.execute(insert(table), {"id": 3, "value": b"plain"})
