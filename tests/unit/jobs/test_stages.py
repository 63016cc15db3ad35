"""The stages as jobs, on a simulated province that is small."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quanmin import jobs, standards, synth
from quanmin.collect.errors import NoSuchUpload
from quanmin.collect.upload import Uploads
from quanmin.jobs import Job
from quanmin.lake import backup
from quanmin.settings import Settings
from quanmin.trust import audit, local_administrator

from .conftest import Server

ME = local_administrator()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What agencies would send."""
    folder = tmp_path_factory.mktemp("agencies")
    synth.write(folder, 150, 7, threads=1)
    return folder


@pytest.fixture
def one_server(settings: Settings) -> Iterator[Server]:
    """A store with its ledger in a file: what the stages do on either ledger is tested where they are."""
    made = Server.open(settings)
    yield made
    made.lake.close()


def uploaded(settings: Settings, content: bytes, name: str) -> str:
    uploads = Uploads(settings)
    made = uploads.begin(ME.id, name, len(content))
    writing = uploads.go_on(ME.id, made.id, 0)
    writing.write(content)
    writing.end()
    return made.id


def do(server: Server, name: str, **parameters: object) -> Job:
    made = jobs.queue(server.lake, ME, name, parameters)
    assert server.worker.once()
    return jobs.get(server.lake, made.job)


def test_the_whole_way_as_jobs(one_server: Server, files: Path) -> None:
    lake = one_server.lake
    for dataset in standards.catalogue().datasets.values():
        for file in files.glob(f"{dataset.id}.*"):
            upload = uploaded(lake.settings, file.read_bytes(), file.name)
            given = {"dataset": dataset.id, "source": dataset.steward, "upload": upload}
            job = do(one_server, "collect", **given)
            assert job.state == "done" and job.result is not None and job.result["read"] > 0, job
            assert job.progress is not None and job.progress.share == 1.0
            with pytest.raises(NoSuchUpload):  # deleted afterwards
                Uploads(lake.settings).get(ME.id, upload)
    built = do(one_server, "build")
    assert built.state == "done" and built.result is not None and built.result["people"] > 100
    assert built.progress is not None and built.progress.done == built.progress.total
    assert do(one_server, "gather").state == "done"
    given_back = do(one_server, "feedback", source="health")
    assert given_back.result is not None and (lake.settings.home / "feedback" / "health").is_dir()
    assert do(one_server, "compact").state == do(one_server, "vacuum").state == "done"
    renewed = do(one_server, "catalogue").result
    assert renewed is not None and renewed["records"] == 0
    made = do(one_server, "backup")
    assert made.state == "done" and made.result is not None
    kept = backup.kept(lake.settings)
    assert [(one.name, one.id) for one in kept] == [(made.result["file"], made.result["id"])]
    drilled = do(one_server, "drill", backup=kept[0].name)
    assert drilled.result is not None and drilled.result["sound"] is True, drilled
    noted = [one.fields["action"] for one in audit.entries(lake.ledger) if one.fields["event"] == "backup"]
    assert noted == ["create", "drill"]
    checked = do(one_server, "audit")
    assert checked.result is not None and checked.result["entries"] > 0
    assert all(one.state == "done" for one in jobs.listing(lake).jobs)


def test_a_file_that_cannot_be_read_fails_its_job_and_is_gone(one_server: Server) -> None:
    upload = uploaded(one_server.lake.settings, b"\x00\x01 not a table", "x.csv")
    job = do(one_server, "collect", dataset="health.birth", source="health", upload=upload)
    assert job.state == "failed" and job.error is not None and job.error["code"].startswith("QM-COLLECT-")
    assert Uploads(one_server.lake.settings).of(ME.id) == []


def test_an_upload_that_is_gone_is_said(one_server: Server) -> None:
    job = do(one_server, "collect", dataset="health.birth", source="health", upload="ab" * 13)
    assert job.error is not None and job.error["code"] == NoSuchUpload.code


def test_a_backup_that_was_damaged_is_listed_and_found_out(one_server: Server) -> None:
    made = do(one_server, "backup")
    assert made.result is not None
    file = backup.folder(one_server.lake.settings) / made.result["file"]
    content = bytearray(file.read_bytes())
    content[-20] ^= 1
    file.write_bytes(content)
    (file.parent / "other.backup").write_bytes(b"no backup")
    drilled = do(one_server, "drill", backup=file.name)
    assert drilled.result is not None and drilled.result["sound"] is False and drilled.result["problems"] == 1
    unreadable = next(one for one in backup.kept(one_server.lake.settings) if one.name == "other.backup")
    assert (unreadable.id, unreadable.made) == (None, None)


def test_other_backups_and_uploads_are_not_in_a_backup(one_server: Server) -> None:
    home = one_server.lake.settings.home
    uploaded(one_server.lake.settings, b"x" * 5_000_000, "large.csv")
    (home / "backups").mkdir()
    (home / "backups" / "before.backup").write_bytes(b"x" * 5_000_000)
    made = do(one_server, "backup")
    assert made.result is not None and made.result["bytes"] < 3_000_000
