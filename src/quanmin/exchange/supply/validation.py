"""What rows that came must be like: the columns and types agreed on, values of their value sets, and the rows agreed on.

Whole batches are checked in Arrow; a row that fails goes to nobody and is counted by the rule that it failed.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from quanmin import standards
from quanmin.exchange.supply.errors import ColumnsDiffer
from quanmin.exchange.supply.fault import DIVISION, NOT_AGREED, OUTSIDE, VALUE, element_of, rule
from quanmin.exchange.supply.mark import Known, marks
from quanmin.exchange.terms import Terms
from quanmin.lake.feed import CHANGE
from quanmin.standards.division import begins
from quanmin.standards.reading import ARROW_TYPES
from quanmin.standards.region import NATION, stem
from quanmin.trust.column import BASE, place
from quanmin.trust.mask import STAR

DELETE = "delete"
CHANGES = ("insert", "update", DELETE)
Failing = list[tuple[str, pa.BooleanArray]]
"""Rules, and which rows fail each."""
_NUMBER = "citizen_number"


@dataclass(frozen=True)
class Check:
    """The checks of one agreement; `faults` counts, by rule (`<element> <rule>`), the rows that failed it.

    `known` says by what rows are known: of one that is deleted by its key only the key is looked at.
    """

    terms: Terms
    content: str
    faults: dict[str, int] = field(default_factory=dict)
    known: Known = field(default_factory=Known)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a file must have."""
        return (*self.terms.elements, *((CHANGE,) if self.content == "change" else ()))

    def schema(self, found: pa.Schema) -> None:
        """ColumnsDiffer, with the columns that are missing, not agreed on, or of another type."""
        wrong = sorted(set(self.columns) ^ set(found.names))
        if not wrong and len(found.names) == len(self.columns):
            wrong = [name for name in self.columns if not _fits(found.field(name).type, self._type(name))]
        elif not wrong:
            wrong = sorted({name for name in found.names if found.names.count(name) > 1})
        if wrong:
            known = set(self.columns)
            raise ColumnsDiffer(columns=", ".join(name if name in known else "?" for name in wrong[:20]))

    def good(self, batch: pa.RecordBatch) -> pa.BooleanArray | None:
        """Which rows pass; None where all do."""
        return passing(self.failing(batch))

    def failing(self, batch: pa.RecordBatch, before: Failing | None = None) -> Failing:
        """The rules that some rows fail, and which; counted in `faults`. Of rows that failed `before`, no more is looked at."""
        going = self._going(batch)
        found = [*self._some(before or (), going, None)]
        good = passing(found)
        skipped = None if good is None else pc.invert(good)
        return [*found, *self._some(self._failing(batch), going, skipped)]

    def _some(self, rules: Iterable[tuple[str, Any]], going: Any, skipped: Any) -> Iterator[tuple[str, Any]]:
        """The rules that a row fails which is neither going nor skipped."""
        for name, fails in rules:
            if going is not None and element_of(name) not in self.known.key:
                fails = pc.and_not(fails, going)
            if skipped is not None:
                fails = pc.and_not(fails, skipped)
            count = int(pc.sum(fails, min_count=0).as_py() or 0)
            if count:
                self.faults[name] = self.faults.get(name, 0) + count
                yield name, fails

    def _going(self, batch: pa.RecordBatch) -> Any:
        """Which rows are deleted by their key; None where none can be."""
        if self.content != "change" or not self.known.key or not _text(batch.column(CHANGE)):
            return None
        deleted = pc.fill_null(pc.equal(batch.column(CHANGE), DELETE), False)
        return pc.and_(deleted, pc.is_valid(marks(batch, self.known.key, self.known.optional)))

    def _failing(self, batch: pa.RecordBatch) -> Iterator[tuple[str, Any]]:
        if self.content == "change":
            yield rule(CHANGE, VALUE), _outside(batch.column(CHANGE), CHANGES, nulls=True, masked=False)
        for name in self.terms.elements:
            values = batch.column(name)
            codes = self._codes(name)
            if codes and _text(values):
                yield rule(name, VALUE), _outside(values, codes)
            if name in self.terms.where:
                yield rule(name, NOT_AGREED), _outside(values, self.terms.where[name], nulls=True)
        yield from self._region(batch)
        yield from self._division(batch)

    def _region(self, batch: pa.RecordBatch) -> Iterator[tuple[str, Any]]:
        column, own = place(self.terms.dataset), stem(self.terms.region or NATION)
        name = _NUMBER if column == "person_key" else column
        if own and name in self.terms.elements and _text(batch.column(name)):
            yield (
                rule(name, OUTSIDE, str(self.terms.region)),
                pc.fill_null(pc.invert(pc.starts_with(batch.column(name), own)), True),
            )

    def _division(self, batch: pa.RecordBatch) -> Iterator[tuple[str, Any]]:
        """Rows that are not of the provider's own division, where it is an agency of one and the rows tell theirs."""
        catalogue = standards.catalogue()
        agency, found = catalogue.body(self.terms.provider), catalogue.datasets.get(self.terms.dataset)
        telling = found.telling if found is not None else None
        if agency is None or agency.division is None or telling is None or telling.element not in self.terms.elements:
            return
        values = batch.column(telling.element)
        if _text(values) or pa.types.is_integer(values.type):
            digits = pc.utf8_ltrim(pc.cast(values, pa.string()), string.ascii_uppercase)
            fits = pc.starts_with(digits, begins(telling, agency.division))
            yield rule(telling.element, DIVISION), pc.fill_null(pc.invert(fits), True)

    def _type(self, name: str) -> pa.DataType:
        if name == CHANGE:
            return pa.string()
        return ARROW_TYPES.get(str(_element(self.terms.dataset, name).type), pa.string())

    def _codes(self, name: str) -> tuple[str, ...]:
        values = _element(self.terms.dataset, name).values
        found = standards.catalogue().value_sets.get(values) if values else None
        return tuple(found.codes) if found else ()


def passing(failing: Failing) -> pa.BooleanArray | None:
    """Which rows fail nothing; None where all do."""
    bad: Any = None
    for _, fails in failing:
        bad = fails if bad is None else pc.or_(bad, fails)
    return None if bad is None else pc.invert(bad)


def _element(dataset: str, name: str) -> Any:
    """The element of a dataset, or the item of the base."""
    catalogue = standards.catalogue()
    if dataset == BASE:
        return next(one for one in catalogue.items if one.id == name)
    return catalogue.dataset(dataset).element(name)


def _fits(found: pa.DataType, wanted: pa.DataType) -> bool:
    """The type of the element, or text, as what is masked or under a pseudonym is."""
    same_kind = pa.types.is_timestamp(found) and pa.types.is_timestamp(wanted)
    numbers = pa.types.is_integer(found) and (pa.types.is_integer(wanted) or pa.types.is_floating(wanted))
    return bool(found == wanted or pa.types.is_string(found) or pa.types.is_null(found) or same_kind or numbers)


def _text(values: pa.Array) -> bool:
    return bool(pa.types.is_string(values.type))


def _outside(values: pa.Array, known: tuple[str, ...], nulls: bool = False, masked: bool = True) -> Any:
    """Which values are none of those known, nor `masked` where they may be; `nulls`: an absent value is none of them either."""
    if not _text(values):
        return pc.is_null(values) if nulls else pa.repeat(pa.scalar(False), len(values))
    distinct = values.dictionary_encode()
    allowed = pc.is_in(distinct.dictionary, value_set=pa.array(known, pa.string()))
    if masked:
        allowed = pc.or_(allowed, pc.match_substring(distinct.dictionary, STAR))
    outside = pc.take(pc.invert(allowed), distinct.indices)
    return pc.fill_null(outside, nulls)
