"""Backups: whole and restorable, useless without the key, and every damage found by the drill."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from quanmin.lake import Lake, upkeep
from quanmin.lake.backup import create, drill, restore
from quanmin.lake.backup.archive import MAGIC
from quanmin.lake.backup.errors import FileGone, LedgerElsewhere, NotABackup, PlaceTaken
from quanmin.lake.backup.restore import settings_of
from quanmin.settings import Settings
from quanmin.trust import Pseudonyms, audit
from quanmin.trust.keys import open_store, store
from quanmin.trust.keys.errors import MasterMissing, MasterWrong
from quanmin.trust.keys.stream import CHUNK

STEP = CHUNK + 16


@pytest.fixture
def backup(shelf, settings: Settings, tmp_path: Path) -> Path:
    """A home with two batches, a receipt, a pseudonym and an audit entry, backed up."""
    shelf.add(range(40), batch=1)
    shelf.add(range(40, 60), batch=2)
    shelf.add(range(9), batch=3, table="clean.library.reader")
    audit.append(shelf.lake.ledger, "test", "somebody", {"purpose": "research"})
    Pseudonyms.open(settings, "research")
    (settings.home / "receipts").mkdir()
    (settings.home / "receipts" / "1.json").write_text("三体 receipt")
    (settings.home / "keys" / "other.key").write_bytes(b"another key")
    (settings.home / "tmp").mkdir(exist_ok=True)
    (settings.home / "tmp" / "junk").write_text("junk")
    create(settings, tmp_path / "one.backup")
    return tmp_path / "one.backup"


def fresh() -> None:
    """As a process that starts now."""
    store._store.cache_clear()


def numbers(lake: Lake, snapshot: int | None = None) -> list[int]:
    with lake.session("collect", snapshot=snapshot) as session:
        query = f"SELECT substr(loan_no, 2)::INT AS n FROM {session.relation('clean.library.loan')} ORDER BY n"
        return [row[0] for row in session.connection.execute(query).fetchall()]


def test_what_was_backed_up_comes_back(backup: Path, shelf, settings: Settings, tmp_path: Path) -> None:
    mark = Pseudonyms.open(settings, "research").of(42)
    field = open_store(settings).encrypt("field/a", b"later", b"")
    shelf.add(range(60, 70), batch=4)
    restored = restore(settings, backup, tmp_path / "again")
    fresh()
    own = settings_of(settings, tmp_path / "again")
    with Lake.open(own) as lake:
        assert lake.snapshot().id == restored.snapshot == 3 and lake.settings.buckets == 4
        assert numbers(lake) == list(range(60)) and numbers(lake, 1) == list(range(40))
        assert audit.verify(lake.ledger).sound
        with lake.session("collect", transaction="more") as session:
            session.writer(shelf.table, shelf.schema, "bucket", key=["loan_no"]).write(shelf.loans([99], 9))
            session.commit()
        assert numbers(lake) == [*range(60), 99]
    assert Pseudonyms.open(own, "research").of(42) == mark
    assert (own.home / "keys" / "other.key").read_bytes() == b"another key"
    assert (own.home / "receipts" / "1.json").read_text() == "三体 receipt" and not (own.home / "tmp" / "junk").exists()
    assert "field/a" not in {one.name for one in open_store(own).names()} and field
    assert {path.stat().st_mode & 0o077 for path in own.home.rglob("*") if path.name.startswith("master-")} == {0}
    assert open_store(own).ring().master["id"] != open_store(settings).ring().master["id"]


def test_a_sound_backup_passes_the_drill_and_leaves_nothing(backup: Path, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    found = drill(settings, backup, tmp_path / "place")
    assert found.sound and (found.tables, found.rows) == (2, 69)
    assert list((tmp_path / "place").iterdir()) == []


def test_nothing_of_it_can_be_read_without_its_key(backup: Path, settings: Settings, tmp_path: Path) -> None:
    content = backup.read_bytes()
    for secret in ("三体 receipt", "clean.library.loan", "somebody", "_delta_log", "another key"):
        assert secret.encode() not in content
    stranger = Settings(home=tmp_path / "stranger")
    with pytest.raises(MasterMissing):
        restore(stranger, backup, tmp_path / "again")
    open_store(stranger).ensure("backup")
    with pytest.raises(MasterMissing):
        restore(stranger, backup, tmp_path / "again")
    [ours], [theirs] = (list((home / "keys").glob("master-*")) for home in (settings.home, stranger.home))
    shutil.copy(theirs, theirs.with_name(ours.name))
    with pytest.raises(MasterWrong):
        restore(stranger, backup, tmp_path / "again")
    assert not (tmp_path / "again").exists() and not drill(stranger, backup).sound
    shutil.copy(ours, stranger.home / "keys" / ours.name)
    assert restore(stranger, backup, tmp_path / "again").snapshot == 3


def test_the_drill_finds_every_damage(backup: Path, settings: Settings, tmp_path: Path) -> None:
    content = backup.read_bytes()
    length = len(MAGIC) + 4 + int.from_bytes(content[len(MAGIC) : len(MAGIC) + 4], "big")
    flips = [0, len(MAGIC) + 1, length // 2, length, length + 5000, len(content) - 20, len(content) - 1]
    damaged = [content[:place] + bytes((content[place] ^ 4,)) + content[place + 1 :] for place in flips]
    damaged += [content[:cut] for cut in (0, 10, length - 1, length, length + 100, len(content) - 1)]
    damaged += [content + b"\0", b"tar"]
    for number, bad in enumerate(damaged):
        (tmp_path / "bad").write_bytes(bad)
        assert not drill(settings, tmp_path / "bad").sound, number
        assert not (tmp_path / "home2").exists()
    assert drill(settings, backup).sound


def test_chunks_do_not_change_places_nor_backups(shelf, settings: Settings, tmp_path: Path) -> None:
    shelf.add(range(4), batch=1)
    (settings.home / "big.bin").write_bytes(bytes(range(256)) * 4096 * 4)
    paths = [tmp_path / name for name in ("one", "two")]
    contents = []
    for path in paths:
        create(settings, path)
        content = path.read_bytes()
        start = len(MAGIC) + 4 + int.from_bytes(content[len(MAGIC) : len(MAGIC) + 4], "big")
        contents.append((content[:start], [content[at : at + STEP] for at in range(start, len(content), STEP)]))
    (head, chunks), (other, foreign) = contents
    assert len(chunks) >= 5 and len(chunks) == len(foreign)
    wrong = [[chunks[0], chunks[2], chunks[1], *chunks[3:]], [*chunks[:2], *chunks[3:]], chunks[:-1]]
    wrong += [[*chunks[:2], chunks[1], *chunks[2:]], [*chunks[:2], foreign[2], *chunks[3:]], foreign]
    for parts in wrong:
        (tmp_path / "bad").write_bytes(head + b"".join(parts))
        with pytest.raises(NotABackup):
            restore(settings, tmp_path / "bad", tmp_path / "again")
        assert not [path for path in tmp_path.iterdir() if path.name.startswith("again")]
    (tmp_path / "good").write_bytes(other + b"".join(foreign))
    assert restore(settings, tmp_path / "good", tmp_path / "again").snapshot == 1


def test_damage_from_before_the_backup_is_found_too(shelf, settings: Settings, tmp_path: Path) -> None:
    shelf.add(range(40), batch=1)
    table = shelf.lake.table(shelf.table)
    path = Path(
        shelf.lake.store.uri(f"{table.folder}/{table.files(shelf.lake.snapshot().tables[shelf.table])[0].path}")
    )
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    create(settings, tmp_path / "bad")
    found = drill(settings, tmp_path / "bad")
    assert [problem.kind for problem in found.problems] == ["table"] and shelf.table in found.problems[0].place
    path.unlink()
    with pytest.raises(FileGone):
        create(settings, tmp_path / "worse")
    assert not [one for one in tmp_path.iterdir() if one.name.startswith("worse")]


def test_the_drill_compares_the_ledger(
    backup: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules[drill.__module__]  # the function hides the module of its name
    whole = module.restore

    def spoiled(*given, **options):
        restored = whole(*given, **options)
        with closing(sqlite3.connect(restored.home / "ledger.sqlite")) as connection, connection:
            connection.execute("UPDATE snapshot SET stage = 'other' WHERE id = 1")
        return restored

    monkeypatch.setattr(module, "restore", spoiled)
    assert [(one.kind, one.place) for one in drill(settings, backup).problems] == [("ledger", "snapshot")]


def test_old_backups_open_after_the_master_changed(backup: Path, settings: Settings, tmp_path: Path) -> None:
    open_store(settings).rewrap()
    fresh()
    assert drill(settings, backup).sound
    open_store(settings).rotate("backup")
    assert drill(settings, backup).sound


def test_a_passphrase_is_enough_on_another_machine(shelf, settings: Settings, tmp_path: Path) -> None:
    shelf.add(range(4), batch=1)
    known = settings.model_copy(update={"passphrase": SecretStr("correct horse"), "crypto_suite": "national"})
    create(known, tmp_path / "one")
    away = known.model_copy(update={"home": tmp_path / "away"})
    assert drill(away, tmp_path / "one").sound
    restore(away, tmp_path / "one", tmp_path / "again")
    assert list((tmp_path / "again" / "keys").glob("master-*")) == []
    with pytest.raises(MasterMissing):
        open_store(Settings(home=tmp_path / "again")).names()
    wrong = away.model_copy(update={"passphrase": SecretStr("wrong")})
    with pytest.raises(MasterWrong):
        restore(wrong, tmp_path / "one", tmp_path / "third")


def test_what_a_vacuum_left_is_enough(shelf, settings: Settings, tmp_path: Path) -> None:
    for batch in range(1, 4):
        shelf.add(range(batch * 10, batch * 10 + 8), batch)
    shelf.lake.compact(shelf.table)
    upkeep.vacuum(shelf.lake, 1, timedelta(0))
    create(settings, tmp_path / "one")
    found = drill(settings, tmp_path / "one")
    assert found.sound and found.rows == 24


def test_places_and_databases_that_are_refused(backup: Path, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(PlaceTaken):
        create(settings, backup)
    with pytest.raises(PlaceTaken):
        restore(settings, backup, settings.home)
    elsewhere = settings.model_copy(update={"ledger": "postgresql+psycopg://user@host/db"})
    with pytest.raises(LedgerElsewhere) as refused:
        create(elsewhere, tmp_path / "two")
    assert "pg_dump" in refused.value.next_step("en") and "pg_dump" in refused.value.next_step("zh")
    (tmp_path / "empty").mkdir()
    assert restore(settings, backup, tmp_path / "empty").home == tmp_path / "empty"
    assert json.loads((tmp_path / "empty" / "lake" / "lake.json").read_text()) == {"buckets": 4}
