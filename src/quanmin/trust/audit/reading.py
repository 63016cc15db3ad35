"""Verifying an exported log with nothing but the file, the public key, and a head that was noted earlier."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from quanmin.trust.audit import scan, tree
from quanmin.trust.audit.export import Start
from quanmin.trust.audit.signature import Public, SignedHead
from quanmin.trust.audit.stamp import Roots, Stamped, judged
from quanmin.trust.audit.verdict import PLACES, Checks, Known, Verdict, timed

_TOGETHER = 4  # parts handed to a process at once
_ALONE = 64  # parts; a smaller file is not worth a second process


class Report(NamedTuple):
    """What was found in an exported log. `covered`: up to which entry a head signed with the public key vouches for it.

    `stamps`: what the time stamps of its heads prove.
    """

    verdict: Verdict
    hash: str
    root: bytes
    heads: int
    covered: int
    stamps: tuple[Stamped, ...] = ()


def check(
    file: Path,
    public: Public | None = None,
    noted: SignedHead | None = None,
    workers: int = 2,
    roots: Roots | None = None,
) -> Report:
    """Verify an exported log, with `roots` its time stamps, too; NotAnExport."""
    start = Start(file)
    signed = [*start.heads, *([noted] if noted else [])]
    forged = next((one for one in signed if public and not one.holds(public)), None)
    if forged is not None or any(one.hash != start.hash for one in signed):
        size = forged.size if forged else next(one.size for one in signed if one.hash != start.hash)
        return Report(Verdict(0, size, "forged"), start.hash, b"", len(start.heads), 0)
    checks = Checks(Known(one.size, one.root, public is not None) for one in signed)
    reading = _Reading(file, start, checks)
    stamps = judged(start.stamped, roots)
    verdict = timed(reading.verdict(workers), stamps)
    return Report(verdict, start.hash, reading.frontier.root(), len(start.heads), checks.covered(), stamps)


class _Reading:
    """One reading of an exported log."""

    def __init__(self, file: Path, start: Start, checks: Checks) -> None:
        self.start, self.checks = start, checks
        self.frontier = tree.Frontier(tree.HASHES[start.hash])
        self.body = scan.Place(file, start.body, start.end)
        self.last = b""
        self.backwards: list[int] = []

    def verdict(self, workers: int) -> Verdict:
        """The first damage, or none."""
        found = self._entries(workers) or self._end()
        return found._replace(backwards=tuple(self.backwards[:PLACES]))

    def _entries(self, workers: int) -> Verdict | None:
        places = list(scan.cut(self.body))
        work = partial(scan.scan, name=self.start.hash, cuts=self.checks.sizes)
        self.checks.at(0, self.frontier.root)
        with _mapped(work, places, workers) as parts:
            for place, part in zip(places, parts, strict=True):
                found = self._part(place, part) if part.entries else None
                if found is not None:
                    return found
        return None

    def _part(self, place: scan.Place, part: scan.Part) -> Verdict | None:
        expected = self.frontier.size + 1
        if not part.whole or part.first != expected:
            rest = scan.Place(place.file, place.start, self.body.end)
            found = scan.locate(place, self.start.hash, expected, rest)
            sequence, damage = found or (expected, "changed")
            return Verdict(sequence - 1, sequence, damage)
        for size, subtrees in part.subtrees:
            for level, hash_ in subtrees:
                self.frontier.push(hash_, level)
            self.checks.at(size, self.frontier.root)
        self.backwards += [part.first] if part.begins < self.last else []
        self.backwards += part.backwards
        self.last = part.ends
        return None

    def _end(self) -> Verdict:
        total = self.frontier.size
        found = self.checks.judge(total)
        if found.sound and total != self.start.size:
            if total < self.start.size:
                return Verdict(total, total + 1, "removed", self.start.size)
            return Verdict(total, self.start.size + 1, "added", total)
        return found


@contextmanager
def _mapped(work: partial[scan.Part], places: list[scan.Place], workers: int) -> Iterator[Iterator[scan.Part]]:
    """The parts in order, made by several processes when there are many; nothing goes on after a damage was found."""
    if workers < 2 or len(places) < _ALONE:
        yield map(work, places)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            yield pool.map(work, places, chunksize=_TOGETHER)
        finally:
            pool.shutdown(cancel_futures=True)
