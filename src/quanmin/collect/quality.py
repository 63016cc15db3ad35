"""How good what a source sends is, batch by batch: from the receipts alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from quanmin.collect.listing import accepted
from quanmin.collect.receipt import Receipt
from quanmin.lake import Lake

LAST, SEARCHED = 24, 500
"""So many batches of a course; so many newest batches are looked through for an overview."""


@dataclass(frozen=True, slots=True)
class Point:
    """One batch: rows read, refused, accepted with a flag (failures of rules that warn), and the share refused."""

    batch: int
    at: str
    read: int
    quarantined: int
    warned: int
    share: float


@dataclass(frozen=True, slots=True)
class Line:
    """A source's batches of one dataset: how many, rows in all, shares refused in all, in the last batch and before it."""

    source: str
    dataset: str
    batches: int
    read: int
    quarantined: int
    share: float
    last: float
    before: float | None
    last_batch: int
    at: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that rows broke over the course: how often, of how many tested."""

    rule: str
    code: str | None
    severity: str
    failed: int
    tested: int
    share: float


@dataclass(frozen=True, slots=True)
class Course:
    """A source's batches of one dataset, the oldest first, and the rules they broke, the worst first."""

    source: str
    dataset: str
    points: list[Point]
    rules: list[Broken]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


def overview(lake: Lake, searched: int = SEARCHED) -> list[Line]:
    """Every source and dataset of the newest batches, the highest share of refused rows first."""
    groups: dict[tuple[str, str], list[Receipt]] = {}
    for one in accepted(lake, last=searched):
        groups.setdefault((one.source, one.dataset), []).append(one)
    found = [_line(source, dataset, receipts) for (source, dataset), receipts in groups.items()]
    return sorted(found, key=lambda one: (-one.share, one.source, one.dataset))


def course(lake: Lake, source: str, dataset: str, last: int = LAST) -> Course:
    """The last batches that a source sent of a dataset. Empty where it sent none."""
    receipts = accepted(lake, dataset, source, last)
    return Course(source, dataset, [_point(one) for one in receipts], _broken(receipts))


def _line(source: str, dataset: str, receipts: Sequence[Receipt]) -> Line:
    read, refused = sum(one.read for one in receipts), sum(one.quarantined for one in receipts)
    *earlier, last = receipts
    before = sum(one.read for one in earlier)
    share_before = sum(one.quarantined for one in earlier) / before if before else None
    return Line(
        source,
        dataset,
        len(receipts),
        read,
        refused,
        _share(refused, read),
        _share(last.quarantined, last.read),
        share_before,
        last.batch,
        last.at,
    )


def _point(receipt: Receipt) -> Point:
    warned = sum(rule["failed"] for rule in receipt.rules if rule["severity"] == "warn")
    share = _share(receipt.quarantined, receipt.read)
    return Point(receipt.batch, receipt.at, receipt.read, receipt.quarantined, warned, share)


def _broken(receipts: Sequence[Receipt]) -> list[Broken]:
    failed: Counter[str] = Counter()
    tested: Counter[str] = Counter()
    known: dict[str, dict[str, Any]] = {}
    for rule in (rule for one in receipts for rule in one.rules):
        failed[rule["id"]] += rule["failed"]
        tested[rule["id"]] += rule["tested"]
        known[rule["id"]] = rule
    return [
        Broken(name, known[name]["code"], known[name]["severity"], count, tested[name], _share(count, tested[name]))
        for name, count in failed.most_common()
        if count
    ]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
