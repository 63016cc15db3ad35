"""A real server, read by the tools that people have: pandas, pyarrow, DuckDB, curl; and a client that goes away."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanmin.opendata import Portal
from quanmin.settings import Settings
from quanmin.web.place import Place

from ...unit.opendata.publishing import TABLE, publish

LARGE = 96 << 20


class Server:
    """A server in a process of its own."""

    def __init__(self, home: Path) -> None:
        place = Place(Settings(home=home))
        self.files = publish(place.portal)
        self.large = _publish_large(place.portal, home)
        place.close()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "quanmin", "serve", "--port", str(port), "--host", "127.0.0.1"]
        self.process = subprocess.Popen(
            command, env={**os.environ, "QUANMIN_HOME": str(home)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.origin}/health/live", timeout=2)
                return
            except OSError:
                assert self.process.poll() is None
                time.sleep(0.2)
        raise AssertionError("the server did not begin")

    def resident(self) -> int:
        """Bytes of memory that are the process's own."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("RssAnon"))


def _publish_large(portal: Portal, home: Path) -> str:
    file = home / "large"
    file.write_bytes(os.urandom(1 << 20) * (LARGE >> 20))
    kept = portal.storage.keep(file)
    address = f"/files/{kept.sha256}.zip"
    standing = portal.catalogue.get("beds").document
    assert standing is not None
    held = {"dct:identifier": "large", "dcat:accessURL": "/datasets/large", "dcat:downloadURL": address}
    names: dict[str, Any] = {"dct:identifier": "id-large", "quanmin:name": "large", "dcat:distribution": [held]}
    portal.catalogue.publish({**standing, **names}, "tester")
    return address


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("read") / "home")
    yield made
    made.process.terminate()
    assert made.process.wait(60) in (0, -15)


def test_pandas_reads_the_addresses(server: Server) -> None:
    whole = pandas.read_csv(server.origin + server.files["csv"], dtype=str, keep_default_na=False, na_values=[""])
    assert list(whole.columns) == TABLE.column_names and whole["county"].tolist()[4] == "010"
    rows = pandas.read_csv(f"{server.origin}/data/v1/datasets/beds/rows.csv?order=age", dtype=str)
    assert rows["age"].dropna().tolist() == ["5", "60", "61", "70"]
    parquet = pandas.read_parquet(server.origin + server.files["parquet"])
    assert parquet["disease"].tolist() == TABLE["disease"].to_pylist()


def test_pyarrow_reads_only_the_parts_that_it_needs(server: Server) -> None:
    """A file object over ranges, as fsspec and httpfs make one: the footer first, then the columns asked for."""
    address, asked = server.origin + server.files["parquet"], []

    class Ranged(io.RawIOBase):
        def __init__(self) -> None:
            self.at = 0
            with urllib.request.urlopen(urllib.request.Request(address, method="HEAD")) as answer:
                self.size = int(answer.headers["content-length"])

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def tell(self) -> int:
            return self.at

        def seek(self, offset: int, whence: int = 0) -> int:
            self.at = (0, self.at, self.size)[whence] + offset
            return self.at

        def readinto(self, buffer: Any) -> int:
            end = min(self.at + len(buffer), self.size)
            if end <= self.at:
                return 0
            request = urllib.request.Request(address, headers={"range": f"bytes={self.at}-{end - 1}"})
            with urllib.request.urlopen(request) as answer:
                assert answer.status == 206
                piece = answer.read()
            asked.append(len(piece))
            buffer[: len(piece)] = piece
            self.at += len(piece)
            return len(piece)

    read = pq.read_table(pa.PythonFile(Ranged(), mode="r"), columns=["county"])
    assert read["county"].to_pylist() == TABLE["county"].to_pylist() and sum(asked) > 0


READS = """
import json, sys
from datetime import datetime
import duckdb
from fsspec.implementations.http import HTTPFileSystem

class Web(HTTPFileSystem):
    def modified(self, path):  # a file of the portal never changes under its address
        return datetime(1970, 1, 1)

parquet, csv = sys.argv[1:]
with duckdb.connect() as connection:
    connection.register_filesystem(Web())
    rows = connection.execute("SELECT county, count(*) FROM read_parquet(?) GROUP BY 1", [parquet]).fetchall()
    text = connection.execute("SELECT county, count(*) FROM read_csv(?, all_varchar = true) GROUP BY 1", [csv]).fetchall()
print(json.dumps([rows, text]))
"""


def test_duckdb_reads_the_addresses(server: Server) -> None:
    """By a file system over HTTP ranges, for the extension httpfs is in no package: a fresh installation fetches it."""
    python = os.environ.get("QUANMIN_TEST_VALIDATORS")
    if not python:
        pytest.skip("QUANMIN_TEST_VALIDATORS names no environment")
    addresses = [server.origin + server.files[one] for one in ("parquet", "csv")]
    done = subprocess.run(
        [f"{python}/bin/python", "-c", READS, *addresses], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for rows in json.loads(done.stdout):
        assert dict(map(tuple, rows)) == {"420100": 2, "420200": 1, "010": 1, None: 1}


def test_duckdb_reads_what_was_fetched_and_all_varchar_keeps_every_code(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "beds.csv"
    with urllib.request.urlopen(server.origin + server.files["csv"]) as answer:
        file.write_bytes(answer.read())
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT county, count(*) FROM read_csv(?, all_varchar = true) GROUP BY 1", [str(file)]
        )
        assert dict(rows.fetchall()) == {"420100": 2, "420200": 1, "010": 1, None: 1}


def test_memory_does_not_grow_with_a_file_even_for_readers_that_are_slow_or_leave(server: Server) -> None:
    with urllib.request.urlopen(server.origin + server.large) as answer:  # whatever is made once is made
        assert len(answer.read()) == LARGE
    before = server.resident()
    waiting = []
    for _ in range(8):
        answer = urllib.request.urlopen(server.origin + server.large)
        answer.read(1_000)
        waiting.append(answer)
    time.sleep(1)
    assert server.resident() - before < LARGE // 2  # eight of them, none of which reads on
    for answer in waiting:
        answer.close()
    with urllib.request.urlopen(server.origin + server.large) as answer:
        assert len(answer.read()) == LARGE
