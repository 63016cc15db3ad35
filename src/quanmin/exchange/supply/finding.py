"""The rows that a feedback tells of, found in a file of whoever has them: by key, since no value of a row comes back.

The file is one of the provider's own, with the elements of the key in columns of their names: CSV with titles, or Parquet. Only
the numbers of its rows are told. Rows are read batch by batch; in memory are the lines of the feedback.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from quanmin.exchange.delivery.outbox import Home
from quanmin.exchange.intake import kept, told
from quanmin.exchange.supply import mark
from quanmin.exchange.supply.errors import ColumnsLacking, FileUnreadable

ROWS = 100_000


@dataclass(frozen=True)
class Found:
    """An error that stands and a row of the file that has its key: `row` in the file (from 1), `told` in the delivery."""

    row: int
    told: int
    element: str
    code: str

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


def find(home: Home, feedback: str, file: Path) -> list[Found]:
    """Where the open lines of a feedback are in a file, by its rows. NoSuchFeedback, ColumnsLacking, FileUnreadable."""
    came = kept.show(home, feedback)
    wanted: dict[str, list[dict[str, str]]] = defaultdict(list)
    for line in came.lines:
        if line["key"] and line["state"] == told.OPEN:
            wanted[line["key"]].append(line)
    keys = {one.partition(":")[0] for one in wanted} - {mark.ALL}
    known = [mark.Known(tuple(names.split("+")), tuple(names.split("+"))) for names in sorted(keys)]
    known += [mark.Known()] if len(keys) < len({one.partition(":")[0] for one in wanted}) else []
    agreement = came.agreement.partition(";")[0]
    with _batches(file) as batches:
        found = [one for one in _found(batches, known, agreement, wanted)]
    return sorted(found, key=lambda one: (one.row, one.told, one.element, one.code))


def _found(
    batches: Iterator[pa.RecordBatch], known: list[mark.Known], agreement: str, wanted: dict[str, list[dict[str, str]]]
) -> Iterator[Found]:
    before = 0
    for batch in batches:
        for how in known:
            lacking = sorted(set(how.key) - set(batch.schema.names))
            if lacking:
                raise ColumnsLacking(columns=", ".join(lacking))
            for place, text in enumerate(mark.whole(batch, how, batch.schema.names).to_pylist(), before + 1):
                for line in wanted.get(mark.told(agreement, how, text), ()):
                    yield Found(place, int(line["row"]), line["element"], line["code"])
        before += len(batch)


@contextmanager
def _batches(file: Path) -> Iterator[Iterator[pa.RecordBatch]]:
    """The rows of a file, as text where it is a CSV. FileUnreadable."""
    try:
        if file.suffix == ".parquet":
            with pq.ParquetFile(file) as source:
                yield source.iter_batches(ROWS)
        else:
            names = pyarrow.csv.open_csv(file).schema.names
            options = pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in names}, strings_can_be_null=True, null_values=[""]
            )
            yield iter(pyarrow.csv.open_csv(file, convert_options=options))
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise FileUnreadable(file=file.name, fault=type(error).__name__) from error
