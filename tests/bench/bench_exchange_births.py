"""The birth-and-death push of a province: delivered from an agency's node to the platform's over mutual TLS, sealed, collected,
receipted, and its errors back at the agency, acknowledged; two processes on loopback, every message in the log of both.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from figure import Figure, machine
from two_homes import SERVE, Homes, joined, line_of, process_of

from quanmin import synth
from quanmin.exchange.agreement import Office, copy
from quanmin.exchange.node.node import Node

ROWS = 1_000_000
SHARES = {"health.birth": 0.7, "health.death": 0.3}
SERIALS = {"health.birth": "N{:09d}", "health.death": "S{:012d}"}
AGENCY, PLATFORM = "health", "public_security"
PERSONS = 60_000


PUSH = """
import json, sys, time
from pathlib import Path
from quanmin.exchange import delivery
from quanmin.exchange.intake import kept
from quanmin.exchange.node.opening import Listener, opened
from quanmin.settings import Settings
given = json.loads(sys.argv[1])
with opened(Settings(**given["settings"])) as node:
    terms = {one.dataset: one for one in node.agreements.all()}
    listener = Listener(node, "127.0.0.1", given["port"])
    sys.stdin.readline()
    began = time.perf_counter()
    sent = [
        delivery.send(node, terms[dataset], Path(file), "file", file=Path(file).name, form="csv", rows=rows)
        for dataset, (file, rows) in given["files"].items()
    ]
    packed = time.perf_counter() - began
    receipted = back = None
    while time.perf_counter() - began < 600:
        states = [node.ledger.get(one.id) for one in sent]
        if receipted is None and all("receipt" in one.data for one in states):
            receipted = time.perf_counter() - began
        found = kept.listing(node)
        if back is None and len(found) == len(sent):
            back = time.perf_counter() - began
        if receipted is not None and back is not None:
            break
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    told = {
        "packed": packed,
        "receipted": receipted,
        "back": back,
        "seconds": seconds,
        "states": [one.state for one in states],
        "counts": [[one.data["manifest"]["rows"], one.data["accepted"], one.data["quarantined"]] for one in states],
        "errors": sum(one.told for one in found),
    }
    print(json.dumps(told), flush=True)
    sys.stdin.readline()
    listener.close()
"""

COLLECT = """
import json, sys, time
from pathlib import Path
from quanmin import collect, trust
from quanmin.lake import Lake
from quanmin.settings import Settings
began = time.perf_counter()
with Lake.open(Settings(home=Path(sys.argv[1]))) as lake:
    for dataset, (file, _rows) in json.loads(sys.argv[2]).items():
        collect.collect(lake, dataset, Path(file), "health", trust.local_administrator())
print(time.perf_counter() - began)
"""


def write_files(folder: Path, rows: int) -> dict[str, tuple[str, int]]:
    """Births and deaths as synth makes them, errors among them, repeated under further certificate numbers."""
    synth.write(folder / "synth", PERSONS, 2015, formats="parquet")
    made = {}
    for dataset, share in SHARES.items():
        [source] = (folder / "synth").glob(f"{dataset}.*")
        with pq.ParquetFile(source) as file:
            table = file.read()
        wanted, path = int(rows * share), folder / f"{dataset}.csv"
        title = next(
            name for name in table.column_names if name in ("certificate_no", "出生医学证明编号", "死亡证明编号")
        )
        place = table.column_names.index(title)
        with pa.csv.CSVWriter(path, table.schema) as writer:
            for first in range(0, wanted, table.num_rows):
                some = table.slice(0, min(table.num_rows, wanted - first))
                numbers = [SERIALS[dataset].format(first + one) for one in range(some.num_rows)]
                writer.write_table(some.set_column(place, table.schema.field(place), pa.array(numbers, pa.string())))
        made[dataset] = (str(path), wanted)
    return made


@contextmanager
def _founded(home: Path) -> Iterator[Homes]:
    """Both homes, and the agreements."""
    with ExitStack() as stack:
        made = joined(stack, home, PLATFORM, AGENCY)
        for dataset in SHARES:
            _agree(made.platform, made.agency, dataset)
        copy.refresh(made.agency)
        assert len(made.agency.agreements.all()) == len(SHARES)
    yield made


def _agree(platform: Node, agency: Node, dataset: str) -> None:
    """An agreement from draft to force."""
    today = platform.ledger.now().date()
    told = {
        "item": "births and deaths",
        "title_zh": "出生与死亡登记",
        "title_en": "births and deaths",
        "provider": AGENCY,
        "consumer": PLATFORM,
        "dataset": dataset,
        "elements": ["certificate_no", "birth_date"],
        "purpose": "sharing",
        "legal_basis": "Order 809 of the State Council",
        "mode": "push",
        "initiative": "provider",
        "frequency": "daily",
        "starts": today.isoformat(),
        "until": (today + timedelta(days=300)).isoformat(),
        "operations": [],
        "content": "file",
        "case": False,
    }
    office = Office(platform.ledger, platform.settings, platform.directory)
    number = str(office.draft(AGENCY, told).ref)
    office.request(AGENCY, number)
    if office.review(PLATFORM, number).state == "reviewed":
        office.answer(AGENCY, number)
    for node in (agency, platform):
        terms = office.terms(office.course(node.member, number))
        done = office.sign(node.member, number, node.identity.signer.key, node.identity.signer.sign(terms.text()).hex())
    assert done.state == "in_force"


def measure(scale: float) -> list[Figure]:
    """Seconds from the first byte packed until both feedbacks are taken in and receipted; and of collecting the files alone."""
    rows, folder = int(ROWS * scale), Path(tempfile.mkdtemp())
    try:
        files = write_files(folder, rows)
        with _founded(folder / "homes") as (_, _, there, port, here, own):
            platform = process_of(SERVE, there, port)
            assert line_of(platform) == "ready\n"
            agency = process_of(PUSH, here, own, files=files)
            time.sleep(3)
            told = json.loads(line_of(agency, "go"))
            line_of(agency, "end")
            memory = float(line_of(platform, "end"))
            agency.wait()
            platform.wait()
        done = subprocess.run(
            [sys.executable, "-c", COLLECT, str(folder / "alone"), json.dumps(files)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    finally:
        shutil.rmtree(folder)
    assert told["states"] == ["acknowledged"] * len(files), told
    assert all(sent == accepted + quarantined for sent, accepted, quarantined in told["counts"])
    assert told["errors"] > 0
    target = max(5, 30 * scale)
    return [
        Figure(
            f"births and deaths of a province, {rows:,} rows, delivered, collected, feedback back and acknowledged",
            f"≤ {target:.0f} s",
            f"{told['seconds']:.1f} s",
            told["seconds"] <= target,
            f"packed {told['packed']:.1f} s, feedback {told['back']:.1f} s, receipts {told['receipted']:.1f} s; "
            f"collecting the files alone {float(done.stdout):.1f} s; {told['errors']:,} errors told; "
            f"platform {memory:.0f} MB; {machine()}",
        )
    ]


if __name__ == "__main__":
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        sys.stdout.write(f"{figure}\n")
