"""Queries of a read, answered by a cluster: each piece goes to a worker as it would run here, and its rows come back.

Workers read the files of the lake where they run. They get the query with its values, and no secret: what needs a key is done
on the rows that come back. The rows of some pieces at a time are in memory, not all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from quanmin.lake.cluster import Outpost, spread, without_secrets
from quanmin.lake.session import Session
from quanmin.settings import Settings

AT_ONCE = 4
"""So many pieces are asked for together."""


@dataclass(frozen=True)
class Errand:
    """One query; `later` are the tables of superseding keys that it names."""

    query: str
    parameters: Sequence[Any]
    settings: Settings
    later: Mapping[str, pa.Table]


def gather(session: Session, queries: Sequence[tuple[str, Sequence[Any]]]) -> Iterator[pa.RecordBatch]:
    """The rows of all queries, in their order. Raises what `cluster.spread` raises."""
    names = {name.strip('"'): name for name in session.later.values()}
    later = {name: session.connection.sql(f"FROM {quoted}").to_arrow_table() for name, quoted in names.items()}
    settings = without_secrets(session.lake.settings)
    errands = [Errand(query, parameters, settings, later) for query, parameters in queries]
    for first in range(0, len(errands), AT_ONCE):
        for answer in spread(session.lake.settings, run_errand, errands[first : first + AT_ONCE]):
            yield from pa.ipc.open_stream(answer)


def run_errand(errand: Errand) -> bytes:
    """The rows of one query as an Arrow stream."""
    with Outpost(errand.settings) as outpost:
        for name, rows in errand.later.items():
            outpost.connection.register(name, rows)
        relation = outpost.connection.sql(errand.query, params=list(errand.parameters))
        reader, sink = relation.to_arrow_reader(100_000), pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, reader.schema) as stream:
            for batch in reader:
                stream.write_batch(batch)
        return bytes(sink.getvalue())
