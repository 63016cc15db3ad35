"""Typed columns of one chunk, and what several rules want to know about them, found once.

`Columns` is a mapping of element name to typed Arrow array (design: text, code, citizen_number and region are strings).
A value that could not be read is null and marked in `unreadable`; `today` is the day on which future dates are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.standards.kernels import Numbers, plain, present_mask, read_numbers, to_numpy

Mask = NDArray[np.bool_]
Found = TypeVar("Found")


class Columns(Mapping[str, pa.Array]):
    """Typed columns with the answers that rules share."""

    def __init__(
        self,
        arrays: Mapping[str, pa.Array | pa.ChunkedArray],
        unreadable: Mapping[str, Mask] | None = None,
        today: date | None = None,
        rows: int | None = None,
    ) -> None:
        self._arrays = {name: plain(array) for name, array in arrays.items()}
        self._unreadable = dict(unreadable or {})
        self._found: dict[Hashable, object] = {}
        self.today = today or date.today()
        self.rows = len(next(iter(self._arrays.values()))) if rows is None else rows

    @classmethod
    def of(cls, columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> Columns:
        """The columns themselves, or a wrapping of any mapping of arrays."""
        return columns if isinstance(columns, cls) else cls(columns)

    def __getitem__(self, name: str) -> pa.Array:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def none(self) -> Mask:
        """A mask of no row."""
        return np.zeros(self.rows, dtype=bool)

    def present(self, name: str) -> Mask:
        """Rows that hold a readable value."""
        return self._once(("present", name), lambda: present_mask(self[name]))

    def unreadable(self, name: str) -> Mask:
        """Rows whose text is no value of the element's type."""
        mask = self._unreadable.get(name)
        return self.none() if mask is None else mask

    def absent(self, name: str) -> Mask:
        """Rows that hold nothing at all, readable or not."""
        present = self.present(name)
        mask = self._unreadable.get(name)
        return ~present if mask is None else ~(present | mask)

    def numbers(self, name: str) -> Numbers:
        """The citizen numbers of a column, read."""
        return self._once(("numbers", name), lambda: read_numbers(self[name]))

    def numeric(self, name: str) -> NDArray[Any]:
        """A column of numbers, dates (as days since 1970) or booleans as NumPy; zero where missing."""
        return self._once(("numeric", name), lambda: _numeric(self[name]))

    def share(
        self,
        name: str,
        distinct: pa.DictionaryArray | None,
        spelled: pa.DictionaryArray | None,
        numbers: Numbers | None,
    ) -> None:
        """Hand in what reading the column already found."""
        for what, found in (("distinct", distinct), ("spelled", spelled), ("numbers", numbers)):
            if found is not None:
                self._found[(what, name)] = found

    def compact(self, name: str) -> pa.Array:
        """The column in the form that is cheapest to store: texts that repeat as distinct ones and indices."""
        found = self._found.get(("distinct", name))
        return found if pa.types.is_string(self[name].type) and found is not None else self[name]

    def spelled(self, name: str) -> pa.DictionaryArray | None:
        """The text that the column was read from, as distinct ones and indices, where reading it needed them."""
        return self._found.get(("spelled", name))

    def distinct(self, name: str) -> pa.DictionaryArray:
        """The column as distinct values and indices (null where missing)."""
        return self._once(("distinct", name), lambda: pc.dictionary_encode(self[name]))

    def repeats(self, name: str) -> bool:
        """Whether the distinct texts of a column are known already, as those of codes are."""
        return ("distinct", name) in self._found

    def where(self, name: str, test: Callable[[str], bool]) -> Mask:
        """Rows whose present text passes `test`, which is asked once for each distinct text."""
        coded = self.distinct(name)
        answers = np.fromiter(
            (test(text) for text in coded.dictionary.to_pylist()), dtype=bool, count=len(coded.dictionary)
        )
        return spread(coded, answers)

    def _once(self, key: Hashable, find: Callable[[], Found]) -> Found:
        if key not in self._found:
            self._found[key] = find()
        return self._found[key]  # type: ignore[return-value]


def spread(coded: pa.DictionaryArray, answers: Mask) -> Mask:
    """Answers about distinct values, laid over the rows; False where missing."""
    if not answers.any():
        return np.zeros(len(coded), dtype=bool)
    indices = coded.indices
    if indices.null_count == 0 and answers.all():
        return np.ones(len(coded), dtype=bool)
    places = to_numpy(indices.fill_null(len(answers)))
    laid: Mask = np.append(answers, False)[places]
    return laid


def _numeric(array: pa.Array) -> NDArray[Any]:
    if pa.types.is_timestamp(array.type):
        return to_numpy(array.cast(pa.timestamp("us")).cast(pa.int64()).fill_null(0)) // 86_400_000_000
    if pa.types.is_date32(array.type):
        array = array.cast(pa.int32())
    if array.null_count == 0:
        return to_numpy(array)
    return to_numpy(array.fill_null(False if pa.types.is_boolean(array.type) else 0))
