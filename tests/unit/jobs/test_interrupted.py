"""A worker whose process was killed, and one that is told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from quanmin import jobs
from quanmin.ledger.errors import IllegalAction
from quanmin.settings import Settings
from quanmin.trust import local_administrator

from .conftest import Server

ME = local_administrator()
CHILD = """
import sys, time
sys.path.insert(0, sys.argv[1])
from quanmin import jobs
from quanmin.settings import Settings
from quanmin.text import Text
from conftest import Server

def run(task):
    print("begun", flush=True)
    time.sleep(600)

jobs.KINDS["nap"] = jobs.Kind("nap", Text("睡", "a nap"), ("operator",), run)
Server.open(Settings.model_validate_json(sys.argv[2])).worker.once()
"""


def test_a_job_whose_process_was_killed_is_interrupted_and_can_be_done_again(
    server: Server, either_settings: Settings, work: Callable[..., None]
) -> None:
    work("nap", lambda task: {"slept": True})
    made = jobs.queue(server.lake, ME, "nap")
    given = [str(Path(__file__).parent), either_settings.model_dump_json()]
    child = subprocess.Popen([sys.executable, "-c", CHILD, *given], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "begun\n"
    worker = server.worker
    worker.sweep()
    assert jobs.get(server.lake, made.job).state == "running"  # its process lives
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    worker.sweep()
    found = jobs.get(server.lake, made.job)
    assert found.state == "interrupted" and found.error is not None and found.error["code"] == jobs.JobStopped.code
    assert not worker.once()
    assert jobs.again(server.lake, ME, made.job).state == "queued"
    assert worker.once()
    done = jobs.get(server.lake, made.job)
    assert (done.state, done.result, done.error) == ("done", {"slept": True}, None)
    with pytest.raises(IllegalAction):
        jobs.again(server.lake, ME, made.job)


def test_a_stop_waits_for_a_job_that_ends_in_time(server: Server, work: Callable[..., None]) -> None:
    begun = threading.Event()
    work("short", lambda task: begun.set() or (begun.wait(1) and {"whole": 1}) or {})
    made, waiting = jobs.queue(server.lake, ME, "short"), jobs.queue(server.lake, ME, "short")
    worker = server.worker
    worker.start()
    assert begun.wait(20)
    assert worker.stop(20)
    assert jobs.get(server.lake, made.job).state == "done"
    assert jobs.get(server.lake, waiting.job).state in ("queued", "done")


def test_a_job_that_takes_longer_is_interrupted_where_it_tells(server: Server, work: Callable[..., None]) -> None:
    begun, go = threading.Event(), threading.Event()

    def run(task: jobs.kind.Task) -> dict[str, int]:
        begun.set()
        while not go.wait(0.02):
            task.report._written = -10.0  # as if a second had passed
            task.report(1, 2)
        return {}

    work("long", run)
    made = jobs.queue(server.lake, ME, "long")
    worker = server.worker
    worker.start()
    assert begun.wait(20)
    assert worker.stop(0.2)
    go.set()
    assert jobs.get(server.lake, made.job).state == "interrupted"


def test_a_store_that_is_away_does_not_end_the_worker(server: Server, work: Callable[..., None]) -> None:
    work("count", lambda task: {})
    worker, tries = server.worker, list[int]()

    class Away:
        @property
        def lake(self) -> object:
            tries.append(1)
            if len(tries) < 3:
                raise OSError("away")
            return server.lake

        registry = server.registry

    vars(worker)["_place"] = Away()
    made = jobs.queue(server.lake, ME, "count")
    vars(jobs.worker)["_AWAY"], kept = 0.05, jobs.worker._AWAY
    try:
        worker.start()
        for _ in range(200):
            if jobs.get(server.lake, made.job).state == "done":
                break
            threading.Event().wait(0.05)
        assert worker.stop(10)
    finally:
        vars(jobs.worker)["_AWAY"] = kept
    assert jobs.get(server.lake, made.job).state == "done" and len(tries) >= 3
