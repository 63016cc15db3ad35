"""Verification: signature, recipe, files, ledger and catalogue of a release, and a replay of its run on the pinned snapshot.

Each thing is a `Check` that says what differs. The replay makes the files again, byte by byte, and measures the same risk, held
against the releases that stood in the register then; it shows nobody anything but whether that is so.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from quanmin.errors import QuanminError
from quanmin.opendata.disclosure import Register, kept
from quanmin.opendata.release import evidence, parsing, running
from quanmin.opendata.release.errors import EvidenceUnreadable, SnapshotGone, UnknownRelease
from quanmin.opendata.release.judging import open_findings
from quanmin.opendata.release.office import OUT, Releases
from quanmin.opendata.release.release import Release
from quanmin.text import Text, document
from quanmin.trust import Actor


class Check(NamedTuple):
    """One thing that was verified, whether it is as it should be, and what differs where it is not."""

    name: str
    title: Text
    sound: bool
    about: Text


SOUND = Text("相符", "as it should be")
TITLES = {
    "signature": Text("签名", "signature"),
    "recipe": Text("配方", "recipe"),
    "ledger": Text("台账", "ledger"),
    "files": Text("文件", "files"),
    "record": Text("目录记录", "record of the catalogue"),
    "replay": Text("重放", "replay"),
}


def content_of(releases: Releases, number: int) -> bytes:
    """The evidence file of a release that went out; UnknownRelease, UnknownFile."""
    release = releases.get(number)
    if release.evidence is None:
        raise UnknownRelease(release=number)
    return releases.portal.storage.path(release.evidence).read_bytes()


def verify(releases: Releases, actor: Actor, content: bytes, file: str = "?") -> list[Check]:
    """Every check of an evidence file, the replay last. EvidenceUnreadable."""
    statement = _shaped(evidence.read(content, file)["statement"], file)
    release = _release(releases, statement)
    made = [
        _check("signature", _signature(releases, content)),
        _check("recipe", _recipe(statement)),
        _check("ledger", _ledger(content, statement, release)),
        _check("files", _files(releases, statement)),
        _check("record", _record(releases, statement, release)),
    ]
    return [*made, _check("replay", _replayed(releases, actor, statement, release))]


def _check(name: str, wrong: Iterator[Text]) -> Check:
    found = list(wrong)
    about = Text("；".join(one.zh for one in found), "; ".join(one.en for one in found)) if found else SOUND
    return Check(name, TITLES[name], not found, about)


def _shaped(statement: Any, file: str) -> dict[str, Any]:
    """A statement whose parts are of the sorts that the checks ask for."""
    sorts = {
        "name": str,
        "release": int,
        "snapshot": int,
        "files": list,
        "recipe": dict,
        "measured": dict,
        "columns": list,
    }
    files = statement.get("files")
    whole = all(type(statement.get(name)) is sort for name, sort in sorts.items()) and all(
        isinstance(one, dict) and isinstance(one.get("sha256"), str) and isinstance(one.get("format"), str)
        for one in files
    )
    if not whole or not isinstance(statement["recipe"].get("text"), str):
        raise EvidenceUnreadable(file=file, reason=Text("结构不符", "not of the expected shape"))
    return dict(statement)


def _release(releases: Releases, statement: Mapping[str, Any]) -> Release | None:
    try:
        found = releases.get(statement["release"])
    except UnknownRelease:
        return None
    return found if found.name == statement["name"] and found.state in OUT else None


def _signature(releases: Releases, content: bytes) -> Iterator[Text]:
    if not evidence.holds(releases.lake.settings, content):
        yield Text(
            "内容或签名被改动，或不是本机构签发", "the content or the signature was changed, or it is not of this house"
        )


def _recipe(statement: Mapping[str, Any]) -> Iterator[Text]:
    if evidence.digest(statement["recipe"]["text"].encode()) != statement["recipe"].get("sha256"):
        yield Text("配方与其校验和不符", "the recipe does not fit its checksum")


def _ledger(content: bytes, statement: Mapping[str, Any], release: Release | None) -> Iterator[Text]:
    if release is None:
        yield Text("台账中没有这次发布", "the ledger has no such release")
        return
    if release.evidence != evidence.digest(content):
        yield Text("台账记的是另一份证据", "the ledger names another evidence file")
    for name in sorted({*statement} - {"check", "dataset_version"}):
        if release.statement.get(name) != statement[name]:
            yield Text(f"与台账不同：{name}", f"differs from the ledger: {name}")


def _files(releases: Releases, statement: Mapping[str, Any]) -> Iterator[Text]:
    for one in statement["files"]:
        try:
            held = releases.portal.storage.verify(one["sha256"])
        except QuanminError as error:
            yield Text(f"{one['format']}：{error.message('zh')}", f"{one['format']}: {error.message('en')}")
            continue
        if held.size != one.get("size"):
            yield Text(f"{one['format']}：大小不符", f"{one['format']}: another size")


def _record(releases: Releases, statement: Mapping[str, Any], release: Release | None) -> Iterator[Text]:
    if release is None:
        return
    try:
        versions = releases.portal.catalogue.get(release.name).versions
    except QuanminError as error:
        yield Text(error.message("zh"), error.message("en"))
        return
    documents = [one.step.document for one in versions if one.step.document is not None]
    mine = [one for one in documents if one.get("quanmin:release") == release.label]
    if not mine:
        yield Text("目录中没有这一版本", "the catalogue has no such version")
        return
    told = {one["spdx:checksum"]["spdx:checksumValue"] for one in mine[-1]["dcat:distribution"]}
    for one in statement["files"]:
        if one["sha256"] not in told:
            yield Text(f"目录未列出此文件：{one['format']}", f"the record does not name this file: {one['format']}")


def _replayed(
    releases: Releases, actor: Actor, statement: Mapping[str, Any], release: Release | None
) -> Iterator[Text]:
    if release is None or evidence.digest(statement["recipe"]["text"].encode()) != release.recipe_sha256:
        yield Text("配方不是台账所记的，未重放", "the recipe is not the one of the ledger, so nothing was replayed")
        return
    try:
        yield from _compared(*_again(releases, actor, statement, release), statement)
    except QuanminError as error:
        yield Text(error.message("zh"), error.message("en"))


def _again(
    releases: Releases, actor: Actor, statement: Mapping[str, Any], release: Release
) -> tuple[running.Run, dict[str, bytes]]:
    """The run once more, against the releases of then."""
    recipe = parsing.parse(release.recipe)
    then = statement["measured"].get("releases_compared") or []
    with releases.turn(), tempfile.TemporaryDirectory(prefix="quanmin-replay-") as place:
        register = _of_then(releases.folder / "register", then, Path(place))
        try:
            run = running.run(releases.lake, actor, recipe, releases.places(), register, statement["snapshot"])
        except (duckdb.IOException, FileNotFoundError):
            raise SnapshotGone(snapshot=statement["snapshot"]) from None
    table = run.outcome.table
    return run, running.written(recipe, table) if table is not None else {}


def _of_then(folder: Path, then: list[str], place: Path) -> Register:
    """A register of some of the releases, in a folder of its own."""
    for label in then:
        file = folder / f"{label}{kept.ENDING}"
        if file.exists():
            shutil.copy(file, place / file.name)
    return Register.open(place, then)


def _compared(run: running.Run, files: Mapping[str, bytes], statement: Mapping[str, Any]) -> Iterator[Text]:
    """What came out otherwise than the evidence says."""
    for one in statement["files"]:
        content = files.get(one["format"])
        if content is None or evidence.digest(content) != one["sha256"]:
            yield Text(f"重放所得文件不同：{one['format']}", f"the replay gives another file: {one['format']}")
    again = document(run.outcome.public)
    for name in sorted({*again} | {*statement["measured"]}):
        if again.get(name) != statement["measured"].get(name):
            yield Text(f"重放测得不同：{name}", f"the replay measures otherwise: {name}")
    if document(open_findings(run.outcome.findings)) != statement.get("findings"):
        yield Text("重放所得审查结果不同", "the replay finds otherwise")
