"""Looks by checksum: each made once, in a thread that is waited for only so long."""

from __future__ import annotations

import csv
import json
import threading
import zipfile
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookLong
from pathlib import Path

import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from quanmin.errors import QuanminError
from quanmin.opendata.preview import table
from quanmin.opendata.preview.look import (
    BROKEN,
    LARGE,
    MEMBERS,
    NEVER,
    POINTS,
    SLOW,
    WHOLE,
    Look,
    Members,
    Refused,
    Unfit,
)
from quanmin.opendata.preview.picture import picture
from quanmin.opendata.preview.shape import Map, shapes
from quanmin.opendata.preview.words import words
from quanmin.opendata.storage import Storage

SECONDS = 2.0
"""How long a page waits for a look."""
_KEPT = 128
_FAULTS = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    RecursionError,
    MemoryError,
    OverflowError,
    NotImplementedError,
    SyntaxError,
    csv.Error,
    zipfile.BadZipFile,
    InvalidFileException,
    pa.ArrowException,
)
"""What readers raise of files that are not what they should be (an XML parse error is a SyntaxError)."""


def look(path: Path, kind: str) -> Look:
    """A look into a file of a format of the value set `file_type`; never raises for what the file holds."""
    try:
        return _look(path, kind)
    except Unfit as unfit:
        return unfit.refused
    except _FAULTS:
        return BROKEN


def _look(path: Path, kind: str) -> Look:
    match kind:
        case "csv" | "tsv":
            return table.delimited(path, "\t" if kind == "tsv" else ",")
        case "parquet":
            return table.parquet(path)
        case "xlsx":
            return table.workbook(path)
        case "json" | "ndjson":
            return table.objects(path, kind == "ndjson") or words(path)
        case "png" | "jpeg":
            return picture(path)
        case "geojson":
            return _map(path)
        case "txt" | "xml" | "html" | "turtle" | "jsonld":
            return words(path)
        case "zip":
            return _members(path)
    return NEVER


def _map(path: Path) -> Map:
    if path.stat().st_size > WHOLE:
        raise Unfit(LARGE)
    found = json.loads(path.read_text("utf-8-sig"))
    made = shapes(found, POINTS)
    if made is None:
        raise Unfit(LARGE)
    return made


def _members(path: Path) -> Members:
    with zipfile.ZipFile(path) as held:
        every = held.infolist()
    return Members(tuple((one.filename[:200], one.file_size) for one in every[:MEMBERS]), len(every) > MEMBERS)


class Looker:
    """Looks into files of a storage. Safe to use from several threads; remembers what it saw, also that it took too long."""

    def __init__(self, storage: Storage, seconds: float = SECONDS) -> None:
        self._storage, self._seconds = storage, seconds
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="look")
        self._kept: OrderedDict[tuple[str, str], Future[Look]] = OrderedDict()
        self._lock = threading.Lock()

    def look(self, sha256: str, kind: str) -> Look:
        """A look into the file with this checksum."""
        with self._lock:
            waiting = self._kept.get((sha256, kind))
            if waiting is None:
                waiting = self._kept[sha256, kind] = self._threads.submit(self._open, sha256, kind)
            self._kept.move_to_end((sha256, kind))
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        try:
            return waiting.result(self._seconds)
        except TookLong:
            return SLOW

    def _open(self, sha256: str, kind: str) -> Look:
        try:
            path = self._storage.path(sha256)
        except QuanminError as missing:
            return Refused(missing.title.format(**missing.fields))
        return look(path, kind)

    def close(self) -> None:
        """Begin no further look."""
        self._threads.shutdown(wait=False, cancel_futures=True)
