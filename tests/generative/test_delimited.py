"""The fast reader of delimited text against the reference, on generated files and every size of block."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quanmin.collect.chunk import Chunk
from quanmin.collect.readers import record
from quanmin.collect.readers.delimited import DelimitedReader
from quanmin.collect.sent_file import SentFile
from quanmin.settings import Settings

HEADER = "a,b,c\n"
FIELDS = st.text(st.sampled_from("x1 中\u3000é;'"), max_size=4)
QUOTED = st.text(st.sampled_from('x,中\n"\r ;'), max_size=6).map(lambda text: '"' + text.replace('"', '""') + '"')
WILD = st.text(st.sampled_from('x,"\n\r\0中 |'), max_size=12)
ENDS = st.sampled_from(["\n", "\r\n"])
ROWS = st.tuples(st.lists(st.one_of(FIELDS, QUOTED), min_size=3, max_size=3).map(",".join), ENDS).map("".join)
PLAIN = st.tuples(st.lists(FIELDS, min_size=3, max_size=3).map(",".join), ENDS).map("".join)
RAGGED = st.tuples(st.lists(FIELDS, min_size=0, max_size=5).map(",".join), ENDS).map("".join)
FILES = st.one_of(
    st.lists(PLAIN, max_size=12),
    st.lists(ROWS, max_size=12),
    st.lists(st.one_of(PLAIN, ROWS, RAGGED, WILD), max_size=12),
).flatmap(lambda rows: st.sampled_from(["", "x,y,z", '"p","q","r"', '"open']).map(lambda last: "".join(rows) + last))

Rows = list[tuple[Any, ...]]


def rows_of(chunks: list[Chunk]) -> tuple[Rows, Rows]:
    """All rows with place, line, fields and text; and all malformed rows."""
    good: Rows = []
    bad: Rows = []
    base = 0
    for chunk in chunks:
        fields = zip(*(column.to_pylist() for column in chunk.columns), strict=True)
        for index, (offset, line, row) in enumerate(zip(chunk.offsets, chunk.lines, fields, strict=True)):
            good.append((base + int(offset), int(line), row, chunk.text(index)))
        bad += [(base + row.offset, *row[1:]) for row in chunk.malformed]
        base += chunk.count
    return good, bad


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@settings(max_examples=250, deadline=None)
@given(body=FILES, size=st.integers(1, 200))
@example(body=',,\n\r,"\n"\n,,\n', size=1)
def test_the_fast_reader_gives_the_rows_of_the_reference(encoding: Any, body: str, size: int) -> None:
    data = (HEADER + body).encode(encoding)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sent.csv"
        path.write_bytes(data)
        sent = SentFile(path, len(data), "", "none", "delimited", 1 << 30, Settings())
        reader = DelimitedReader(sent, encoding, "abc".__contains__, size)
        fast = rows_of([piece.parse() for piece in reader.pieces()])
    slow = rows_of([record.parse(data[len(HEADER) :], encoding, ",", ("a", "b", "c"), 2)])
    assert fast == slow
