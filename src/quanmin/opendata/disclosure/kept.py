"""What the register keeps in its folder: a file a release (`<release>.cells`), and the atoms of all of them (`atoms`).

A file begins with the SHA-256 of the rest, which is NumPy's npz; the classes of people in it are compressed with Zstandard, and
only expanded when they are needed. The file of atoms can be made anew from the releases at any time.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.opendata.disclosure.errors import RegisterDamaged
from quanmin.opendata.disclosure.population import Population

ENDING, ATOMS = ".cells", "atoms"
_DIGEST = 32


@dataclass(frozen=True, eq=False)
class Atoms:
    """The atom of each place, and the class of each atom in each release; releases in order with the digests of their files."""

    releases: Mapping[str, str]
    atom: NDArray[np.uint32]
    classes: NDArray[np.uint32]


def write(folder: Path, release: str, one: Population) -> str:
    """Keep a release; the digest of its file."""
    about = {"names": one.names, "rounding": one.rounding, "sums": one.sums}
    arrays = {"members": one.members, "shown": one.shown, "about": _text(about)}
    return _write(folder, f"{release}{ENDING}", arrays | _packed("codes", one.codes))


def read(folder: Path, release: str, people: bool = True) -> tuple[Population, str]:
    """A release (without its people's classes unless `people`) and the digest of its file; RegisterDamaged."""
    try:
        held, digest = _read(folder / f"{release}{ENDING}")
        with held:
            about = json.loads(held["about"].tobytes())
            names = tuple(tuple(one) for one in about["names"])
            codes = _unpacked("codes", held) if people else np.zeros(0, np.uint8)
            return Population(codes, held["members"], held["shown"], names, about["rounding"], about["sums"]), digest
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        raise RegisterDamaged(release=release) from None


def write_atoms(folder: Path, atoms: Atoms) -> None:
    """Keep the atoms, in the place of those that stood."""
    arrays = {"releases": _text(list(atoms.releases.items()))}
    _write(folder, ATOMS, arrays | _packed("atom", atoms.atom) | _packed("classes", atoms.classes))


def read_atoms(folder: Path) -> Atoms | None:
    """The atoms that were kept; None where there are none, or they are damaged: they are made anew."""
    try:
        held, _ = _read(folder / ATOMS)
        with held:
            releases = {str(name): str(digest) for name, digest in json.loads(held["releases"].tobytes())}
            return Atoms(releases, _unpacked("atom", held), _unpacked("classes", held))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None


def _text(said: Any) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(said, ensure_ascii=False).encode(), np.uint8)


def _packed(name: str, array: NDArray[Any]) -> dict[str, NDArray[Any]]:
    flat = np.ascontiguousarray(array.T if array.ndim > 1 else array)
    packed = pa.Codec("zstd", compression_level=1).compress(flat.tobytes(), asbytes=True)
    shape = np.array([*array.shape], np.int64)
    return {name: np.frombuffer(packed, np.uint8), f"{name}_shape": shape, f"{name}_kind": np.zeros(0, array.dtype)}


def _unpacked(name: str, held: Mapping[str, Any]) -> Any:
    shape, kind = tuple(held[f"{name}_shape"].tolist()), held[f"{name}_kind"].dtype
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    content = pa.Codec("zstd").decompress(held[name].tobytes(), decompressed_size=size, asbytes=True) if size else b""
    flat = np.frombuffer(content, kind)
    return flat.reshape(shape[::-1]).T if len(shape) > 1 else flat


def _write(folder: Path, name: str, arrays: Mapping[str, Any]) -> str:
    """A file appears whole or not at all, and its digest with it."""
    held = io.BytesIO()
    np.savez(held, **arrays)
    digest = hashlib.sha256(held.getbuffer())
    part = folder / f"{name}.part"
    with part.open("wb") as target:
        target.write(digest.digest())
        target.write(held.getbuffer())
        target.flush()
        os.fsync(target.fileno())
    os.replace(part, folder / name)
    return digest.hexdigest()


def _read(file: Path) -> tuple[Any, str]:
    """What a file holds, and its digest; ValueError where they do not fit."""
    content = memoryview(file.read_bytes())
    digest = hashlib.sha256(content[_DIGEST:])
    if digest.digest() != content[:_DIGEST]:
        raise ValueError("damaged")
    return np.load(io.BytesIO(content[_DIGEST:]), allow_pickle=False), digest.hexdigest()
