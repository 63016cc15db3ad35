"""A file of certificates in the form of `health.death`, row by row: what the edits find, and the underlying causes.

Rows are read as `collect` reads them, piece by piece; only the numbers seen so far are kept, and nothing is stored. A row
that is no row is told by its number, and the rest goes on; a file that cannot be read as rows at all is refused whole.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from quanmin import standards
from quanmin.collect.errors import NoRows
from quanmin.collect.heading import heading, named, require
from quanmin.collect.readers import open_reader
from quanmin.collect.readers.encoding import whole_encoding
from quanmin.collect.sent_file import receive
from quanmin.programs.vital.death.certificate import Certificate
from quanmin.programs.vital.death.edit import EDITS, Finding, edits, refused
from quanmin.programs.vital.death.form import USUAL, Deadline, demanded
from quanmin.programs.vital.death.selection import Selection, select
from quanmin.settings import Settings
from quanmin.text import Text

DATASET = "health.death"
SHOWN = 1_000
"""Findings that a report tells one by one; all are counted."""

WHOLE: dict[str, Text] = {
    "form.missing": Text("此版证明的必填项缺失", "an item that the form needs is missing"),
    "file.number": Text("证明编号重复", "the number of the certificate is in the file twice"),
    "file.person": Text("同一人有两份死亡证明", "the file has two certificates of one person"),
    "row.unreadable": Text("无法读取的行", "the row cannot be read"),
}
"""Rules that need the whole form or the whole file."""


class Sent(NamedTuple):
    """A row of the file, counted from 1: its texts by element name, or None where it cannot be read."""

    row: int
    texts: Mapping[str, str | None] | None


class Told(NamedTuple):
    """A finding with its row."""

    row: int
    finding: Finding

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"row": self.row, **self.finding.to_dict()}


@dataclass(frozen=True)
class Examined:
    """What the edits found in a file: rows read, refused and questioned, findings by rule, and the first of them."""

    file: str
    read: int
    refused: int
    questioned: int
    rules: Mapping[str, int]
    findings: tuple[Told, ...]

    @property
    def passed(self) -> bool:
        """Whether no certificate is refused."""
        return not self.refused

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "file": self.file,
            "passed": self.passed,
            "read": self.read,
            "refused": self.refused,
            "questioned": self.questioned,
            "rules": [{"rule": rule, "title": title_of(rule), "failed": count} for rule, count in self.rules.items()],
            "findings": [one.to_dict() for one in self.findings],
        }


class Chosen(NamedTuple):
    """The selection of a row, and the underlying cause that the file states."""

    row: int
    stated: str | None
    selection: Selection

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"row": self.row, "stated": self.stated, **self.selection.to_dict()}


def title_of(rule: str) -> Text:
    """A rule in words."""
    return WHOLE[rule] if rule in WHOLE else EDITS[rule].title


def examine(path: Path, today: dt.date, deadline: Deadline = USUAL, settings: Settings | None = None) -> Examined:
    """Every edit on every certificate of a file; errors of `collect` where it cannot be read as rows."""
    seen_numbers, seen_people = set[str](), set[str]()
    counts, told = Counter[str](), list[Told]()
    read = refusals = questions = 0
    for sent in sent_rows(path, settings):
        read += 1
        if sent.texts is None:
            found = [_whole("row.unreadable", "certificate_no", None)]
        else:
            certificate = Certificate.read(sent.texts)
            found = [*edits(certificate, today, deadline), *_lacking(sent.texts, certificate)]
            found += _again(seen_numbers, certificate.number, "file.number", "certificate_no", "E07")
            found += _again(seen_people, certificate.citizen_number, "file.person", "citizen_number", "E07")
        counts.update(one.rule for one in found)
        told += [Told(sent.row, one) for one in found][: SHOWN - len(told)]
        refusals += refused(found)
        questions += bool(found) and not refused(found)
    return Examined(Path(path).name, read, refusals, questions, dict(sorted(counts.items())), tuple(told))


def choose(path: Path, settings: Settings | None = None) -> Iterator[Chosen]:
    """The underlying cause of every certificate of a file, in its order; a row that cannot be read has none."""
    unreadable = select(Certificate.read({}))
    for sent in sent_rows(path, settings):
        if sent.texts is None:
            yield Chosen(sent.row, None, unreadable)
        else:
            certificate = Certificate.read(sent.texts)
            yield Chosen(sent.row, certificate.underlying, select(certificate))


def sent_rows(path: Path, settings: Settings | None = None) -> Iterator[Sent]:
    """The rows of a file in its order; NoRows where there are none."""
    sent = receive(Path(path), settings or Settings())
    dataset = standards.catalogue().dataset(DATASET)
    encoding = whole_encoding(sent) if sent.format in ("delimited", "json", "ndjson") else None
    reader = open_reader(sent, lambda title: dataset.resolve(title) is not None, encoding)
    require(dataset, heading(dataset, reader.titles, sent.name), sent.name)
    base = 0
    for piece in reader.pieces():
        chunk = piece.parse()
        table = named(dataset, chunk, heading(dataset, chunk.titles, sent.name))
        rows = [Sent(base + int(at) + 1, texts) for at, texts in zip(chunk.offsets, table.to_pylist(), strict=True)]
        rows += [Sent(base + row.offset + 1, None) for row in chunk.malformed]
        yield from sorted(rows, key=lambda one: one.row)
        base += chunk.count
    if not base:
        raise NoRows(file=sent.name)


def _lacking(texts: Mapping[str, str | None], certificate: Certificate) -> Iterator[Finding]:
    """What the form of its day needs and a row does not have."""
    form = demanded(certificate.filled) if certificate.filled else None
    for element in form.lacks(texts) if form else ():
        yield _whole("form.missing", element, "E12")


def _again(seen: set[str], value: str | None, rule: str, element: str, code: str) -> Iterator[Finding]:
    if value is not None:
        if value in seen:
            yield _whole(rule, element, code)
        seen.add(value)


def _whole(rule: str, element: str, code: str | None) -> Finding:
    return Finding(rule, "reject", element, None, WHOLE[rule], code)
