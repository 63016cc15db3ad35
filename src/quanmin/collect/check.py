"""The conformance test of a file: every rule asked of every row, nothing stored."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from quanmin.collect.proof import Progress, Proven, Prover
from quanmin.collect.readers import NotUtf8, open_reader
from quanmin.collect.readers.encoding import Encoding, whole_encoding
from quanmin.collect.row_set import RowSet
from quanmin.collect.sent_file import SentFile, receive
from quanmin.collect.staging import ARROW_TYPES, joined
from quanmin.collect.tally import FIRST
from quanmin.collect.together import modest, together
from quanmin.lake.engine import Engine, scan
from quanmin.settings import Settings
from quanmin.standards import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the test found. `rules` has one line a rule: id, code, severity, tested, failed, and its first `rows`.

    `passed` is whether no row broke a rule that refuses rows. A rule that refers to another dataset is not tested.
    """

    dataset: str
    version: str
    file: str
    passed: bool
    read: int
    accepted: int
    quarantined: int
    rules: list[dict[str, Any]]
    unknown_columns: list[str]
    missing_columns: list[str]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


def check(dataset: Dataset, path: Path, progress: Progress | None = None, settings: Settings | None = None) -> Report:
    """Test a file against a dataset of any catalogue; an error where the file cannot be read as rows."""
    settings = settings or Settings()
    sent = receive(Path(path), settings)
    try:
        return _check(dataset, sent, settings, progress, None)
    except NotUtf8:
        return _check(dataset, sent, settings, progress, whole_encoding(sent))


def _check(
    dataset: Dataset, sent: SentFile, settings: Settings, progress: Progress | None, encoding: Encoding | None
) -> Report:
    reader = open_reader(sent, lambda title: dataset.resolve(title) is not None, encoding)
    with tempfile.TemporaryDirectory(prefix="quanmin-check-") as folder:
        keys = _Keys(dataset, Path(folder))
        prover = Prover(dataset, sent, reader, keys.keep)
        prover.run(settings.threads, progress)
        _together(dataset, prover, keys, settings.model_copy(update={"home": Path(folder)}))
    tally = prover.tally
    return Report(
        dataset=dataset.id,
        version=dataset.version,
        file=sent.name,
        passed=tally.passed,
        read=tally.read,
        accepted=tally.accepted,
        quarantined=tally.quarantined,
        rules=tally.lines(),
        unknown_columns=list(prover.unknown),
        missing_columns=prover.missing,
    )


class _Keys:
    """The columns that rules on sets look at, of the rows accepted so far, in one temporary file."""

    def __init__(self, dataset: Dataset, folder: Path) -> None:
        names = dict.fromkeys(name for rule in dataset.rules if rule.scope != "row" for name in rule.elements)
        self.names: Sequence[str] = tuple(names)
        self._warnings = [rule.id for rule in dataset.rules if rule.severity == "warn"]
        types = [(name, ARROW_TYPES[dataset.element(name).type]) for name in names]
        self.schema = pa.schema([*types, ("_flags", pa.string()), ("_row", pa.int64())])
        self.path = folder / "keys.parquet"
        self._file = pq.ParquetWriter(self.path, self.schema, compression="zstd", compression_level=1)
        self._lock = threading.Lock()

    def keep(self, proven: Proven) -> None:
        """Take a proven chunk."""
        if self.names:
            flags = joined(proven.failing, self._warnings, len(proven.rows))
            table = proven.typed.select(self.names).append_column("_flags", flags)
            table = table.append_column("_row", pa.array(proven.rows))
            with self._lock:
                self._file.write_table(table.filter(pa.array(~proven.rejected)).cast(self.schema))

    def close(self) -> str:
        """The file's address."""
        self._file.close()
        return str(self.path)


def _together(dataset: Dataset, prover: Prover, keys: _Keys, settings: Settings) -> None:
    staged = scan([keys.close()], keys.schema)
    engine = Engine(settings)
    tally, refused = prover.tally, RowSet(prover.tally.read)
    try:
        modest(engine.connection, settings)
        for found in together(dataset, engine.connection, staged, lambda _dataset: None, tally.read):
            count = tally.counts[found.rule.id]
            count.tested += found.tested
            count.add(len(found.rows), found.rows.first(FIRST))
            if found.rule.severity == "reject":
                refused.update([found.rows])
    finally:
        engine.close()
    tally.accepted -= len(refused)
    tally.quarantined += len(refused)
