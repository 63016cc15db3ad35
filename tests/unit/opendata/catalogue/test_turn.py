"""Turns: one at a time, in the order of coming, and also after an error."""

import threading
import time

import pytest

from quanmin.opendata.catalogue.turn import Turns


def test_turns_are_had_in_the_order_of_coming():
    turns, had, inside = Turns(), [], []

    def one(number):
        with turns:
            inside.append(number)
            assert len(inside) == 1
            had.append(number)
            time.sleep(0.002)
            inside.remove(number)

    with turns:
        threads = []
        for number in range(12):
            threads.append(threading.Thread(target=one, args=(number,)))
            threads[-1].start()
            while len(turns._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert had == list(range(12))


def test_a_turn_ends_with_an_error():
    turns = Turns()
    with pytest.raises(ValueError), turns:
        raise ValueError
    with turns:
        assert turns._busy
    assert not turns._busy
