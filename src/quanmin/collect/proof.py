"""Prove a file: read its pieces, check every row against the standard, in worker threads, in bounded memory.

Parsing and checking run in a pool; the main thread only cuts, numbers the rows and hands results on in file order. What is
done with proven rows (store them, or nothing) is the caller's `keep`, which runs in the pool too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quanmin.collect.chunk import Chunk, Int64s
from quanmin.collect.errors import NoRows, TooManyColumns
from quanmin.collect.heading import Heading, heading, named, require
from quanmin.collect.readers import Reader
from quanmin.collect.sent_file import SentFile
from quanmin.collect.tally import FIRST, Tally
from quanmin.redaction import redacted
from quanmin.standards import Dataset
from quanmin.standards.conformance import check_chunk

MAX_UNKNOWN = 2_000
Mask = npt.NDArray[np.bool_]


class Progress(Protocol):
    """Told how far the work is: rows so far, bytes of the file done, bytes in all (None if unknown)."""

    def __call__(self, rows: int, done: int, total: int | None) -> None:
        """Take the news."""
        ...


@dataclass(frozen=True, slots=True)
class Proven:
    """A chunk with its verdict. `text` is as received, `typed` by the standard; `rows` counts from 1 in the file."""

    chunk: Chunk
    heading: Heading
    text: pa.Table
    typed: pa.Table
    rejected: Mask
    failing: Mapping[str, Mask]
    person_key: pa.Array | None
    rows: Int64s
    base: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left of a proven chunk when its rows are let go."""

    count: int
    well_formed: int
    rejected: int
    failures: dict[str, tuple[int, list[int]]]
    heading: Heading
    done: int


class Prover:
    """Proves one file against one dataset; `counts` afterwards holds the rows of each piece."""

    def __init__(self, dataset: Dataset, sent: SentFile, reader: Reader, keep: Callable[[Proven], None]) -> None:
        self._dataset, self._sent, self._reader, self._keep = dataset, sent, reader, keep
        self._headings: dict[tuple[str, ...], Heading] = {}
        self.tally = Tally(dataset)
        self.seen: set[str] = set()
        self.unknown: dict[str, None] = {}
        self.counts: list[int] = []
        require(dataset, self.heading(reader.titles), sent.name)

    @property
    def missing(self) -> list[str]:
        """Elements that no row had a column for."""
        return [element.name for element in self._dataset.elements if element.name not in self.seen]

    def heading(self, titles: tuple[str, ...]) -> Heading:
        """The heading of some titles, resolved once."""
        found = self._headings.get(titles)
        if found is None:
            found = heading(self._dataset, titles, self._sent.name)
            if len(self._headings) < MAX_UNKNOWN:
                self._headings[titles] = found
        return found

    def run(self, threads: int, progress: Progress | None = None) -> None:
        """Prove the whole file; NoRows if it has none."""
        for outcome in self._outcomes(threads):
            self._count(outcome)
            if progress is not None:
                progress(self.tally.read, outcome.done, self._sent.size)
        if not self.tally.read:
            raise NoRows(file=self._sent.name)
        if progress is not None:
            progress(self.tally.read, self._sent.size, self._sent.size)

    def _outcomes(self, threads: int) -> Iterator[Outcome]:
        parsing: deque[tuple[Future[Chunk], int]] = deque()
        proving: deque[Future[Outcome]] = deque()
        pool = ThreadPoolExecutor(threads, thread_name_prefix="quanmin-prove")
        base = 0
        try:
            for piece in self._reader.pieces():
                parsing.append((pool.submit(piece.parse), piece.done))
                if len(parsing) > threads:
                    base += self._advance(pool, parsing, proving, base)
                while len(proving) > threads:
                    yield proving.popleft().result()
            while parsing:
                base += self._advance(pool, parsing, proving, base)
            while proving:
                yield proving.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _advance(
        self,
        pool: ThreadPoolExecutor,
        parsing: deque[tuple[Future[Chunk], int]],
        proving: deque[Future[Outcome]],
        base: int,
    ) -> int:
        """Number the rows of the oldest parsed chunk and send it to be proven; how many rows it has."""
        future, done = parsing.popleft()
        chunk = future.result()
        self.counts.append(chunk.count)
        proving.append(pool.submit(self._prove, chunk, self.heading(chunk.titles), base, done))
        return chunk.count

    def _prove(self, chunk: Chunk, found: Heading, base: int, done: int) -> Outcome:
        text = named(self._dataset, chunk, found)
        checked = check_chunk(self._dataset, text)
        rows = chunk.offsets + (base + 1)
        proven = Proven(
            chunk, found, checked.text, checked.typed, checked.rejected, checked.failing, checked.person_key, rows, base
        )
        self._keep(proven)
        failures = {rule: _first(mask, rows) for rule, mask in checked.failing.items()}
        failures |= _malformed(chunk, base)
        return Outcome(chunk.count, len(rows), int(np.count_nonzero(checked.rejected)), failures, found, done)

    def _count(self, outcome: Outcome) -> None:
        tally = self.tally
        refused = outcome.rejected + outcome.count - outcome.well_formed
        tally.read += outcome.count
        tally.quarantined += refused
        tally.accepted += outcome.count - refused
        tally.tested(outcome.well_formed)
        tally.failed(outcome.failures)
        self.seen.update(outcome.heading.known)
        self.unknown.update(dict.fromkeys(map(redacted, outcome.heading.unknown)))
        if len(self.unknown) > MAX_UNKNOWN:
            raise TooManyColumns(file=self._sent.name, limit=MAX_UNKNOWN)


def _first(mask: Mask, rows: Int64s) -> tuple[int, list[int]]:
    places = np.flatnonzero(mask)
    return len(places), rows[places[:FIRST]].tolist()


def _malformed(chunk: Chunk, base: int) -> dict[str, tuple[int, list[int]]]:
    found: dict[str, list[int]] = {}
    for row in chunk.malformed:
        found.setdefault(row.reason, []).append(base + row.offset + 1)
    return {reason: (len(rows), rows[:FIRST]) for reason, rows in found.items()}
