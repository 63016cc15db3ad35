"""Verification replays a release, and says what differs when something was changed."""

from __future__ import annotations

import json

import pytest

from quanmin.lake import Lake
from quanmin.opendata.release import Release, Releases, evidence, replay
from quanmin.opendata.release.errors import EvidenceUnreadable, UnknownRelease
from quanmin.trust import Actor

from .conftest import MICRODATA, TABLE, people, store


@pytest.fixture
def out(releases: Releases, officer: Actor, checker: Actor) -> Release:
    return releases.approve(checker, releases.run(officer, TABLE).number)


def wrong(releases: Releases, actor: Actor, content: bytes) -> dict[str, str]:
    return {one.name: one.about.en for one in replay.verify(releases, actor, content) if not one.sound}


def test_what_went_out_replays_on_its_snapshot(releases: Releases, lake: Lake, checker: Actor, out: Release) -> None:
    store(lake, people(900))
    assert wrong(releases, checker, replay.content_of(releases, out.number)) == {}


def test_later_releases_do_not_disturb_a_replay(
    releases: Releases, officer: Actor, checker: Actor, out: Release
) -> None:
    rows = releases.run(
        officer, MICRODATA.replace('id = "people"', 'id = "rows"').replace('"health"\naccess', '"strict"\naccess')
    )
    assert rows.state in ("proposed", "refused")
    coarser = TABLE.replace('levels = ["city", "county"]', 'levels = ["city"]')
    later = releases.approve(checker, releases.run(officer, coarser).number)
    for number in (out.number, later.number):
        assert wrong(releases, checker, replay.content_of(releases, number)) == {}


def test_any_flipped_byte_is_found(releases: Releases, checker: Actor, out: Release) -> None:
    content = replay.content_of(releases, out.number)
    for place in range(7, len(content), len(content) // 12):
        turned = bytes([*content[:place], content[place] ^ 1, *content[place + 1 :]])
        try:
            found = wrong(releases, checker, turned)
        except EvidenceUnreadable:
            continue
        assert "signature" in found


def test_a_statement_that_was_changed_and_signed_anew_still_differs(
    releases: Releases, checker: Actor, out: Release
) -> None:
    """Somebody with the key, but without the ledger."""
    told = json.loads(replay.content_of(releases, out.number))["statement"]
    told["measured"]["cells"]["small"] = 0
    told["rows"] = 1
    told["files"][0]["sha256"] = "0" * 64
    found = wrong(releases, checker, evidence.signed(releases.lake.settings, told))
    assert "signature" not in found and "another evidence file" in found["ledger"]
    assert "differs from the ledger: files" in found["ledger"] and "parquet" in found["files"]
    assert "does not name this file: parquet" in found["record"] and "another file: parquet" in found["replay"]
    told["recipe"]["text"] += "\n"
    assert {"recipe", "replay"} <= set(wrong(releases, checker, evidence.signed(releases.lake.settings, told)))


def test_a_changed_file_is_named(releases: Releases, checker: Actor, out: Release) -> None:
    path = releases.portal.storage.path(out.files[1].sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"1200", b"1205"))
    assert list(wrong(releases, checker, replay.content_of(releases, out.number))) == ["files"]


def test_microdata_replay_too(releases: Releases, officer: Actor, checker: Actor) -> None:
    made = releases.approve(checker, releases.run(officer, MICRODATA).number)
    assert wrong(releases, checker, replay.content_of(releases, made.number)) == {}


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b'{"statement": 7, "signature": {}}', b"\xff\xfe", b"[" * 10_000]
)
def test_what_is_no_evidence_is_refused(content: bytes, releases: Releases, checker: Actor) -> None:
    with pytest.raises(EvidenceUnreadable):
        replay.verify(releases, checker, content, "file.json")


def test_evidence_without_its_parts_is_refused(releases: Releases, checker: Actor, out: Release) -> None:
    told = json.loads(replay.content_of(releases, out.number))["statement"]
    for name in ("files", "recipe", "release", "measured", "snapshot"):
        less = {key: value for key, value in told.items() if key != name}
        with pytest.raises(EvidenceUnreadable):
            replay.verify(releases, checker, evidence.signed(releases.lake.settings, less))


def test_a_release_that_is_not_out_has_no_evidence(releases: Releases, officer: Actor) -> None:
    with pytest.raises(UnknownRelease):
        replay.content_of(releases, releases.run(officer, TABLE).number)
