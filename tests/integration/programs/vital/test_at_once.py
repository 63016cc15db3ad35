"""Many clerks at once, in threads and in processes: no number twice, no newborn twice, and everybody is told why not."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from quanmin.errors import QuanminError
from quanmin.ledger import Ledger
from quanmin.programs.vital import invariant, role
from quanmin.programs.vital.blank import holding, loss, movement
from quanmin.programs.vital.certificate import desk, record
from quanmin.programs.vital.errors import NewbornHas, NotHeld, OnTheWay, Used
from quanmin.programs.vital.number import Span
from quanmin.settings import Settings

from ....unit.programs.vital.county import CLINIC, COUNTY, HOSPITAL, SECOND, County, application

CLERKS = 20


@pytest.fixture
def county(ledger: Ledger, either_settings: Settings) -> County:
    return County.open(ledger, either_settings)


def together(acts: list[Callable[[], object]]) -> Counter[str]:
    """Everybody acts at the same moment; how it ended, by the name of the error."""
    begin, ends = threading.Barrier(len(acts)), []

    def work(act: Callable[[], object]) -> None:
        begin.wait()
        try:
            act()
            ends.append("done")
        except QuanminError as error:
            ends.append(type(error).__name__)
        except BaseException as error:
            ends.append(repr(error))

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ends)


def test_one_sheet_is_written_on_once(county: County) -> None:
    made = county.print(10)
    county.down(HOSPITAL, [made])

    def write(who: int) -> Callable[[], object]:
        clerk = county.at(role.CLERK, name=f"clerk {who}")
        return lambda: desk.prepare(clerk, HOSPITAL, made.first, application(who))

    assert together([write(who) for who in range(CLERKS)]) == {"done": 1, Used.__name__: CLERKS - 1}
    assert invariant.check(county.local) == []


def test_two_offices_that_write_for_one_newborn_at_once_write_one_certificate(county: County) -> None:
    made = county.print(100)
    runs = {HOSPITAL: Span(made.first, made.first + 39), SECOND: Span(made.first + 40, made.first + 79)}
    for of, run in runs.items():
        county.down(of, [run])

    def write(who: int) -> Callable[[], object]:
        of = HOSPITAL if who % 2 else SECOND
        clerk = county.at(role.CLERK, of=of, name=f"clerk {who}")
        return lambda: desk.prepare(clerk, of, runs[of].first + who, application(3))

    assert together([write(who) for who in range(CLERKS)]) == {"done": 1, NewbornHas.__name__: CLERKS - 1}
    assert len(record.listing(county.local, newborn=application(3).reference)) == 1
    assert invariant.check(county.local) == []


def test_twenty_clerks_issue_two_hundred_certificates_and_no_number_twice(county: County) -> None:
    made = county.print(400)
    county.down(HOSPITAL, [made])
    each = 10

    def shift(who: int) -> Callable[[], object]:
        def work() -> None:
            for turn in range(each):
                county.issue(made.first + who * each + turn, application(who * each + turn))

        return work

    assert together([shift(who) for who in range(CLERKS)]) == {"done": CLERKS}
    issued = record.listing(county.local, limit=1000)
    assert len(issued) == len({one.number for one in issued}) == len({one.code for one in issued}) == CLERKS * each
    assert {one.state for one in issued} == {"issued"}
    assert invariant.check(county.local) == []


def test_a_run_that_is_sent_away_while_it_is_written_on_is_one_or_the_other(county: County) -> None:
    made = county.print(40)
    county.down(HOSPITAL, [made])
    acts: list[Callable[[], object]] = []
    for at in range(10):
        number = made.first + at
        acts.append(lambda at=at, number=number: desk.prepare(county.at(role.CLERK), HOSPITAL, number, application(at)))
        run = Span(number, number)
        acts.append(
            (lambda run=run: movement.send(county.keeper(HOSPITAL), movement.TRANSFER, HOSPITAL, CLINIC, [run]))
            if at % 2
            else (lambda run=run: loss.lose(county.keeper(HOSPITAL), HOSPITAL, run))
        )
    ends = together(acts)
    assert ends["done"] == 10 and set(ends) <= {"done", Used.__name__, OnTheWay.__name__, NotHeld.__name__}
    places = [holding.place(county.local, made.first + at) for at in range(10)]
    assert all(one is not None and one.state in ("bound", "moving", "lost") for one in places)
    assert invariant.check(county.local) == []


def test_a_movement_is_received_or_refused_and_not_both(county: County) -> None:
    made = county.print(40)
    county.down(HOSPITAL, [made])
    sent = movement.send(county.keeper(HOSPITAL), movement.RETURN, HOSPITAL, COUNTY, [made])
    keeper = county.keeper(COUNTY)
    acts: list[Callable[[], object]] = [
        lambda: movement.receive(keeper, sent.id),
        lambda: movement.refuse(keeper, sent.id, "不符"),
    ] * 5
    assert together(acts)["done"] == 1
    assert invariant.check(county.local) == []
