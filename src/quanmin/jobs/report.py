"""What a job tells while it is done: how far it is, in which stage, and lines for its log. Written at most once a second.

It stands beside the actions of the job's document and is overwritten. Counts and words of the program only; numbers of people
that came into a line by a mistake are starred.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from quanmin.jobs.errors import JobStopped
from quanmin.ledger import Ledger
from quanmin.ledger.progress import Told, tell
from quanmin.ledger.table import DocumentRow
from quanmin.redaction import redacted
from quanmin.text import Text

EVERY = 1.0
MOST_LINES = 200
"""So many lines are kept: the first ones and the newest."""


class Line(NamedTuple):
    """A line of the log."""

    at: datetime
    words: Text


@dataclass(frozen=True)
class Progress:
    """How far a job is: `done` of `total` (None: unknown) in a stage; and its log."""

    at: datetime
    stage: Text | None = None
    done: int | None = None
    total: int | None = None
    lines: tuple[Line, ...] = ()

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None where that is not known."""
        return None if not self.total or self.done is None else min(1.0, self.done / self.total)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        lines = [{"at": line.at, "words": line.words} for line in self.lines]
        return {"at": self.at, "stage": self.stage, "done": self.done, "total": self.total, "lines": lines}

    def kept(self) -> dict[str, Any]:
        """As the ledger keeps it."""
        lines = [[line.at.isoformat(), *line.words] for line in self.lines]
        return {"stage": self.stage, "done": self.done, "total": self.total, "lines": lines}


def read(told: Told) -> Progress:
    """What the ledger kept."""
    data: Mapping[str, Any] = told.data
    lines = tuple(Line(datetime.fromisoformat(at), Text(zh, en)) for at, zh, en in data["lines"])
    stage = Text(*data["stage"]) if data["stage"] else None
    return Progress(told.at, stage, data["done"], data["total"], lines)


class Report:
    """Where the work of a job tells how far it is; JobStopped when it is to end. `ending` says whether the server ends."""

    def __init__(self, ledger: Ledger, job: int, ending: Callable[[], bool] = lambda: False) -> None:
        self._ledger, self._job, self._ending = ledger, job, ending
        self._written = -EVERY
        self.progress = Progress(ledger.now())

    def __call__(self, done: int | None = None, total: int | None = None, stage: Text | None = None) -> None:
        """So much is done; a stage stands until another is named. JobStopped."""
        known = stage or self.progress.stage
        changed = known != self.progress.stage
        self.progress = replace(self.progress, at=self._ledger.now(), stage=known, done=done, total=total)
        if changed or time.monotonic() - self._written >= EVERY:
            self._write()

    def say(self, words: Text) -> None:
        """A line for the log."""
        line = Line(self._ledger.now(), Text(redacted(words.zh), redacted(words.en)))
        lines = (*self.progress.lines, line)
        if len(lines) > MOST_LINES:
            lines = (*lines[: MOST_LINES // 2], *lines[-MOST_LINES // 2 :])
        self.progress = replace(self.progress, at=line.at, lines=lines)

    def _write(self) -> None:
        if self._ending() or self.keep() == "stopping":
            raise JobStopped()

    def keep(self) -> str | None:
        """Write it now; the state of the job. A ledger that is busy or away stops no work: the next time tells it."""
        self._written = time.monotonic()
        try:
            with self._ledger.writing() as connection:
                tell(connection, self._job, self.progress.kept(), self.progress.at)
                query = select(DocumentRow.state).where(DocumentRow.id == self._job)
                return connection.execute(query).scalar()
        except SQLAlchemyError:
            return None
