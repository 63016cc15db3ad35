"""The worker of a server: one thread that does one job at a time, the oldest first.

While a job is being done its worker holds a lease; a job without one is told to be interrupted by the next worker that looks.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import traceback
from collections.abc import Mapping
from itertools import chain
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from quanmin.errors import QuanminError
from quanmin.jobs import (
    checking,
    exchanging,
    opening,
    participating,
    portal,
    refreshing,
    releasing,
    schedule,
    stage,
    upkeep,
)
from quanmin.jobs.errors import JobBroken, JobStopped
from quanmin.jobs.job import JOB, RUNNING, standing
from quanmin.jobs.kind import KINDS, Task, kind, require
from quanmin.jobs.report import Report
from quanmin.lake import Lake
from quanmin.ledger import Document, Leases
from quanmin.ledger.errors import IllegalAction, LeaseBusy
from quanmin.ledger.lease import host
from quanmin.text import Text
from quanmin.trust.identity import Registry

_WORK = (stage, upkeep, checking, opening, portal, refreshing, participating, exchanging, releasing)
for one in chain.from_iterable(work.KINDS for work in _WORK):
    KINDS.setdefault(one.name, one)

LOG = logging.getLogger("quanmin.jobs")
STOP_SECONDS = 20.0
"""A job that ends within so many seconds after the server was told to stop is waited for."""
_THREAD = "quanmin-jobs"
_POLL, _SWEEP, _AWAY = 1.0, 15.0, 5.0
_TRIES, _ENDING = 10, 5.0
_AGAIN = 3


class Opened(Protocol):
    """The store of a home, opened when it is needed."""

    @property
    def lake(self) -> Lake:
        """The lake and its ledger."""
        ...

    @property
    def registry(self) -> Registry:
        """The register of identities."""
        ...


class Worker:
    """Does the jobs of a home from `start` to `stop`."""

    def __init__(self, place: Opened, poll: float = _POLL) -> None:
        self._place, self._poll = place, poll
        self._stop, self._hurry = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = threading.Thread(target=self._loop, name=_THREAD, daemon=True)
        self._thread.start()

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """Take no further job, and wait for the one under way; whether it has ended.

        One that takes longer is asked to end. Where it does not, the next worker that starts tells it interrupted.
        """
        self._stop.set()
        if self._thread is None:
            return True
        self._thread.join(seconds)
        self._hurry.set()
        self._thread.join(_ENDING)
        return not self._thread.is_alive()

    def once(self) -> bool:
        """Do what is due and one job, if there is one that can be done here; whether there was."""
        lake = self._place.lake
        schedule.serve(lake, self._place.registry)
        return self._next(lake)

    def sweep(self) -> None:
        """Tell jobs interrupted whose process is gone."""
        ledger = self._place.lake.ledger
        for document in ledger.find(JOB.kind, states=RUNNING):
            with Leases(ledger) as leases:
                try:
                    leases.take(_lease(document.id))
                    ledger.act(document.id, "interrupt", {"error": JobStopped().to_dict()})
                    if _program(document) and document.state == "running":
                        ledger.act(document.id, "again", {"owner": document.data["owner"]})
                except (LeaseBusy, IllegalAction):
                    continue

    def _loop(self) -> None:
        swept = -_SWEEP
        while not self._stop.is_set():
            pause = self._poll
            try:
                if time.monotonic() - swept >= _SWEEP:
                    self.sweep()
                    swept = time.monotonic()
                pause = 0 if self.once() else self._poll
            except (QuanminError, SQLAlchemyError, OSError) as error:
                LOG.error("store away", extra={"kind": type(error).__name__})
                pause = _AWAY
            except Exception as error:
                _tell(error)
                pause = _AWAY
            self._stop.wait(pause)

    def _next(self, lake: Lake) -> bool:
        for document in lake.ledger.find(JOB.kind, state="queued"):
            known = KINDS.get(document.data["kind"])  # one of a newer program is for its servers
            if known is None or not known.here(
                lake.settings, document.data["owner"]["id"], document.data["parameters"]
            ):
                continue
            if self._take(lake, document.id):
                return True
        return False

    def _take(self, lake: Lake, number: int) -> bool:
        """Do a job unless somebody else does."""
        with Leases(lake.ledger) as leases:
            try:
                leases.take(_lease(number))
                document = lake.ledger.act(number, "start", {"process": {"host": host(), "pid": os.getpid()}})
            except (LeaseBusy, IllegalAction):
                return False
            self._work(lake, document)
        return True

    def _work(self, lake: Lake, document: Document) -> None:
        known, parameters = kind(document.data["kind"]), document.data["parameters"]
        report = Report(lake.ledger, document.id, self._hurry.is_set)
        report.say(Text(f"开始：{known.title.zh}", f"Begun: {known.title.en}"))
        report.keep()
        error: QuanminError | None = None
        result: Mapping[str, Any] = {}
        try:
            actor = standing(self._place.registry, document)
            require(lake, actor, known)
            result = known.run(Task(lake, actor, parameters, report))
        except QuanminError as refused:
            error = refused
        except Exception as broken:
            _tell(broken, document.id)
            error = JobBroken(kind=type(broken).__name__)
        report.say(Text("结束", "Ended") if error is None else Text(error.message("zh"), error.message("en")))
        report.keep()
        if self._end(lake, document.id, error, result) != "interrupted":
            known.after(lake.settings, document.data["owner"]["id"], parameters)

    def _end(self, lake: Lake, number: int, error: QuanminError | None, result: Mapping[str, Any]) -> str:
        """Write down how it ended, also where the ledger is away for a while; the state."""
        for attempt in range(_TRIES):
            try:
                if error is None:
                    return lake.ledger.act(number, "finish", {"result": dict(result)}).state
                stopped = isinstance(error, JobStopped)
                asked = lake.ledger.get(number).state == "stopping"
                action = ("halt" if asked else "interrupt") if stopped else "fail"
                return lake.ledger.act(number, action, {"error": error.to_dict()}).state
            except SQLAlchemyError as away:
                LOG.error("store away", extra={"kind": type(away).__name__})
                self._hurry.wait(_AWAY * (attempt + 1) / _TRIES)
        return "interrupted"


def leave() -> None:
    """End the process at once if a job still goes on after its worker was stopped; at the very end of a server."""
    if any(one.name == _THREAD and one.is_alive() for one in threading.enumerate()):
        logging.shutdown()
        os._exit(0)


def _program(document: Document) -> bool:
    """Whether the program ordered it itself and takes it up again, a few times."""
    known = KINDS.get(document.data["kind"])
    return known is not None and not known.roles and sum(one.name == "again" for one in document.actions) < _AGAIN


def _lease(number: int) -> str:
    return f"job {number}"


def _tell(error: Exception, job: int | None = None) -> None:
    """Where the program failed, without what it was about."""
    places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)][-6:]
    LOG.error("failed", extra={"job": job, "kind": type(error).__name__, "places": places})
