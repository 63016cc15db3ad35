"""The file of a feedback delivery: a ZIP of one CSV and its summary, made and read.

The CSV has, per line, whether the error stands or was closed, the delivery, the columns of `population.export_feedback`, and by
what a supplied row is found (`register.TOLD`); no value of a row is in it. The summary counts it, says how many more errors
there are, and names the delivery that is answered.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from quanmin.exchange.intake.errors import FeedbackBroken
from quanmin.exchange.intake.register import TOLD
from quanmin.population.feedback import summary_of
from quanmin.population.feedback import write as write_csv

TITLES = ("state", "delivery", *TOLD)
OPEN, CLOSED = "open", "closed"
SUMMARY = "summary.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LARGEST = 1 << 30
"""Bytes that a feedback may unpack to."""
_SUMMARY_LARGEST = 1 << 20


@dataclass(frozen=True)
class Told:
    """A feedback that was made: its file, lines, digest, and summary."""

    path: Path
    lines: int
    sha256: str
    summary: dict[str, Any]


def make(path: Path, dataset: str, new: pa.Table, gone: pa.Table, facts: Mapping[str, Any]) -> Told:
    """Write the ZIP to `path`, whole or not at all. `facts` go into the summary: delivery, agreement, source, at, snapshot."""
    lines = pa.concat_tables([_lines(new, OPEN, str(facts["delivery"])), _lines(gone, CLOSED, str(facts["delivery"]))])
    summary = {**facts, "dataset": dataset, "file": f"{dataset}.feedback.csv", "lines": len(lines)}
    summary |= {"told": summary_of(new), "closed": len(gone)}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    with tempfile.TemporaryDirectory(dir=path.parent) as place:
        sheet = Path(place) / "feedback.csv"
        summary["sha256"] = write_csv(sheet, lines)
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            _add(archive, SUMMARY, json.dumps(summary, ensure_ascii=False, indent=1).encode() + b"\n")
            with sheet.open("rb") as source, archive.open(_member(str(summary["file"])), "w") as target:
                while part := source.read(1 << 20):
                    target.write(part)
    with draft.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    draft.replace(path)
    return Told(path, len(lines), sha256, summary)


def _lines(table: pa.Table, state: str, delivery: str) -> pa.Table:
    columns = {
        "state": pa.repeat(pa.scalar(state), len(table)),
        "delivery": pa.repeat(pa.scalar(delivery), len(table)),
    }
    return pa.table(columns | {name: table.column(name) for name in TOLD})


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(_member(name), data)


def unpack(path: Path, target: Path) -> dict[str, Any]:
    """Put a feedback's two files into a folder, which it makes whole or not at all; the summary. FeedbackBroken."""
    if (target / SUMMARY).is_file():
        return summary_in(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as place:
        try:
            with zipfile.ZipFile(path) as archive:
                summary = _unpacked(archive, path.name, Path(place))
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            EOFError,
            KeyError,
            ValueError,
            csv.Error,
        ) as error:
            raise FeedbackBroken(file=path.name, fault=type(error).__name__) from error
        draft = Path(place) / "whole"
        draft.mkdir()
        for one in (SUMMARY, "feedback.csv"):
            (Path(place) / one).replace(draft / one)
        draft.replace(target)
    return summary


def _unpacked(archive: zipfile.ZipFile, name: str, place: Path) -> dict[str, Any]:
    names = {one.filename: one for one in archive.infolist()}
    if len(names) != 2 or SUMMARY not in names or names[SUMMARY].file_size > _SUMMARY_LARGEST:
        raise FeedbackBroken(file=name, fault="summary")
    summary = json.loads(archive.read(SUMMARY))
    if not isinstance(summary, dict) or {"delivery", "file", "lines", "sha256", "closed", "told"} - summary.keys():
        raise FeedbackBroken(file=name, fault="summary")
    sheet = names.get(str(summary["file"]))
    if sheet is None or sheet.file_size > _LARGEST:
        raise FeedbackBroken(file=name, fault="csv")
    (place / SUMMARY).write_bytes(archive.read(SUMMARY))
    _copy(archive, sheet, place / "feedback.csv")
    with (place / "feedback.csv").open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != summary["sha256"]:
            raise FeedbackBroken(file=name, fault="sha256")
    if sum(1 for _ in lines_in(place)) != summary["lines"]:
        raise FeedbackBroken(file=name, fault="lines")
    return summary


def _copy(archive: zipfile.ZipFile, sheet: zipfile.ZipInfo, target: Path) -> None:
    with archive.open(sheet) as source, target.open("wb") as file:
        while part := source.read(1 << 20):
            if file.tell() + len(part) > _LARGEST:
                raise FeedbackBroken(file=sheet.filename, fault="csv")
            file.write(part)


def summary_in(folder: Path) -> dict[str, Any]:
    """The summary of a feedback that was unpacked."""
    return dict(json.loads((folder / SUMMARY).read_text("utf-8")))


def lines_in(folder: Path) -> Any:
    """The lines of a feedback that was unpacked, as dictionaries of text. FeedbackBroken where a column is missing."""
    with (folder / "feedback.csv").open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != TITLES:
            raise FeedbackBroken(file="feedback.csv", fault="columns")
        yield from reader
