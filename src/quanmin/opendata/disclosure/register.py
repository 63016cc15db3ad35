"""The register of releases: for each its people's classes in a folder, and the audit of a new release against all of them.

People who stand in the same classes of all releases are one *atom*; a new release is counted once against the atoms instead of
once against every release. The atoms are kept beside the releases, so that opening makes anew only what is missing of them.
Where they are too many to help, releases of few classes are counted by bitmaps, others one by one.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from quanmin.opendata.disclosure import kept
from quanmin.opendata.disclosure.differencing import Difference, differences, unmoved
from quanmin.opendata.disclosure.errors import ReleaseKept, ReleaseUnnamed
from quanmin.opendata.disclosure.population import Population
from quanmin.opendata.disclosure.profile import Counts
from quanmin.opendata.disclosure.tracker import Tracked, tracked

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
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
    _digests: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, expected: Collection[str] = ()) -> Register:
        """The register in a folder, made when it is not there. `expected` are releases that must be in it.

        A damaged or missing file is an error: nothing may be released over it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        made, known = cls(folder), kept.read_atoms(folder)
        there = {file.name.removesuffix(kept.ENDING) for file in folder.glob(f"*{kept.ENDING}")}
        told = {release: kept.read(folder, release, people=False) for release in sorted({*there, *expected})}
        if known is not None and all(told.get(one, (None, ""))[1] == digest for one, digest in known.releases.items()):
            made._atom, made._classes = known.atom, known.classes
            for release in known.releases:
                made._note(release, *told.pop(release))
        for release, (_, digest) in told.items():
            populations, _ = kept.read(folder, release)
            made._refine(populations)
            made._note(release, populations, digest)
        if told:
            made._keep_atoms()
        return made

    @property
    def atoms(self) -> int:
        """How many groups of people the releases tell apart; one more than `ATOMS` where that is given up."""
        return len(self._classes)

    def keep(self, release: str, populations: Population) -> None:
        """Register a release that goes out; on the disk before this returns."""
        if not NAME.fullmatch(release):
            raise ReleaseUnnamed()
        if release in self.releases:
            raise ReleaseKept(release=release)
        digest = kept.write(self.folder, release, populations)
        self._refine(populations)
        self._note(release, populations, digest)
        self._keep_atoms()

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
        if bits is not None and old.classes <= BITS:
            if name not in self._bits:
                self._bits[name] = _bits(kept.read(self.folder, name)[0])
            return _by_bits(self._bits[name], bits)
        codes = kept.read(self.folder, name)[0].codes
        size = min(len(codes), len(new.codes))
        keys = codes[:size].astype(np.int64) * new.classes + new.codes[:size]
        joint = _square(np.bincount(keys, minlength=old.classes * new.classes), old, new)
        joint[0] += np.bincount(new.codes[size:], minlength=new.classes)
        joint[:, 0] += np.bincount(codes[size:], minlength=old.classes)
        return joint

    def _note(self, release: str, populations: Population, digest: str) -> None:
        self.releases[release] = replace(populations, codes=populations.codes[:0])  # who it is about stays on the disk
        self._digests[release] = digest

    def _keep_atoms(self) -> None:
        kept.write_atoms(self.folder, kept.Atoms(self._digests, self._atom, self._classes))

    def _refine(self, one: Population) -> None:
        """Split the atoms by the classes of one more release; too many to help are given up."""
        if len(self._classes) > ATOMS:
            return
        self._split(one)
        if len(self._classes) > ATOMS:
            self._atom, self._classes = np.zeros(0, np.uint32), np.zeros((ATOMS + 1, 0), np.uint32)

    def _split(self, one: Population) -> None:
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
