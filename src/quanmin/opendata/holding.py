"""A file of the portal as somebody asks for it: which record gives it away, and whether it may be had.

A file stays addressable as long as a record that once published it is not withdrawn: superseded versions are cited. Who may
have it is what the record says now.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from quanmin.errors import NotFound, QuanminError
from quanmin.opendata.access import Reader, require
from quanmin.opendata.catalogue import Distribution, Record, Standing, read
from quanmin.opendata.catalogue.store import PUBLISH, files
from quanmin.opendata.portal import Portal
from quanmin.opendata.storage.errors import UnknownFile
from quanmin.text import Text


class Withdrawn(NotFound):
    """The record of what is asked for was withdrawn; it says why."""

    code = "QM-ACCESS-004"
    title = Text("{name} 已撤回：{reason}", "{name} was withdrawn: {reason}")
    step = Text("数据集页面保留撤回说明。", "The page of the dataset keeps the reason.")


class NotPublished(NotFound):
    """A record that nobody sees yet."""

    code = "QM-ACCESS-005"
    title = Text("没有公开的数据集 {name}", "there is no published dataset {name}")
    step = Text("请在目录中查找。", "Search the catalogue.")


@dataclass(frozen=True)
class Holding:
    """A file with the record that gives it away. `distribution` is that of the newest published version that has it."""

    record: Record
    distribution: Distribution
    sha256: str
    path: Path
    current: bool


def published(portal: Portal, key: str) -> Record:
    """The record that everybody sees under this id or name; UnknownRecord, NotPublished, Withdrawn."""
    standing = portal.catalogue.get(key)
    if standing.state == "withdrawn":
        raise _withdrawn(standing)
    if standing.document is None:
        raise NotPublished(name=key)
    return read(standing.document)


def hold(portal: Portal, sha256: str, reader: Reader) -> Holding:
    """A file for whoever may have it; UnknownFile, Withdrawn, NotOpen, AccountNeeded, ApplicationNeeded."""
    refused: QuanminError | None = None
    for standing in portal.catalogue.store.holders(sha256):
        if standing.document is None:
            refused = refused or _withdrawn(standing)
            continue
        try:
            record = read(standing.document)
            require(record, reader)
        except QuanminError as error:
            refused = error
            continue
        return _held(portal, standing, record, sha256)
    raise refused or UnknownFile(sha256=sha256 if len(sha256) == 64 else "?")


def table_of(record: Record) -> str | None:
    """The SHA-256 of the file that holds the table of a dataset: its distribution in Parquet."""
    for one in record.distributions:
        address = one.download_url or ""
        if one.format is not None and one.format.code == "parquet" and address.startswith("/files/"):
            return address.removeprefix("/files/").partition(".")[0]
    return None


def _held(portal: Portal, standing: Standing, record: Record, sha256: str) -> Holding:
    assert standing.document is not None  # it is published
    versions = [one.step.document for one in standing.versions if one.step.action == PUBLISH and one.step.document]
    version = next(one for one in reversed(versions) if sha256 in files(one))
    held = next(one for one in read(version).distributions if f"/files/{sha256}." in (one.download_url or ""))
    return Holding(record, held, sha256, portal.storage.path(sha256), sha256 in files(standing.document))


def _withdrawn(standing: Standing) -> Withdrawn:
    return Withdrawn(name=standing.newest["quanmin:name"], reason=standing.reason or "")
