"""The worker as seen from here: a process of its own, started for one question and ended with it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa

from quanmin.opendata.privacy.errors import WorkerFailed, WorkerMissing
from quanmin.opendata.privacy.query import Query
from quanmin.settings import Settings

SCRIPT = Path(__file__).with_name("worker.py")
SECONDS = 120
MEMORY = 4 << 30
AT_ONCE = 2
TURNS = threading.BoundedSemaphore(AT_ONCE)
"""Workers of one process that run side by side."""
_QUIET = {"ARROW_DEFAULT_MEMORY_POOL": "system", "LC_ALL": "C.UTF-8"}
_QUIET |= {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


@dataclass(frozen=True)
class Engine:
    """Where workers run: an interpreter with OpenDP, NumPy and PyArrow, and the limits of one question."""

    interpreter: str = sys.executable
    seconds: int = SECONDS
    memory: int = MEMORY

    @classmethod
    def of(cls, settings: Settings) -> Engine:
        """As the settings say; the running interpreter where they name none."""
        return cls(str(settings.opendp) if settings.opendp is not None else sys.executable)


class Worker:
    """One question's worker; a context manager. `plan` first, which reads no row; then `answer`, once."""

    def __init__(self, engine: Engine, query: Query) -> None:
        self.engine, self.query = engine, query
        self._process: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Worker:
        try:
            command = [self.engine.interpreter, "-I", "-B", str(SCRIPT)]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_QUIET,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise WorkerMissing(reason=type(error).__name__) from None
        self._timer = threading.Timer(self.engine.seconds, self._process.kill)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        assert self._process is not None and self._timer is not None
        self._timer.cancel()
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:  # what was not sent goes nowhere any more
                continue
        self._process.wait()

    def plan(self) -> dict[str, Any]:
        """With what noise it will answer: `scales`, the `loss` of one person, `accuracy`, `versions`. WorkerMissing."""
        limits = {"seconds": self.engine.seconds, "memory": self.engine.memory}
        try:
            self._send(json.dumps(self.query.plan() | limits).encode() + b"\n")
        except OSError:
            raise WorkerMissing(reason=self._ending()) from None
        told = self._heard()
        if told is None or "loss" not in told:
            raise WorkerMissing(reason=self._ending() if told is None else str(told.get("error")))
        epsilon, delta = (Fraction(one) for one in told["loss"])
        if not (epsilon <= Fraction(self.query.epsilon) and delta <= Fraction(self.query.delta)):
            raise WorkerMissing(reason="loss")  # its map says more than was asked: nothing is spent or answered
        return told

    def answer(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Any:
        """What it measures of the rows: a whole number, or a list of them. WorkerFailed."""
        assert self._process is not None and self._process.stdin is not None
        with self._sending():
            stream = pa.ipc.new_stream(self._process.stdin, schema)
        for batch in batches:  # what reading them raises is not the worker's
            with self._sending():
                stream.write_batch(batch)
        with self._sending():
            stream.close()
            self._process.stdin.close()
        told = self._heard()
        if told is None or "answer" not in told:
            raise WorkerFailed(reason=self._ending() if told is None else str(told.get("error")))
        return told["answer"]

    @contextmanager
    def _sending(self) -> Iterator[None]:
        """WorkerFailed when it does not take what is sent."""
        try:
            yield
        except OSError:
            raise WorkerFailed(reason=self._ending()) from None

    def _send(self, line: bytes) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def _heard(self) -> dict[str, Any] | None:
        """The next line; None when it ended without one."""
        assert self._process is not None and self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            told = json.loads(line) if line.endswith(b"\n") else None
        except ValueError:
            return None
        return told if isinstance(told, dict) else None

    def _ending(self) -> str:
        """How it ended: its status, or the signal that ended it."""
        assert self._process is not None
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "stuck"
        return f"signal {-status}" if status < 0 else f"status {status}"
