"""Pseudonyms: what stands for a person. Different purposes have different keys and cannot be joined.

A person, given as a key or as a sound citizen number, is one encrypted block (`quanmin.trust.keys.block`) of 32 hexadecimal
digits. Any other text is a keyed digest of 24, which leads nowhere. Homes made before there was a key ring keep digests for
everything, as they have always shown them, until `quanmin keys rotate pseudonym/<purpose>` makes a new version.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from numbers import Integral

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.settings import Settings
from quanmin.standards import kernels
from quanmin.trust.keys import KeyStore, Material, block, open_store, suite

_SHOWN = 24  # hexadecimal digits: 96 bits, no collision among two milliard people
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


class Pseudonyms:
    """The pseudonyms of one installation for one purpose, made with one version of its key."""

    def __init__(self, material: Material, purpose: str) -> None:
        own = suite(material.suite)
        self.purpose, self.version = purpose, material.version
        self._hash, self._key = own.digest, material.key
        self._block = None
        if material.kind == "block":
            self._block = own.block(own.derive(material.key, b"block"))
            self._key = own.derive(material.key, b"digest", length=32)

    @classmethod
    def open(cls, settings: Settings, purpose: str, version: int | None = None) -> Pseudonyms:
        """With the installation's key for the purpose, which is made the first time; the newest version by default."""
        return cls.of_store(open_store(settings), purpose, version)

    @classmethod
    def of_store(cls, store: KeyStore, purpose: str, version: int | None = None) -> Pseudonyms:
        """With the key of a store."""
        name = key_name(purpose)
        store.ensure(name, "block")
        return cls(store.material(name, "pseudonym", version), purpose)

    @property
    def reversible(self) -> bool:
        """Whether a person's pseudonym can be led back with the key."""
        return self._block is not None

    def of(self, value: object) -> str:
        """The pseudonym of one value: a person key, a citizen number, any other text."""
        if self._block is not None and isinstance(value, Integral) and not isinstance(value, bool):
            key = int(value)
            if _LEAST <= key <= _MOST:
                return block.text(self._block, key)
        if self._block is not None and isinstance(value, str):
            return str(self.array(pa.array([value], pa.string()))[0].as_py())
        return self._digest(value)

    def digest(self, text: str) -> str:
        """The keyed digest of a text that is no number of a person: what `of` gives for it, without asking whether it is one."""
        return self._digest(text)

    def column(self, values: Iterable[object]) -> list[str | None]:
        """The pseudonyms of many; missing stays missing. `array` does the same for Arrow, and far faster."""
        given = list(values)
        if self._block is not None and all(value is None or isinstance(value, str) for value in given):
            return list(self.array(pa.array(given, pa.string())).to_pylist())
        return [None if value is None else self.of(value) for value in given]

    def array(self, values: pa.Array | pa.ChunkedArray) -> pa.Array:
        """The pseudonyms of a column as text; null stays null."""
        array = kernels.plain(values)
        if self._block is not None and pa.types.is_integer(array.type) and array.type != pa.uint64():
            null = None if array.null_count == 0 else ~kernels.present_mask(array)
            return block.texts(self._block, kernels.filled(array, 0), null)
        if self._block is not None and (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
            return self._texts(array)
        return pa.array([None if value is None else self.of(value) for value in array.to_pylist()], pa.string())

    def key_of(self, pseudonym: str) -> int | None:
        """The person key behind a pseudonym; None if it is none of this version's. For `reidentification` only."""
        return None if self._block is None else block.key_of(self._block, pseudonym)

    def _texts(self, array: pa.Array) -> pa.Array:
        """Citizen numbers as people, everything else as a digest."""
        assert self._block is not None
        read = kernels.read_numbers(array)
        people = block.texts(self._block, read.key, None if read.ok.all() else ~read.ok)
        other = kernels.present_mask(array) & ~read.ok
        if not other.any():
            return people
        rest = array.take(pa.array(np.flatnonzero(other))).to_pylist()
        return pc.replace_with_mask(people, pa.array(other), pa.array([self._digest(one) for one in rest], people.type))

    def _digest(self, value: object) -> str:
        return hmac.digest(self._key, str(value).encode(), self._hash).hex()[:_SHOWN]


def key_name(purpose: str) -> str:
    """The name of a purpose's key; a purpose that is no plain word goes by its digest."""
    plain = purpose.replace("_", "").isalnum() and purpose.isascii() and purpose.islower()
    return f"pseudonym/{purpose if plain else hashlib.sha256(purpose.encode()).hexdigest()[:32]}"


def every_version(settings: Settings, purpose: str) -> list[Pseudonyms]:
    """The pseudonyms of all versions that can still be used, the newest first: to find what was written under older ones."""
    store, name = open_store(settings), key_name(purpose)
    store.ensure(name, "block")
    usable = [one.version for one in store.names() if one.name == name and one.state in ("active", "retired")]
    return [Pseudonyms.of_store(store, purpose, version) for version in reversed(usable)]
