"""The package of a month: one CSV file a dataset and a manifest, in a zip that is the same byte for byte while the ledger is.

Of a month the package tells all, and so does its correction: rows replace those with the same key where they are collected. A
correction names the package that it corrects. `read_package` believes nothing that the digests do not bear out.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from quanmin import standards
from quanmin.ledger import Action, Document, Workflow, register
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push import balance, birth, holding, issue, stock
from quanmin.programs.vital.push.errors import (
    AlreadyPushed,
    BadMonth,
    MonthClosed,
    MonthOpen,
    NothingChanged,
    NotSent,
    PackageBroken,
    PushUnknown,
)
from quanmin.programs.vital.push.month import Month, month
from quanmin.programs.vital.push.row import Line
from quanmin.programs.vital.role import SUPERVISOR
from quanmin.trust import audit

PUSH = register(
    Workflow(
        "birth_push",
        start="made",
        actions=[
            Action("remake", "made", "made", needs=("parts", "sha256")),
            Action("deliver", ("made", "sending"), "sending", needs=("deliveries",)),
            Action("send", ("made", "sending"), "sent"),
        ],
    )
)
"""`sent`: every part with rows is a delivery; what became of those their receipts tell."""
Rows = Callable[[Office, Connection, Month], Iterator[Line]]
PARTS: dict[str, Rows] = {
    holding.DATASET: holding.rows,
    stock.DATASET: stock.rows,
    issue.DATASET: issue.rows,
    birth.DATASET: birth.rows,
    balance.DATASET: balance.rows,
}
"""By dataset, in the order in which they are sent: whoever holds, what moved, what was issued, births, the sums."""
MANIFEST = "manifest.json"
FORM = "quanmin-birth-push/1"
_STAMP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Part:
    """One dataset: its batch, file, number of rows and digest of the file."""

    batch: str
    dataset: str
    file: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Package:
    """What a package says of itself: `corrects` is the package that a correction is about."""

    id: str
    member: str
    month: str
    corrects: str | None
    parts: tuple[Part, ...]
    form: str = FORM

    @property
    def correction(self) -> bool:
        """Whether it corrects an earlier one."""
        return self.corrects is not None

    @property
    def state(self) -> str:
        """The digest of all that it says of its month: equal where nothing changed."""
        told = [[part.dataset, part.rows, part.sha256] for part in self.parts]
        return hashlib.sha256(json.dumps([self.member, self.month, told]).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """The manifest."""
        return asdict(self) | {"parts": [asdict(one) for one in self.parts], "correction": self.correction}

    def read(self, path: Path, part: Part) -> bytes:
        """The file of a part, from the zip; PackageBroken where it is not what the manifest says."""
        try:
            with zipfile.ZipFile(path) as archive:
                found = archive.read(part.file)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise PackageBroken(file=part.file, fault="missing") from error
        if hashlib.sha256(found).hexdigest() != part.sha256:
            raise PackageBroken(file=part.file, fault="sha256")
        return found


def package(office: Office, text: str, correction_of: str | None = None) -> Path:
    """Make the package of a month (`2026-10`) that is over; its path. One that was not sent is made anew under its name.

    BadMonth, RoleMissing, MonthOpen, AlreadyPushed; for a correction also PushUnknown, NotSent, MonthClosed (after 20 February of
    the next year) and NothingChanged.
    """
    one = month(text)
    office.require(SUPERVISOR)
    if office.today() <= one.last:
        raise MonthOpen(month=one)
    before = _before(office, one, correction_of)
    name = before.ref if before is not None and before.state == "made" else _name(office, one)
    assert name is not None
    files = contents(office, one)
    parts = tuple(_part(name, dataset, found) for dataset, found in files.items())
    made = Package(name, office.settings.member, str(one), correction_of, parts)
    if correction_of is not None and made.state == get(office, correction_of).data["content"]:
        raise NothingChanged(month=one, package=correction_of)
    path = place(office, name)
    _write(path, made, files)
    _keep(office, before if before is not None and before.state == "made" else None, made, path)
    return path


def contents(office: Office, one: Month) -> dict[str, tuple[bytes, int]]:
    """The CSV of each dataset of a month, and how many rows it has."""
    with office.ledger.reading() as connection:
        return {dataset: _csv(dataset, rows(office, connection, one)) for dataset, rows in PARTS.items()}


def place(office: Office, name: str) -> Path:
    """Where a package lies."""
    return office.settings.home / "pushes" / f"{name}.zip"


def get(office: Office, name: str) -> Document:
    """The document of a package. PushUnknown."""
    found = office.ledger.find(PUSH.kind, ref=name, limit=1)
    if not found:
        raise PushUnknown(package=name)
    return found[-1]


def listing(office: Office, one: Month | None = None) -> list[Document]:
    """The packages, all or of a month, the oldest first."""
    found = office.ledger.find(PUSH.kind)
    return found if one is None else [document for document in found if document.data["month"] == str(one)]


def _before(office: Office, one: Month, correction_of: str | None) -> Document | None:
    """The package that is not sent yet and is made anew; AlreadyPushed, PushUnknown, BadMonth, MonthClosed."""
    known = listing(office, one)
    last = known[-1] if known else None
    if correction_of is None:
        if last is not None and (last.state != "made" or last.data["corrects"] is not None):
            raise AlreadyPushed(month=one, package=last.ref)
        return last
    corrected = get(office, correction_of)
    if corrected.data["month"] != str(one):
        raise BadMonth()
    if corrected.state == "made":
        raise NotSent(package=correction_of)
    if office.today() > one.closes:
        raise MonthClosed(month=one, closed=one.closes)
    return last if last is not None and last.data["corrects"] == correction_of and last.state == "made" else None


def _name(office: Office, one: Month) -> str:
    return f"{office.settings.member}-{one}-{len(listing(office, one)) + 1}"


def _part(name: str, dataset: str, found: tuple[bytes, int]) -> Part:
    text, rows = found
    digest = hashlib.sha256(text).hexdigest()
    return Part(f"{name}.{dataset}", dataset, f"{dataset}.csv", rows, digest)


def _csv(dataset: str, rows: Iterable[Line]) -> tuple[bytes, int]:
    """Elements in the order of the standard; UTF-8, lines end with a newline."""
    out, told = io.StringIO(), list(rows)
    names = [element.name for element in standards.catalogue().dataset(dataset).elements]
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(told)
    return out.getvalue().encode(), len(told)


def _write(path: Path, made: Package, files: Mapping[str, tuple[bytes, int]]) -> None:
    """The zip, whole or not at all: sorted, with one time and one way of packing for every member."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    told = json.dumps(made.to_dict(), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    members = {MANIFEST: told.encode()} | {part.file: files[part.dataset][0] for part in made.parts}
    draft.touch(0o600)  # before anything is in it
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(members.items()):
            member = zipfile.ZipInfo(name, _STAMP)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(member, content)
    draft.replace(path)


def _keep(office: Office, before: Document | None, made: Package, path: Path) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    own = {"parts": [asdict(one) for one in made.parts], "sha256": digest, "content": made.state}
    with office.ledger.writing() as connection:
        if before is not None:
            office.ledger.act(before.id, "remake", own, office.actor.id, connection=connection)
        else:
            data = {"month": made.month, "corrects": made.corrects, **own}
            office.ledger.create(PUSH.kind, made.id, data, office.actor.id, connection)
    audit.append(office.ledger, "certificate_push", office.actor.id, {"package": made.id, "sha256": digest})


def read_package(path: Path) -> Package:
    """The manifest of a package, once every part was compared with it. PackageBroken."""
    try:
        with zipfile.ZipFile(path) as archive:
            names, told = archive.namelist(), json.loads(archive.read(MANIFEST))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise PackageBroken(file=MANIFEST, fault="unreadable") from error
    made = _read(told)
    wanted = sorted([MANIFEST, *(part.file for part in made.parts)])
    if sorted(names) != wanted:
        raise PackageBroken(file=next(iter({*names} ^ {*wanted}), MANIFEST), fault="missing or unknown")
    for part in made.parts:
        found = made.read(path, part)
        rows = sum(1 for _ in csv.reader(io.StringIO(found.decode("utf-8", "replace"), newline=""))) - 1
        if rows != part.rows:
            raise PackageBroken(file=part.file, fault="rows")
    return made


def _read(told: Any) -> Package:
    try:
        own = dict(told)
        correction = own.pop("correction")
        made = Package(**own | {"parts": tuple(Part(**one) for one in own["parts"])})
        month(made.month)
    except (TypeError, KeyError, ValueError, BadMonth) as error:
        raise PackageBroken(file=MANIFEST, fault="form") from error
    if made.form != FORM or correction != made.correction:
        raise PackageBroken(file=MANIFEST, fault="form")
    return made
