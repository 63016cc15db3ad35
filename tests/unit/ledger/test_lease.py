"""Leases: one at a time, taken over from the dead."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import update

from quanmin.ledger import Leases, Ledger
from quanmin.ledger.errors import LeaseBusy, LeaseLost
from quanmin.ledger.lease import host, started
from quanmin.ledger.table import LeaseRow


def test_a_second_taker_waits_and_then_gives_up(ledger: Ledger) -> None:
    with Leases(ledger) as first, Leases(ledger) as second:
        first.take("table a")
        first.take("table a")  # what one holds, one holds
        second.take("table b")
        with pytest.raises(LeaseBusy) as caught:
            second.take("table a", wait=0.2)
        assert caught.value.category == "conflict"


def test_a_second_taker_gets_it_when_the_first_lets_go(ledger: Ledger) -> None:
    first = Leases(ledger)
    first.take("table a")
    threading.Timer(0.2, first.release).start()
    with Leases(ledger) as second:
        second.take("table a", wait=10)
        assert second.names == {"table a"}


def _change(ledger: Ledger, **values: object) -> None:
    with ledger.writing() as connection:
        connection.execute(update(LeaseRow).values(values))


def test_the_lease_of_a_dead_process_is_taken_at_once(ledger: Ledger) -> None:
    with Leases(ledger) as first, Leases(ledger) as second:
        first.take("table a")
        _change(ledger, started="another process had this number")
        second.take("table a")
        with ledger.writing() as connection, pytest.raises(LeaseLost):
            first.check(connection, ["table a"])


def test_the_lease_of_another_machine_is_taken_when_its_time_is_up(ledger: Ledger) -> None:
    with Leases(ledger) as first, Leases(ledger) as second:
        first.take("table a")
        _change(ledger, host="elsewhere/")
        with pytest.raises(LeaseBusy):
            second.take("table a")
        _change(ledger, expires=ledger.now() - timedelta(seconds=1))
        second.take("table a")


def test_the_heartbeat_keeps_a_lease_alive(ledger: Ledger) -> None:
    with Leases(ledger, seconds=0.4) as first, Leases(ledger) as second:
        first.take("table a")
        _change(ledger, host="elsewhere/")
        time.sleep(0.8)
        with pytest.raises(LeaseBusy):
            second.take("table a")


def test_a_process_has_a_start_and_nobody_has_none() -> None:
    import os

    assert started(os.getpid()) == started(os.getpid()) != ""
    assert started(2**22 + 1) == ""
    assert host() == host()
