"""The key of a table's rows: which columns, and in which of them an absent value is a value like others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from quanmin.lake import engine
from quanmin.standards import Dataset


class Key(NamedTuple):
    """Columns of a key. A row that lacks one of them is like no other, unless it is one of `optional`."""

    columns: tuple[str, ...]
    optional: frozenset[str] = frozenset()

    def match(self, left: str, right: str) -> str:
        """SQL: two rows, of the relations of these aliases, have the same key."""
        signs = {name: "IS NOT DISTINCT FROM" if name in self.optional else "=" for name in self.columns}
        return " AND ".join(f"{left}.{engine.quote(n)} {sign} {right}.{engine.quote(n)}" for n, sign in signs.items())


NO_KEY = Key(())
KeyLike = Dataset | Key | Sequence[str]


def key_of(key: KeyLike) -> Key:
    """The key of a dataset, or of columns."""
    if isinstance(key, Key):
        return key
    if isinstance(key, Dataset):
        return Key(tuple(key.key), frozenset(key.optional_key))
    return Key(tuple(key))
