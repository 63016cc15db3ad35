"""The register of releases: for each its people's classes in a folder, and the audit of a new release against all of them.

A file a release (`<release>.cells`: a SHA-256, then NumPy's npz): classes by place, cells, labels, published numbers. When a
register is opened, people who stand in the same classes of all releases become one *atom*; a new release is then counted once
against the atoms instead of once against every release. Where atoms are too many to help, releases of few classes are counted
by bitmaps, others one by one.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from quanmin.opendata.disclosure.differencing import Difference, differences, unmoved
from quanmin.opendata.disclosure.errors import RegisterDamaged, ReleaseKept, ReleaseUnnamed
from quanmin.opendata.disclosure.population import Population
from quanmin.opendata.disclosure.profile import Counts
from quanmin.opendata.disclosure.tracker import Tracked, tracked

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
ENDING = ".cells"
ATOMS = 300_000
"""More atoms than this do not help."""
BITS = 4
"""Releases of at most so many classes are counted by bitmaps."""

Bits = NDArray[np.uint64]


@dataclass(eq=False)
class Register:
    """All releases so far; made by `Register.open`. One writer at a time."""

    folder: Path
    releases: dict[str, Population] = field(default_factory=dict)
    _atom: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))
    _classes: NDArray[np.uint32] = field(default_factory=lambda: np.zeros((1, 0), np.uint32))
    _bits: dict[str, Bits] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, expected: Collection[str] = ()) -> Register:
        """The register in a folder, made when it is not there. `expected` are releases that must be in it.

        A damaged or missing file is an error: nothing may be released over it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder)
        there = sorted(file.name.removesuffix(ENDING) for file in folder.glob(f"*{ENDING}"))
        for release in sorted({*there, *expected}):
            made._add(release, _read(folder, release))
        return made

    @property
    def atoms(self) -> int:
        """How many groups of people the releases tell apart."""
        return len(self._classes)

    def keep(self, release: str, populations: Population) -> None:
        """Register a release that goes out; on the disk before this returns."""
        if not NAME.fullmatch(release):
            raise ReleaseUnnamed()
        if release in self.releases:
            raise ReleaseKept(release=release)
        _write(self.folder, release, populations)
        self._add(release, populations)

    def difference(self, new: Population, smallest: int) -> list[Difference]:
        """Every pair of a cell of `new` and one of an earlier release that leaves fewer than `smallest` people."""
        if not self.releases:
            return []
        found: list[Difference] = []
        if self._helps(new):
            atoms, classes, counts = self._against(new)
            for number, (name, old) in enumerate(self.releases.items()):
                joint = _joined(self._classes[atoms, number].astype(np.intp), classes, counts, old, new)
                found += differences(new, old, joint, name, smallest)
            return found
        bits = _bits(new) if new.classes <= BITS else None
        for name, old in self.releases.items():
            joint = csr_array(self._joint(name, old, new, bits).astype(np.float64))
            found += differences(new, old, joint, name, smallest)
        return found

    def tracked(self, new: Population, smallest: int) -> Tracked:
        """Whether groups of fewer than `smallest` people follow from all published numbers once the new ones are added."""
        if not self._helps(new):
            return Tracked(0, False)
        atoms, classes, counts = self._against(new)
        cells, same = [], np.zeros(len(new.names), np.bool_)
        for number, old in enumerate(self.releases.values()):
            held = self._classes[atoms, number].astype(np.intp)
            cells.append((old.members, held))
            same |= unmoved(new, old, _joined(held, classes, counts, old, new), smallest)
        return tracked(cells, (new.members[~same], classes), counts, smallest)

    def _helps(self, new: Population) -> bool:
        return len(self._classes) <= ATOMS and len(self._classes) * new.classes <= 100 * ATOMS

    def _against(self, new: Population) -> tuple[NDArray[np.intp], NDArray[np.intp], Counts]:
        """The atoms and classes of `new` that meet, and how many people do."""
        size, extent = min(len(self._atom), len(new.codes)), len(self._classes) * new.classes
        counts = np.zeros(extent, np.int64)
        for start in range(0, size, 1 << 20):
            part = slice(start, min(start + (1 << 20), size))
            keys = self._atom[part].astype(np.int64) * new.classes + new.codes[part]
            counts += np.bincount(keys, minlength=extent) if extent < 1 << 21 else _spread(keys, extent)
        counts[: new.classes] += np.bincount(new.codes[size:], minlength=new.classes)
        rest = np.bincount(self._atom[size:], minlength=len(self._classes))
        counts[:: new.classes] += rest
        met = np.flatnonzero(counts)
        return met // new.classes, met % new.classes, counts[met]

    def _joint(self, name: str, old: Population, new: Population, bits: Bits | None) -> Counts:
        if bits is not None and name in self._bits:
            return _by_bits(self._bits[name], bits)
        codes = _read(self.folder, name).codes
        size = min(len(codes), len(new.codes))
        keys = codes[:size].astype(np.int64) * new.classes + new.codes[:size]
        joint = _square(np.bincount(keys, minlength=old.classes * new.classes), old, new)
        joint[0] += np.bincount(new.codes[size:], minlength=new.classes)
        joint[:, 0] += np.bincount(codes[size:], minlength=old.classes)
        return joint

    def _add(self, release: str, populations: Population) -> None:
        self.releases[release] = replace(populations, codes=populations.codes[:0])  # who it is about stays on the disk
        if populations.classes <= BITS:
            self._bits[release] = _bits(populations)
        if len(self._classes) <= ATOMS:
            self._refine(populations)

    def _refine(self, one: Population) -> None:
        """Split the atoms by the classes of one more release."""
        size = max(len(self._atom), len(one.codes))
        atom, codes = np.zeros(size, np.int64), np.zeros(size, np.int64)
        atom[: len(self._atom)], codes[: len(one.codes)] = self._atom, one.codes
        keys = atom * one.classes + codes
        extent = len(self._classes) * one.classes
        seen = np.zeros(extent, np.bool_)
        seen[keys] = True
        seen[0] = True  # atom 0 is everybody who is in no release
        met = np.flatnonzero(seen)
        into = np.zeros(extent, np.uint32)
        into[met] = np.arange(len(met))
        self._atom = into[keys]
        column = (met % one.classes).astype(np.uint32)[:, None]
        self._classes = np.asfortranarray(np.hstack([self._classes[met // one.classes], column]))


def _joined(
    held: NDArray[np.intp], classes: NDArray[np.intp], counts: Counts, old: Population, new: Population
) -> csr_array:
    """People by class of the old and class of the new release."""
    return csr_array((counts.astype(np.float64), (held, classes)), (old.classes, new.classes))


def _square(joint: Counts, old: Population, new: Population) -> Counts:
    return joint.reshape(old.classes, new.classes)


def _spread(keys: Counts, extent: int) -> Counts:
    """A count by key where keys are few among very many."""
    met, counts = np.unique(keys, return_counts=True)
    made = np.zeros(extent, np.int64)
    made[met] = counts
    return made


def _bits(one: Population) -> Bits:
    """A bitmap a class but the outside, in words of 64 people."""
    words = -(-len(one.codes) // 64)
    made = np.zeros((one.classes - 1, words * 8), np.uint8)
    for number in range(1, one.classes):
        packed = np.packbits(one.codes == number)
        made[number - 1, : len(packed)] = packed
    return made.view(np.uint64)


def _by_bits(old: Bits, new: Bits) -> Counts:
    """The joint counts of two releases from their bitmaps. Those outside of both count nothing: no cell holds them."""
    words = min(old.shape[1], new.shape[1])
    joint = np.zeros((len(old) + 1, len(new) + 1), np.int64)
    for i, left in enumerate(old, 1):
        for j, right in enumerate(new, 1):
            joint[i, j] = int(np.bitwise_count(left[:words] & right[:words]).sum(dtype=np.int64))
    joint[1:, 0] = np.bitwise_count(old).sum(axis=1, dtype=np.int64) - joint[1:].sum(axis=1)
    joint[0, 1:] = np.bitwise_count(new).sum(axis=1, dtype=np.int64) - joint[:, 1:].sum(axis=0)
    return joint


def _write(folder: Path, release: str, one: Population) -> None:
    """A file appears whole or not at all, and its digest with it."""
    about = {"names": one.names, "rounding": one.rounding, "sums": one.sums}
    described = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8)
    held = io.BytesIO()
    np.savez_compressed(held, codes=one.codes, members=one.members, shown=one.shown, about=described)
    part = folder / f"{release}.part"
    with part.open("wb") as target:
        target.write(hashlib.sha256(held.getbuffer()).digest())
        target.write(held.getbuffer())
        target.flush()
        os.fsync(target.fileno())
    os.replace(part, folder / f"{release}{ENDING}")


def _read(folder: Path, release: str) -> Population:
    try:
        content = memoryview((folder / f"{release}{ENDING}").read_bytes())
    except FileNotFoundError:
        raise RegisterDamaged(release=release) from None
    if hashlib.sha256(content[32:]).digest() != content[:32]:
        raise RegisterDamaged(release=release)
    with np.load(io.BytesIO(content[32:]), allow_pickle=False) as held:
        about = json.loads(held["about"].tobytes())
        names = tuple(tuple(one) for one in about["names"])
        return Population(held["codes"], held["members"], held["shown"], names, about["rounding"], about["sums"])
