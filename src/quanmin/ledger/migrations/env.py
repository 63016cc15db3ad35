"""Alembic's entry: migrations run inside the transaction that `database.migrate` opened."""

from __future__ import annotations

from alembic import context

from quanmin.ledger.table import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, transactional_ddl=False
)
context.run_migrations()
