"""Threads of one process that write take turns: SQLite is not asked for a second writer, who would sleep while it is free."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import event

from quanmin.ledger import Ledger
from quanmin.settings import Settings

WRITERS = 6


def test_a_writer_begins_when_the_one_before_has_ended(tmp_path: Path) -> None:
    with Ledger.open(Settings(home=tmp_path, ledger=None)) as ledger:
        seen: list[str] = []

        def noted(word: str) -> Callable[..., None]:
            return lambda *_given: seen.append(word)

        def begun(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if statement == "BEGIN IMMEDIATE":
                seen.append("begin")

        event.listen(ledger.engine, "before_cursor_execute", begun)
        event.listen(ledger.engine, "commit", noted("end"))
        event.listen(ledger.engine, "rollback", noted("end"))
        together = threading.Barrier(WRITERS)

        def write(place: int) -> None:
            together.wait()
            with ledger.writing():
                assert place % 2 == 0

        with ThreadPoolExecutor(WRITERS) as threads:
            failed = [one.exception() for one in [threads.submit(write, place) for place in range(WRITERS)]]
    assert seen == ["begin", "end"] * WRITERS  # a failure gives the turn up, too
    assert [isinstance(one, AssertionError) for one in failed] == [place % 2 == 1 for place in range(WRITERS)]
