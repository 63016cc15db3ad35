"""Verification of tables: whether many numbers and names belong together, by a join inside the gate, never row by row.

The same three answers as `inquiry.verify`, which is the reference for one pair. A birth date or a sex that is stated too
must be what the number itself says, which is what the base holds: no source overrules the number. What the base holds goes
to nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin import standards, trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.lake.gate import ANSWER_ONLY, PERSON, Reading
from quanmin.lake.session import Session
from quanmin.population.errors import NothingToVerify
from quanmin.population.inquiry import COMPARED, reading_of
from quanmin.population.review import lead, merge
from quanmin.standards import kernels
from quanmin.standards.reading import read_column

NUMBER, NAME, BIRTH_DATE, SEX = "citizen_number", "name", "birth_date", "sex"
NEEDED, OPTIONAL = (NUMBER, NAME), (BIRTH_DATE, SEX)
PAIRS = 1_000_000
"""Pairs that are joined at once."""
NAMED = 1000
"""So many pairs or fewer are in the audit by pseudonym, and only their buckets are read."""

_UNKNOWN, _DIFFER, _AGREE = range(3)
_WORDS = ("unknown", "differ", "agree")
Codes = NDArray[np.int8]


@dataclass
class Verified:
    """How many pairs were asked about and how they were answered; `columns` is what was compared.

    `most_differ` is the most different wrong names that were stated for one number (within one part): guesses show.
    """

    columns: tuple[str, ...] = ()
    pairs: int = 0
    answers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("agree", "differ", "unknown"), 0))
    most_differ: int = field(default=0, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return {name: value for name, value in asdict(self).items() if name != "most_differ"}

    def tried(self, keys: NDArray[np.int64], names: pa.Array) -> None:
        """Names that differ, with the numbers that they were stated for."""
        pairs = pa.table({"key": keys, "name": names}).group_by(["key", "name"]).aggregate([])
        if pairs.num_rows:
            self.most_differ = max(self.most_differ, pc.max(pc.value_counts(pairs["key"]).field("counts")).as_py())

    def add(self, codes: Codes) -> None:
        """Count some answers."""
        self.pairs += len(codes)
        for code, count in enumerate(np.bincount(codes, minlength=len(_WORDS)).tolist()):
            self.answers[_WORDS[code]] += count


def verify_table(lake: Lake, decision: trust.Decision, asked: pa.Table) -> pa.Table:
    """One answer a row, in order: columns `row` (from 1) and `answer`.

    Columns are found by the titles of the standard: citizen number and name, if there birth date and sex, which are compared
    where they are filled in. Any other column is not looked at. Raises NothingToVerify, NotBuilt, NotReadable.
    """
    answers = list(verify_batches(lake, decision, [asked]))
    column = pa.chunked_array(answers, pa.string())
    return pa.table({"row": pa.array(np.arange(1, len(column) + 1)), "answer": column})


def verify_batches(
    lake: Lake, decision: trust.Decision, batches: Iterable[pa.Table], verified: Verified | None = None
) -> Iterator[pa.Array]:
    """The answers to each part of a large table, in order, from one snapshot; `verified` is filled in on the way.

    Large parts are cut. One line of the audit stands for the whole.
    """
    reading = reading_of(lake, decision)
    return Comparison(reading.lake, reading.decision, reading.snapshot).answered(batches, verified or Verified())


class Comparison(Reading):
    """A read that compares pairs with the base where it lies; it gives answers to a decision that owes them, and no value."""

    def answered(self, batches: Iterable[pa.Table], verified: Verified) -> Iterator[pa.Array]:
        """The answers to each batch. NotReadable unless the decision owes an answer only and covers what is compared."""
        uncovered = [name for name in (PERSON, NAME) if self.decision.outcome(name) != "clear"]
        if uncovered or ANSWER_ONLY not in self.decision.obligations:
            raise NotReadable(columns=", ".join(uncovered or COMPARED))
        self.whole()
        return self._answered(batches, verified)

    def _answered(self, batches: Iterable[pa.Table], verified: Verified) -> Iterator[pa.Array]:
        asked, digest, few = 0, hashlib.sha256(), list[int]()
        try:
            with Session(self.lake, self._stage(), snapshot=self.snapshot) as session:
                for part in _cut(batches, verified):
                    numbers = kernels.read_numbers(part[NUMBER])
                    asked += len(numbers.ok)
                    digest.update(numbers.key[numbers.ok].tobytes())
                    few += numbers.key[numbers.ok].tolist() if asked <= NAMED else []
                    codes = self._names(session, part[NAME], numbers)
                    wrong = np.flatnonzero(codes == _DIFFER)
                    verified.tried(numbers.key[wrong], part[NAME].take(pa.array(wrong)))
                    codes[(codes == _AGREE) & _contradicts(part, numbers)] = _DIFFER
                    verified.add(codes)
                    yield pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(_WORDS)).cast(pa.string())
        finally:
            self._note(verified, few if asked <= NAMED else [], digest.hexdigest())

    @cached_property
    def _merged(self) -> dict[int, int]:
        """The numbers that lead to another person."""
        return lead.everyone(self.lake)

    def _names(self, session: Session, stated: pa.Array, numbers: kernels.Numbers) -> Codes:
        """Unknown, differ or agree by number and name: raw texts decide nearly all, kernels the few that differ."""
        codes = np.zeros(len(numbers.ok), np.int8)
        places = np.flatnonzero(numbers.ok)
        keys = merge.replaced(self._merged, pa.array(numbers.key[places]))
        session.connection.register(
            "asked", pa.table({"place": places, "key": keys, "stated": stated.take(pa.array(places))})
        )
        found = session.connection.sql(
            f"SELECT place, same, CASE WHEN NOT same THEN stated END AS stated, CASE WHEN NOT same THEN held END AS held "
            f"FROM (SELECT a.place, a.stated, b.{NAME} AS held, coalesce(b.{NAME} = a.stated, false) AS same "
            f"FROM asked AS a JOIN {session.relation(self.table, self._holding(session, keys))} AS b "
            f"ON a.key = b.{PERSON})"
        ).to_arrow_table()
        session.connection.unregister("asked")
        where, same = found["place"].to_numpy(), found["same"].to_numpy()
        codes[where] = np.where(same, _AGREE, _DIFFER)
        unsure = found.filter(pc.invert(found["same"]))
        told, held = (kernels.normalise_names(unsure[name]) for name in ("stated", "held"))
        alike = kernels.to_numpy(pc.fill_null(pc.equal(told, held), False))
        codes[where[~same][alike]] = _AGREE
        return codes

    def _holding(self, session: Session, keys: pa.Array) -> list[int] | None:
        """The buckets in which the keys can be."""
        if not self.lake.table(self.table).partitioned(self.snapshot.tables[self.table]):
            return None
        rows = pa.array(np.zeros(len(keys), np.int64))
        return [int(one) for one in np.unique(kernels.bucket_of(keys, rows, self.lake.settings.buckets))]

    def _note(self, verified: Verified, few: list[int], digest: str) -> None:
        """The line of the audit: what came out, and a keyed digest by which a file can be recognised later."""
        persons = trust.Pseudonyms.open(self.lake.settings, "audit")
        entry = {
            "decision": self.decision.id,
            "purpose": self.decision.purpose,
            "dataset": self.decision.dataset,
            "case": self.decision.case,
            "snapshot": self.snapshot.id,
            "persons": persons.column(few),
            "asked": persons.of(digest),
            "rows": verified.pairs,
            "answers": dict(verified.answers),
            "most_differ": verified.most_differ,
        }
        trust.audit.append(self.lake.ledger, "read", self.decision.actor.id, entry)


def _cut(batches: Iterable[pa.Table], verified: Verified) -> Iterator[Mapping[str, pa.Array]]:
    """The columns that are compared, as text, in parts of a size that memory bears."""
    for batch in batches:
        found = columns_of(batch.column_names)
        verified.columns = tuple(name for name in (*NEEDED, *OPTIONAL) if name in found)
        for start in range(0, batch.num_rows, PAIRS):
            part = batch.slice(start, PAIRS)
            yield {name: kernels.plain(part.column(place).cast(pa.string())) for name, place in found.items()}


def recognises(title: str) -> bool:
    """Whether a column of this title is compared."""
    return _benchmark().resolve(title) in NEEDED + OPTIONAL


def columns_of(titles: Iterable[str]) -> dict[str, int]:
    """Which column is which, by every title that the standard of the benchmark knows; the first of a kind counts."""
    found: dict[str, int] = {}
    for place, title in enumerate(titles):
        element = _benchmark().resolve(title)
        if element in NEEDED + OPTIONAL:
            found.setdefault(str(element), place)
    missing = [name for name in NEEDED if name not in found]
    if missing:
        raise NothingToVerify(columns=", ".join(missing))
    return found


def _benchmark() -> standards.Dataset:
    """The dataset that says who exists: what a birth date or a sex looks like is read as there."""
    return next(dataset for dataset in standards.catalogue().datasets.values() if dataset.benchmark)


def _contradicts(part: Mapping[str, pa.Array], numbers: kernels.Numbers) -> NDArray[np.bool_]:
    """Rows whose stated birth date or sex is not what the number says, or cannot be read."""
    wrong = np.zeros(len(numbers.ok), dtype=bool)
    said = {BIRTH_DATE: lambda: pa.array(numbers.days, pa.date32()), SEX: lambda: kernels.sexes(numbers.person_key)}
    for name in OPTIONAL:
        if name in part:
            element = _benchmark().element(name)
            values = standards.catalogue().value_sets.get(element.values) if element.values else None
            read = read_column(element, part[name], values)
            wrong |= kernels.to_numpy(pc.fill_null(pc.not_equal(read.array, said[name]()), False))
            if read.unreadable is not None:
                wrong |= read.unreadable
    return wrong
