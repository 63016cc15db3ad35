"""Keys of the data API and the files of records, on each kind of ledger."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from quanmin.errors import QuanminError
from quanmin.ledger import Ledger
from quanmin.ledger.credential import CredentialRow
from quanmin.ledger.table import ApiUseRow, CatalogueFileRow
from quanmin.opendata import ANYBODY, Portal, Reader
from quanmin.opendata.holding import hold
from quanmin.opendata.keys import Keys
from quanmin.settings import Settings

from .publishing import TABLE, publish


class Clock:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def written(ledger: Ledger) -> list[int]:
    with ledger.reading() as connection:
        return [count for (count,) in connection.execute(select(ApiUseRow.requests))]


def test_a_key_is_kept_as_a_digest_and_uses_are_written_together(ledger: Ledger) -> None:
    clock = Clock()
    keys = Keys(ledger, lambda account: account == "a", 100, 600, clock)
    key, text = keys.make("a", "  program  ")
    with ledger.reading() as connection:
        rows = connection.execute(select(CredentialRow.__table__)).all()
    assert text.rpartition("_")[2] not in repr(rows) and key.name == "program"
    assert [keys.accept(text) for _ in range(30)] == ["a"] * 30
    assert written(ledger) == []  # no write a request
    clock.now += 6
    keys.accept(text)
    assert written(ledger) == [31]
    assert keys.of("a")[0].use[0].requests == 31


def test_several_processes_and_threads_count_together(ledger: Ledger) -> None:
    several = [Keys(ledger, lambda _account: True, 1_000, 6_000, Clock()) for _ in range(3)]
    text = several[0].make("a", "program")[1]

    def use(keys: Keys) -> None:
        for _ in range(40):
            keys.accept(text)
        keys.flush()

    threads = [threading.Thread(target=use, args=(keys,)) for keys in (*several, several[0])]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for keys in several:
        keys.flush()
    assert written(ledger) == [160]


def test_the_quota_of_a_day_holds_over_processes_and_ends_with_the_day(tmp_path: Path) -> None:
    days = timedelta()
    with Ledger.open(Settings(home=tmp_path)) as real:
        ledger = Ledger(real.engine, lambda: real.now() + days)
        first = Keys(ledger, lambda _account: True, 5, 6_000)
        text = first.make("a", "program")[1]
        for _ in range(3):
            first.accept(text)
        first.flush()
        second = Keys(ledger, lambda _account: True, 5, 6_000)
        for _ in range(2):
            second.accept(text)
        with pytest.raises(QuanminError) as caught:
            second.accept(text)
        assert caught.value.code == "QM-KEYS-102" and 1 <= int(str(caught.value.fields["seconds"])) <= 86_400
        days = timedelta(days=1)
        assert second.accept(text) == "a"


def test_a_key_given_up_elsewhere_counts_for_seconds_only(ledger: Ledger) -> None:
    clock = Clock()
    here, there = (Keys(ledger, lambda _account: True, 100, 600, clock) for _ in range(2))
    key, text = here.make("a", "program")
    assert there.accept(text) == "a"
    here.give_up("a", key.id)
    with pytest.raises(QuanminError):
        here.accept(text)
    clock.now += 6
    with pytest.raises(QuanminError):
        there.accept(text)


def test_a_file_of_two_records_is_had_through_the_open_one(ledger: Ledger, tmp_path: Path) -> None:
    portal = Portal(Settings(home=tmp_path), ledger)
    sha256 = publish(portal, "closed", **{"quanmin:access": "closed"})["csv"][7:71]
    with pytest.raises(QuanminError) as caught:
        hold(portal, sha256, Reader("a"))
    assert caught.value.code == "QM-ACCESS-001"
    publish(portal, "open")
    assert hold(portal, sha256, ANYBODY).record.name == "open"
    portal.catalogue.withdraw("open", "x", "t")
    with pytest.raises(QuanminError):
        hold(portal, sha256, ANYBODY)
    publish(portal, "closed", TABLE.slice(1))  # open now, and in another version
    assert not hold(portal, sha256, ANYBODY).current


def test_a_draft_gives_nothing_away(ledger: Ledger, tmp_path: Path) -> None:
    portal = Portal(Settings(home=tmp_path), ledger)
    publish(portal)
    document = dict(portal.catalogue.get("beds").newest)
    kept = portal.storage.keep(b"not yet")
    held = {"dct:identifier": "x", "dcat:accessURL": "/datasets/beds", "dcat:downloadURL": f"/files/{kept.sha256}.csv"}
    portal.catalogue.draft({**document, "dcat:distribution": [held]}, "t")
    with pytest.raises(QuanminError) as caught:
        hold(portal, kept.sha256, ANYBODY)
    assert caught.value.code == "QM-STORAGE-001"
    with ledger.reading() as connection:
        assert len(connection.execute(select(CatalogueFileRow.__table__)).all()) == 2
