"""The progress bar: rows, rate and time left, on standard error, only when that is a terminal."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from quanmin.cli.output import err, visible
from quanmin.redaction import redacted


class Bar:
    """A bar over bytes that also tells rows and rows a second; silent when standard error is a file or a pipe."""

    def __init__(self, title: str) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[rows]:,} rows"),
            TextColumn("{task.fields[rate]:,.0f}/s"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=err,
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._progress.add_task(visible(redacted(title)), total=None, rows=0, rate=0.0)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, rows: int, done: int, total: int | None) -> None:
        """Rows read so far, bytes done and bytes in all (None when unknown)."""
        elapsed = self._progress.tasks[0].elapsed or 0.0
        rate = rows / elapsed if elapsed else 0.0
        self._progress.update(self._task, completed=done, total=total, rows=rows, rate=rate)
