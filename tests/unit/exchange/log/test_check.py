"""The whole log is verified, and whatever is done to it is found, with its kind and the first entry that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from quanmin.exchange.log import archive, batch, check
from quanmin.exchange.log.errors import ArchiveBroken, FileRefused, LogDamaged
from quanmin.exchange.log.journal import LedgerJournal
from quanmin.exchange.log.line import entry as read
from quanmin.exchange.log.line import line, link
from quanmin.ledger import Ledger
from quanmin.ledger.exchange import ExchangeBatchRow, ExchangeLogRow
from quanmin.settings import Settings

T = ExchangeLogRow
Spoil = Callable[[Connection], Any]


def filled(talk: Any) -> None:
    """Twenty entries: a batch of eight, one of eight, and four that stand under no root yet."""
    for names in (("a", "b", "c", "d"), ("e", "f", "g", "h")):
        talk.logged(*names, keep=True)
        batch.close(talk.ledger)
    talk.logged("i", "j", keep=True)


def row(connection: Connection, sequence: int) -> dict[str, Any]:
    return dict(connection.execute(select(T.__table__).where(T.sequence == sequence)).one()._mapping)


def put(connection: Connection, sequence: int, values: dict[str, Any]) -> None:
    connection.execute(
        update(T).where(T.sequence == sequence).values({k: v for k, v in values.items() if k != "sequence"})
    )


def shift(connection: Connection, first: int, by: int) -> None:
    """Renumber what stands from a place on."""
    numbers = list(connection.execute(select(T.sequence).where(T.sequence >= first).order_by(T.sequence)).scalars())
    for number in numbers[::-1] if by > 0 else numbers:
        connection.execute(update(T).where(T.sequence == number).values(sequence=number + by))


def altered(connection: Connection) -> None:
    put(connection, 6, {"entry": row(connection, 6)["entry"].replace('"size":12', '"size":13')})


def rechained(connection: Connection) -> None:
    """As one would who can write to the table: the line is another, and every link after it fits."""
    altered(connection)
    chain = row(connection, 5)["link"]
    for number in range(6, 21):
        chain = link(chain, row(connection, number)["entry"])
        put(connection, number, {"link": chain})


def removed(connection: Connection) -> None:
    connection.execute(delete(T).where(T.sequence == 6))


def removed_and_renumbered(connection: Connection) -> None:
    removed(connection)
    shift(connection, 7, -1)


def moved(connection: Connection) -> None:
    one, two = row(connection, 6), row(connection, 11)
    put(connection, 6, two | {"message": "for a moment"})
    put(connection, 11, one)
    put(connection, 6, two)


def added(connection: Connection) -> None:
    """A copy with a link of its own, and everything behind it one number further on."""
    shift(connection, 7, 1)
    before = row(connection, 6)
    _, entry = read(before["entry"])
    text = line(7, replace(entry, message="another"))
    chain = link(before["link"], text)
    connection.execute(insert(T).values(before | {"sequence": 7, "message": "another", "entry": text, "link": chain}))


def added_with_any_link(connection: Connection) -> None:
    added(connection)
    put(connection, 7, {"link": bytes(32)})


def cut(connection: Connection) -> None:
    connection.execute(delete(T).where(T.sequence >= 15))


def cut_with_its_batch(connection: Connection) -> None:
    connection.execute(delete(T).where(T.sequence >= 9))
    connection.execute(delete(ExchangeBatchRow).where(ExchangeBatchRow.first == 9))


def another_root(connection: Connection) -> None:
    connection.execute(update(ExchangeBatchRow).where(ExchangeBatchRow.first == 9).values(root=bytes(32)))


def another_body(connection: Connection) -> None:
    put(connection, 6, {"body": b"something else"})


def another_name(connection: Connection) -> None:
    put(connection, 6, {"delivery": "civil_affairs.0"})


def forged(connection: Connection) -> None:
    """An entry that is in no batch yet, made anew with a signature that nobody made."""
    last = row(connection, 20)
    number, entry = read(last["entry"])
    text = line(number, replace(entry, signature=bytes(64)))
    put(connection, 20, {"entry": text, "link": link(row(connection, 19)["link"], text)})


@pytest.mark.parametrize(
    ("spoil", "damage", "sequence", "until"),
    [
        (altered, "altered", 6, None),
        (rechained, "body", 6, None),
        (removed, "removed", 6, None),
        (removed_and_renumbered, "removed", 6, None),
        (moved, "moved", 6, None),
        (added, "added", 7, None),
        (added_with_any_link, "added", 7, None),
        (cut, "cut", 15, 16),
        (cut_with_its_batch, "cut", 9, 16),
        (another_root, "batch", 9, 16),
        (another_body, "body", 6, None),
        (another_name, "altered", 6, None),
        (forged, "signature", 20, None),
    ],
    ids=lambda one: one.__name__ if callable(one) else "",
)
def test_damage_is_found_where_it_is(talk: Any, spoil: Spoil, damage: str, sequence: int, until: int | None) -> None:
    filled(talk)
    assert check.verify(talk.ledger, talk.directory) == check.Verdict(20, 2)
    with talk.ledger.writing() as connection:
        spoil(connection)
    found = check.verify(talk.ledger, talk.directory)
    assert (found.damage, found.sequence, found.until) == (damage, sequence, until)
    with pytest.raises(LogDamaged) as told:
        check.require(talk.ledger, talk.directory)
    assert str(sequence) in told.value.message("zh") and told.value.next_step("en")


def test_a_log_made_anew_from_an_entry_on_does_not_fit_its_batch(talk: Any) -> None:
    """Without a directory only the audit's root is left to show it, and it shows the batch."""
    filled(talk)
    with talk.ledger.writing() as connection:
        last = row(connection, 8)
        number, entry = read(last["entry"])
        put(connection, 8, {"entry": line(number, replace(entry, took=1)), "message": last["message"]})
        chain = row(connection, 7)["link"]
        for place in range(8, 21):
            chain = link(chain, row(connection, place)["entry"])
            put(connection, place, {"link": chain})
    found = check.verify(talk.ledger)
    assert (found.damage, found.sequence, found.until) == ("batch", 1, 8)
    assert check.verify(talk.ledger).unsigned == found.entries == 8


def test_batches_cover_everything_once_whoever_closes_them(either_settings: Settings, entry: Any) -> None:
    with Ledger.open(either_settings) as ledger:
        journal = LedgerJournal(ledger)
        assert batch.close(ledger) == []
        made: list[batch.Batch] = []
        for number in range(7):
            journal.append(*(entry(f"{number}-{place}") for place in range(number + 1)))
            made += batch.close(ledger)
            assert batch.close(ledger) == []
        journal.close()
        assert [(one.first, one.last) for one in made] == [
            (1, 1),
            (2, 3),
            (4, 6),
            (7, 10),
            (11, 15),
            (16, 21),
            (22, 28),
        ]
        with ledger.reading() as connection:
            assert batch.batches(connection) == made
            assert batch.of(connection, 12) == made[4] and batch.of(connection, 29) is None
        assert check.verify(ledger) == check.Verdict(28, 7, unsigned=28)


def test_days_are_archived_and_follow_one_another(talk: Any, tmp_path: Path) -> None:
    days = [date(2026, 11, 1) + timedelta(days=number) for number in range(3)]
    for number, day in enumerate(days):
        talk.now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        if number != 1:
            talk.logged(f"m{number}", f"n{number}")
    files = [tmp_path / f"{day}.ndjson" for day in days]
    made = [archive.export(talk.ledger, day, file) for day, file in zip(days, files, strict=True)]
    assert [(one.first, one.last) for one in made] == [(1, 4), (5, 4), (5, 8)]
    assert archive.verify(files) == made and archive.verify(files[2:]) == made[2:]
    with pytest.raises(ArchiveBroken):
        archive.verify([files[0], files[2], files[1]])
    with pytest.raises(FileRefused):
        archive.export(talk.ledger, days[0], files[0])


def test_an_archive_that_lost_or_changed_a_byte_is_refused(talk: Any, tmp_path: Path) -> None:
    talk.now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    talk.logged("m", "n")
    file, spoiled = tmp_path / "day.ndjson", tmp_path / "spoiled.ndjson"
    archive.export(talk.ledger, date(2026, 11, 1), file)
    content = file.read_bytes()
    day = content.index(b'"day"')
    for place in range(0, len(content), 7):
        if day <= place < day + 20:
            continue  # the day is a name: no link is over it
        spoiled.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(ArchiveBroken):
            archive.verify([spoiled])
    lines = content.splitlines(keepends=True)
    for place in range(len(lines)):
        spoiled.write_bytes(b"".join(lines[:place] + lines[place + 1 :]))
        with pytest.raises(ArchiveBroken):
            archive.verify([spoiled])
