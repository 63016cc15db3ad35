"""Trackers: a few people as a sum and difference of many published cells (attack A6).

Comparing cells two by two does not find `q = (q or T) + (q or not T) - all`. People who stand in the same published cells of all
releases are one atom; every published number is a sum of atoms. An atom follows from the numbers exactly when its unit vector
lies in the space that the cells span, that is when every vector at right angles to all cells is zero there. The residual of
a random vector, after least squares on the cells, is such a vector, so one solution asks for all atoms at once. Rounding is
ignored, on the safe side.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.linalg import lsmr

from quanmin.opendata.disclosure.population import Members
from quanmin.opendata.disclosure.profile import Counts

Floats = NDArray[np.float64]
DENSE = 1500
"""Up to so many atoms, or cells, the answer is exact; above, it is iterated."""
ENTRIES = 20_000_000
"""Of the cells x atoms matrix; a larger one is not asked."""
STEPS = 400
"""Of the iteration; what has not settled by then was not asked."""
NEAR, SPAN, PROBES = 1e-6, 1e-9, 2


class Tracked(NamedTuple):
    """How many small groups follow from all published numbers together; `asked` is False where there was too much to ask."""

    groups: int
    asked: bool = True


Cells = tuple[Members, NDArray[np.intp]]
"""Of a release: members (cells x classes), and the class of each atom."""


def tracked(old: list[Cells], new: Cells, people: Counts, smallest: int) -> Tracked:
    """Ask for groups of fewer than `smallest` people that follow now and did not before; `people` counts each atom's."""
    cells = [*old, new]
    if sum(int((members > 0).sum(axis=0)[classes].sum()) for members, classes in cells) > ENTRIES:
        return Tracked(0, False)
    matrix, people = _merged(_matrix(cells, len(people)), people)
    few = np.flatnonzero((people > 0) & (people < smallest))
    if not len(few):
        return Tracked(0)
    before = matrix.shape[0] - len(new[0])
    after, ahead = _residual(_distinct(matrix)), _residual(_distinct(matrix[:before].tocsr()))
    if after is None or ahead is None:
        return Tracked(0, False)
    now, then = after[few], ahead[few]
    known = np.abs(now).max(axis=1) < NEAR
    fresh = known & ~(np.abs(then).max(axis=1) < NEAR)
    return Tracked(int(fresh.sum()) + _pairs(now[~known], then[~known], people[few][~known], smallest))


def _matrix(cells: list[Cells], atoms: int) -> csr_array:
    rows, columns, values, start = [], [], [], 0
    for members, classes in cells:
        weights = members[:, classes]
        row, column = np.nonzero(weights)
        values.append(weights[row, column].astype(np.float64))
        rows.append(row + start)
        columns.append(column)
        start += len(members)
    row, column = np.concatenate(rows), np.concatenate(columns)
    return coo_array((np.concatenate(values), (row, column)), (start, atoms)).tocsr()


def _merged(matrix: csr_array, people: Counts) -> tuple[csr_array, Counts]:
    """Atoms that stand in the same cells are one; those in no cell are left out."""
    marks = np.random.default_rng(1).integers(1, 2**40, matrix.shape[0]).astype(np.float64)
    _, first, inverse = np.unique(matrix.T @ marks, return_index=True, return_inverse=True)
    together = np.bincount(inverse, people, len(first)).astype(np.int64)
    kept = np.asarray(matrix[:, first].sum(axis=0)).ravel() > 0
    return matrix[:, first[kept]].tocsr(), together[kept]


def _distinct(matrix: csr_array) -> csr_array:
    """The cells that are not the same atoms as another one."""
    marks = np.random.default_rng(3).integers(1, 2**40, matrix.shape[1]).astype(np.float64)
    _, first = np.unique(matrix @ marks, return_index=True)
    return matrix[first].tocsr()


def _residual(matrix: csr_array) -> Floats | None:
    """Atoms x probes: random vectors less what the cells span; None when the iteration does not settle."""
    probes = np.random.default_rng(2).standard_normal((matrix.shape[1], PROBES))
    basis = _basis(matrix)
    if basis is not None:
        for _ in range(2):  # the second time takes away what the first left by rounding
            probes = probes - basis @ (basis.T @ probes)
        return np.asarray(probes)
    across = matrix.T.tocsr()
    solved = [lsmr(across, probe, atol=1e-11, btol=1e-11, maxiter=STEPS)[:2] for probe in probes.T]
    if any(stop == 7 for _, stop in solved):
        return None
    return np.asarray(probes - across @ np.column_stack([found for found, _ in solved]))


def _basis(matrix: csr_array) -> Floats | None:
    """An orthonormal basis of what the cells span, of the smaller of both Gram matrices; None where both are too large."""
    cells, atoms = matrix.shape
    if not cells:
        return np.zeros((atoms, 0))
    if atoms <= min(cells, DENSE):
        values, vectors = np.linalg.eigh((matrix.T @ matrix).toarray())
        return np.asarray(vectors[:, values > SPAN * max(float(values[-1]), 1.0)])
    if cells > DENSE or cells * atoms > ENTRIES:
        return None
    values, vectors = np.linalg.eigh((matrix @ matrix.T).toarray())
    kept = values > SPAN * max(float(values[-1]), 1.0)
    return np.asarray((matrix.T @ vectors[:, kept]) / np.sqrt(values[kept]))


def _pairs(now: Floats, then: Floats, people: Counts, smallest: int) -> int:
    """Pairs of atoms that follow together: their residuals cancel in every probe."""
    if len(now) < 2:
        return 0
    order = np.argsort(np.abs(now[:, 0]))
    left, right = order[:-1], order[1:]
    cancel = np.abs(now[left] + now[right]).max(axis=1) < NEAR
    fresh = cancel & ~(np.abs(then[left] + then[right]).max(axis=1) < NEAR)
    return int((fresh & (people[left] + people[right] < smallest)).sum())
