"""Work on a cluster over Spark Connect: Apache Spark 4, or Sail.

Tables are split by bucket already, so that nothing has to be shuffled: the cluster is given pieces of work and hands back
small answers. A piece reads and stages Parquet files of the lake where it runs (`Outpost`); the caller alone commits, so
that a cluster that dies leaves nothing half written.
"""

from __future__ import annotations

import functools
import pickle
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import pyarrow as pa

from quanmin.lake.engine import Engine
from quanmin.lake.errors import ClusterFailed, ClusterUnreachable, NoCluster, SparkMissing
from quanmin.lake.store import Store
from quanmin.lake.table import BUCKET, Table
from quanmin.lake.writer import Writer
from quanmin.settings import Settings

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")
EngineName = Literal["duckdb", "spark"]
"""Where work is done: here, or on the cluster of the settings."""
PROBE_SECONDS = 5.0
_PORT = 15002


class Outpost:
    """An engine and writers at a place that has no ledger; what it staged is noted for whoever commits."""

    def __init__(self, settings: Settings) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="quanmin-outpost-")
        self._engine = Engine(settings.model_copy(update={"home": Path(self._folder.name)}))
        self.store = Store(settings.lake_root)
        self.connection = self._engine.connection
        self.writers: list[Writer] = []

    def writer(self, address: str, schema: pa.Schema, layer: int | None) -> Writer:
        """A writer that stages files of a table that is split by bucket."""
        self.writers.append(Writer(Table(self.store, address), schema, BUCKET, layer=layer))
        return self.writers[-1]

    def __enter__(self) -> Outpost:
        return self

    def __exit__(self, kind: object, *_exc: object) -> None:
        if kind is not None:
            for writer in self.writers:
                writer.abandon()
        self._engine.close()
        self._folder.cleanup()


def without_secrets(settings: Settings) -> Settings:
    """The settings as they may travel to a cluster: where things are, and no passphrase."""
    return settings.model_copy(update={"passphrase": None, "new_passphrase": None, "master": None, "ledger": None})


def spread(settings: Settings, work: Callable[[Piece], Answer], pieces: Sequence[Piece]) -> list[Answer]:
    """`work` on every piece, on the cluster of the settings; the answers in the order of the pieces.

    Work, pieces and answers must be picklable, and the workers must have this package. Spark itself tries a lost piece again.
    Raises NoCluster, ClusterUnreachable, SparkMissing, ClusterFailed.
    """
    if settings.spark is None:
        raise NoCluster()
    _probe(settings.spark)
    with warnings.catch_warnings():
        # PySpark warns of pandas 3 when it is imported; nothing here uses pandas.
        warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
        try:
            with _named_main():
                import pyspark.sql.connect  # noqa: F401
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise SparkMissing() from error
        packed = [pickle.dumps(piece) for piece in pieces]
        spark = SparkSession.builder.remote(settings.spark).create()
        try:
            numbers = spark.range(0, len(packed), 1, max(len(packed), 1))
            found = numbers.mapInArrow(functools.partial(_run, work, packed), "piece long, answer binary").toArrow()
        except PySparkException as error:
            raise ClusterFailed(reason=type(error).__name__) from error
        finally:
            spark.stop()
    answers = dict(zip(found["piece"].to_pylist(), found["answer"].to_pylist(), strict=True))
    if len(answers) < len(packed):
        raise ClusterFailed(reason=f"{len(packed) - len(answers)} / {len(packed)}")
    return [pickle.loads(answers[number]) for number in range(len(packed))]


def _run(
    work: Callable[[Any], Any], packed: list[bytes], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Runs where the data is: the pieces whose numbers are in the batches."""
    for batch in batches:
        for number in batch.column(0).to_pylist():
            answer = pickle.dumps(work(pickle.loads(packed[number])))
            yield pa.RecordBatch.from_pydict({"piece": pa.array([number], pa.int64()), "answer": [answer]})


@contextmanager
def _named_main() -> Iterator[None]:
    """A main module with a file: PySpark takes one without (`python -c`, a test's worker) for its own tests and ends it."""
    main = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        yield
        return
    main.__file__ = "quanmin"
    try:
        yield
    finally:
        del main.__file__


def _probe(remote: str) -> None:
    """A quick look whether anybody listens: the client alone would try for minutes."""
    address = urlsplit(remote)
    try:
        socket.create_connection((address.hostname or "", address.port or _PORT), PROBE_SECONDS).close()
    except (OSError, ValueError) as error:
        raise ClusterUnreachable(host=address.hostname or remote) from error
