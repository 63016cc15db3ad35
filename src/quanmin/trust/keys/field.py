"""Secret columns of the ledger: each value is encrypted for its own table, column and row.

A ciphertext copied to another row, column or table does not open there. One put back into its own place from an earlier day
would: give `revision` (a number of the row that every change raises) and that does not open either.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Dialect
from sqlalchemy.types import LargeBinary, TypeDecorator

from quanmin.trust.keys.store import KeyStore
from quanmin.trust.keys.suite import context


class Sealed(NamedTuple):
    """An encrypted value, as a column holds it."""

    token: bytes

    def __repr__(self) -> str:
        return "Sealed(…)"


class Fields:
    """Encrypts and decrypts the values of one key: one for each tenant or purpose, such as `field/identity`."""

    def __init__(self, store: KeyStore, name: str) -> None:
        self._store, self._name = store, name
        store.ensure(name)

    def seal(self, value: str | bytes, table: str, column: str, row: str | int, revision: int = 0) -> Sealed:
        """The value encrypted for its place."""
        plain = value.encode() if isinstance(value, str) else value
        return Sealed(self._store.encrypt(self._name, plain, context("field", table, column, row, revision)))

    def open(self, sealed: Sealed, table: str, column: str, row: str | int, revision: int = 0) -> bytes:
        """The value; Altered where anything differs."""
        return self._store.decrypt(self._name, sealed.token, context("field", table, column, row, revision))

    def text(self, sealed: Sealed, table: str, column: str, row: str | int, revision: int = 0) -> str:
        """The value as text."""
        return self.open(sealed, table, column, row, revision).decode()


class SealedColumn(TypeDecorator[Sealed]):
    """A column that takes and gives `Sealed` values only: plain text given by mistake never reaches the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """What is stored."""
        if value is not None and not isinstance(value, Sealed):
            raise TypeError("a secret column takes a Sealed value; seal it with Fields.seal")
        return None if value is None else value.token

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Sealed | None:
        """What is read."""
        return None if value is None else Sealed(bytes(value))
