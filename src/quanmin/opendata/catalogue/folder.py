"""The files of an index: a folder a build, and one small file that says which of them is meant.

A build is written beside the old one and named at the very end, so that one that is killed leaves the old one as it was.
The files can be made anew from the records at any time and are no part of a backup.
"""

from __future__ import annotations

import json
import mmap
import os
import shutil
import time
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from quanmin.opendata.catalogue.errors import IndexUnusable
from quanmin.opendata.catalogue.posting import Postings
from quanmin.opendata.catalogue.segment import Segment, value_of

FORMAT = 3  # another number when a text is folded, cut or projected otherwise: an older index is then made anew
CURRENT, CONTENTS, ROWS = "current", "contents.json", "rows.bin"
_ABANDONED = 3_600.0  # seconds after which a build without an end is taken away

_ARRAYS = (
    "signs",
    "value_offsets",
    "values",
    "modified",
    "changed",
    "kinds",
    "brevity",
    "keys_zh",
    "keys_en",
    "row_offsets",
)
_POSTINGS = ("grams", "word_postings", "value_postings")


class Stored(NamedTuple):
    """An index on the disk: up to which action of the catalogue it goes."""

    sequence: int
    segment: Segment


def write(folder: Path, segment: Segment, sequence: int) -> None:
    """Keep a segment as the index, in the place of the one that was."""
    name = f"build-{uuid.uuid4().hex}"
    place = folder / name
    place.mkdir(parents=True)
    for part, array in _arrays(segment).items():
        np.save(place / f"{part}.npy", array)
    (place / ROWS).write_bytes(segment.rows)
    lists = {
        "ids": list(segment.ids),
        "words": list(segment.words),
        "facets": [[one.facet, one.code, *one.title] for one in segment.facets],
    }
    sizes = {one.name: one.stat().st_size for one in place.iterdir()}
    contents = {"format": FORMAT, "sequence": sequence, "sizes": sizes, **lists}
    (place / CONTENTS).write_text(json.dumps(contents, ensure_ascii=False), "utf-8")
    _point(folder, name)
    _clear(folder, name)


def _arrays(segment: Segment) -> dict[str, npt.NDArray[Any]]:
    found: dict[str, npt.NDArray[Any]] = {part: getattr(segment, part) for part in _ARRAYS}
    for part in _POSTINGS:
        found |= {f"{part}.{name}": array for name, array in getattr(segment, part)._asdict().items()}
    return found


def _point(folder: Path, name: str) -> None:
    """Say which build is meant, wholly or not at all."""
    beside = folder / f"{CURRENT}.{uuid.uuid4().hex}"
    with beside.open("w", encoding="utf-8") as out:
        out.write(name)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(folder / CURRENT)


def _clear(folder: Path, name: str) -> None:
    """Take away builds that are over: the one before, and what was abandoned. Who maps their files keeps them."""
    for one in folder.iterdir():
        if one.name in (name, CURRENT):
            continue
        if not (one / CONTENTS).exists() and time.time() - one.stat().st_mtime < _ABANDONED:
            continue  # somebody else may be at work on it
        if one.is_dir():
            shutil.rmtree(one, ignore_errors=True)
        else:
            one.unlink(missing_ok=True)


def current(folder: Path) -> str | None:
    """The name of the build that is meant."""
    try:
        return (folder / CURRENT).read_text("utf-8")
    except FileNotFoundError:
        return None


def read(folder: Path) -> Stored | None:
    """The index; None where there is none or it is of another format. IndexUnusable when it is not whole."""
    name = current(folder)
    if name is None:
        return None
    try:
        return _read(folder / name)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexUnusable(file=CONTENTS) from error


def _read(place: Path) -> Stored | None:
    contents = json.loads((place / CONTENTS).read_text("utf-8"))
    if contents["format"] != FORMAT:
        return None
    for file, size in contents["sizes"].items():
        if not (place / file).is_file() or (place / file).stat().st_size != size:
            raise IndexUnusable(file=file)
    segment = Segment(
        ids=contents["ids"],
        words=contents["words"],
        facets=[value_of(said) for said in contents["facets"]],
        rows=_mapped(place / ROWS),
        grams=_postings(place, "grams"),
        word_postings=_postings(place, "word_postings"),
        value_postings=_postings(place, "value_postings"),
        **{part: _array(place, part) for part in _ARRAYS},
    )
    return Stored(contents["sequence"], segment)


def _array(place: Path, part: str) -> npt.NDArray[Any]:
    return np.asarray(np.load(place / f"{part}.npy", mmap_mode="r", allow_pickle=False))


def _postings(place: Path, part: str) -> Postings:
    return Postings(*(_array(place, f"{part}.{name}") for name in Postings._fields))


def _mapped(file: Path) -> bytes | memoryview:
    if not file.stat().st_size:
        return b""
    with file.open("rb") as source:
        return memoryview(mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ))
