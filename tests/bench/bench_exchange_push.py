"""The push of a change set: read through the gate, written, sealed, signed, delivered over mutual TLS to another process, checked
there row by row, receipted, acknowledged; with the seconds of each step and the peak memory of both processes.

Then the same rows in both forms without a network: written, and taken. A push is by Parquet unless the form is named.

Run: python tests/bench/bench_exchange_push.py [SCALE [FORM]]   (1: ten million rows, and a tenth of them in both forms)
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from figure import Figure, machine, peak_megabytes
from two_homes import SERVE, Homes, joined, line_of, process_of

from quanmin import standards
from quanmin.collect.staging import clean_schema
from quanmin.exchange.agreement import Office, copy
from quanmin.exchange.delivery import package
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import consumer, parcel
from quanmin.exchange.supply.rows import Rows
from quanmin.exchange.supply.validation import Check
from quanmin.exchange.terms import FORMS, Form, Terms
from quanmin.lake import Lake
from quanmin.standards.kernels import bucket_of, decode

ROWS, PIECE = 10_000_000, 500_000
DATASET, ELEMENTS = "health.death", ["certificate_no", "citizen_number", "sex", "birth_date", "death_date", "region"]
PROVIDER, CONSUMER = "health", "public_security"
Made = TypeVar("Made")

PUSH = """
import json, resource, sys, time
from quanmin.exchange.delivery import outbox
from quanmin.exchange.node.opening import Listener, opened
from quanmin.exchange.node.worker import WORKERS
from quanmin.exchange.supply import parcel, schedule
from quanmin.settings import Settings
given = json.loads(sys.argv[1])
steps = {}

def timed(name, module, function):
    real = getattr(module, function)
    def timing(*args, **named):
        began = time.perf_counter()
        try:
            return real(*args, **named)
        finally:
            steps[name] = time.perf_counter() - began
    setattr(module, function, timing)

timed("read and written", parcel, "write")
timed("sealed", outbox, "send")
with opened(Settings(**given["settings"])) as node:
    WORKERS.pop("supply")  # pushed when this says so
    listener = Listener(node, "127.0.0.1", given["port"])
    [terms] = node.agreements.all()
    for line in sys.stdin:
        if line == "end\\n":
            break
        began = time.perf_counter()
        made = schedule.push(node, terms)
        while time.perf_counter() - began < 600:
            made = node.ledger.get(made.id)
            if made.state in ("acknowledged", "refused", "parked"):
                break
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        at = {one.name: one.at.timestamp() for one in made.actions}
        told = {"seconds": seconds, "state": made.state, "steps": steps, "content": made.data["manifest"]["content"]}
        told |= {"rows": made.data["manifest"]["rows"], "bytes": made.data["manifest"]["bytes"]}
        told |= {"accepted": made.data.get("accepted"), "error": made.data.get("error"), "at": at}
        told |= {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
        print(json.dumps(told), flush=True)
    listener.close()
"""


def fill(lake: Lake, batch: int, first: int, rows: int) -> None:
    """One batch of deaths that takes no earlier row's place."""
    dataset = standards.catalogue().dataset(DATASET)
    schema = clean_schema(dataset)
    dice = np.random.default_rng(batch)
    with lake.session("collect", transaction=f"bench {batch}") as session:
        writer = session.writer(f"clean.{DATASET}", schema, "bucket", key=dataset.key)
        for start in range(first, first + rows, PIECE):
            writer.write(_piece(schema, dice, batch, start, min(PIECE, first + rows - start), lake.settings.buckets))
        session.commit()


def _piece(schema: pa.Schema, dice: np.random.Generator, batch: int, start: int, rows: int, buckets: int) -> pa.Table:
    days = dice.integers(0, 20_000, rows)
    regions = np.array([370102, 370202, 371302])[dice.integers(0, 3, rows)]
    birth = (np.datetime64("1940-01-01") + days).astype("datetime64[D]")
    parts = birth.astype("datetime64[M]")
    year, month = birth.astype("datetime64[Y]").astype(int) + 1970, parts.astype(int) % 12 + 1
    day = (birth - parts.astype("datetime64[D]")).astype(int) + 1
    people = pa.array(
        regions.astype(np.int64) * 10**11 + (year * 10_000 + month * 100 + day) * 1000 + dice.integers(1, 999, rows)
    )
    columns = {
        "certificate_no": pa.array([f"S{number:012d}" for number in range(start, start + rows)]),
        "citizen_number": decode(people),
        "sex": pa.array(np.array(["1", "2"])[dice.integers(0, 2, rows)]),
        "birth_date": pa.array(birth),
        "death_date": pa.array(np.datetime64("2020-01-01") + dice.integers(0, 2000, rows)),
        "region": pa.array(regions.astype(str)),
        "person_key": people,
        "bucket": pa.array(bucket_of(people, pa.array(np.arange(rows)), buckets), pa.int32()),
        "_batch": pa.repeat(pa.scalar(batch, pa.int64()), rows),
    }
    arrays = [columns.get(one.name, pa.nulls(rows, one.type)).cast(one.type) for one in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _agree(platform: Node, agency: Node, form: Form) -> None:
    """An agreement from draft to force, by which rows are pushed."""
    today = date.today()
    told = {
        "item": "deaths",
        "title_zh": "死亡登记",
        "title_en": "deaths",
        "provider": PROVIDER,
        "consumer": CONSUMER,
        "dataset": DATASET,
        "elements": ELEMENTS,
        "purpose": "sharing",
        "legal_basis": "Order 809 of the State Council",
        "mode": "push",
        "initiative": "provider",
        "frequency": "yearly",
        "starts": today.isoformat(),
        "until": (today + timedelta(days=300)).isoformat(),
        "region": "370000",
        "operations": [],
        "content": "change",
        "case": False,
        "form": form,
    }
    office = Office(platform.ledger, platform.settings, platform.directory)
    number = str(office.draft(CONSUMER, told).ref)
    office.request(CONSUMER, number)
    if office.review(platform.member, number).state == "reviewed":
        office.answer(PROVIDER, number)
    for node in (agency, platform):
        terms = office.terms(office.course(node.member, number))
        done = office.sign(node.member, number, node.identity.signer.key, node.identity.signer.sign(terms.text()).hex())
    assert done.state == "in_force"
    copy.refresh(agency)


def _found(home: Path, form: Form) -> Homes:
    """Both homes, and the agreement."""
    with ExitStack() as stack:
        made = joined(stack, home, CONSUMER, PROVIDER)
        _agree(made.platform, made.agency, form)
    return made


def measure(scale: float, form: Form = "parquet") -> list[Figure]:
    """Rows a second from the first row read to the receipt kept, and those of each form alone."""
    return [_pushed(scale, form), *_forms(int(ROWS * scale) // 10)]


def _pushed(scale: float, form: Form) -> Figure:
    rows, folder = int(ROWS * scale), Path(tempfile.mkdtemp())
    try:
        _, _, there, port, here, own = _found(folder / "homes", form)
        with Lake.open(here) as lake:
            fill(lake, 1, 0, 1000)
        platform = process_of(SERVE, there, port)
        assert line_of(platform) == "ready\n"
        agency = process_of(PUSH, here, own)
        full = json.loads(line_of(agency, "go"))
        with Lake.open(here) as lake:
            fill(lake, 2, 1000, rows)
        time.sleep(1)
        told = json.loads(line_of(agency, "go"))
        assert agency.stdin is not None
        agency.stdin.write("end\n")
        agency.stdin.close()
        memory = float(line_of(platform, "end"))
        agency.wait()
        platform.wait()
    finally:
        shutil.rmtree(folder)
    assert (full["state"], full["content"]) == ("acknowledged", "full"), full
    assert (told["state"], told["content"], told["accepted"]) == ("acknowledged", "change", rows), told
    speed, steps, at = rows / told["seconds"], told["steps"], told["at"]
    sent = at.get("sent", at["acknowledge"])
    return Figure(
        f"push of a change set of {rows:,} rows as {form}, to its receipt",
        "≥ 300,000 rows/s",
        f"{speed:,.0f} rows/s",
        speed >= 300_000,
        f"read and written {steps['read and written']:.1f} s, sealed {steps['sealed']:.1f} s, "
        f"delivered {sent - at['send']:.1f} s, checked and receipted {at['acknowledge'] - sent:.1f} s of "
        f"{told['seconds']:.1f} s; {told['bytes'] / 2**20:.0f} MiB; sender {told['memory']:.0f} MB, "
        f"receiver {memory:.0f} MB; {machine()}",
    )


def _forms(rows: int) -> list[Figure]:
    """Rows a second of writing a form, and of taking it to the file that is kept; each in a process of its own."""
    folder, found = Path(tempfile.mkdtemp()), dict[Form, dict[str, Any]]()
    try:
        with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
            for form in FORMS:
                found[form] = pool.submit(_written, form, rows, folder).result()
                found[form] |= pool.submit(_taken, form, folder, found[form]).result()
    finally:
        shutil.rmtree(folder)
    assert all(one["accepted"] == rows for one in found.values()), found
    return [_figure(rows, step, found) for step in ("written", "taken")]


def _written(form: Form, rows: int, folder: Path) -> dict[str, Any]:
    """Seconds of writing rows that are in memory, and bytes of the file and of its package."""
    schema, dice = clean_schema(standards.catalogue().dataset(DATASET)), np.random.default_rng(1)
    tables = [
        _piece(schema, dice, 1, start, min(PIECE, rows - start), 4).select(ELEMENTS) for start in range(0, rows, PIECE)
    ]
    batches = [one for table in tables for one in table.to_batches(max_chunksize=100_000)]
    given = Rows("full", 1, None, "s", ("certificate_no",), (), iter([batches[0].slice(0, 0), *batches]))
    path = folder / f"rows.{form}"
    seconds, made = _timed(lambda: parcel.write(path, form, given))
    (folder / form).mkdir()
    packed = package.pack(folder / form, path, 8 << 20, package.compressible(path.name, form), None)
    told = made.schema.to_dict() if made.schema is not None else None
    sent = sum(one.bytes for one in packed.chunks)
    return {"written": seconds, "bytes": packed.bytes, "sent": sent, "schema": told}


def _taken(form: Form, folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Seconds of taking the file, and the memory of that."""
    days = date(2026, 1, 1), date(2026, 12, 31)
    names = ("A-1", 1, "1", "-", "-", PROVIDER, CONSUMER, PROVIDER, DATASET, tuple(ELEMENTS), "sharing", "-")
    check, path = Check(Terms(*names, "push", "provider", "daily", *days), "full"), folder / f"rows.{form}"
    manifest = told | {"content": "full", "snapshot": 1, "since": None, "dataset": DATASET}
    aside = folder / "aside"

    def take() -> consumer.Taken:
        if form == "parquet":
            return consumer._validated(check, path, aside)
        return consumer._converted(check, manifest, path, aside)

    seconds, taken = _timed(take)
    return {"taken": seconds, "accepted": taken.accepted, "memory": peak_megabytes()}


def _timed(work: Callable[[], Made]) -> tuple[tuple[float, float], Made]:
    """Seconds by the clock and of the processors, and what was made."""
    clock, processor = time.perf_counter(), time.process_time()
    made = work()
    return (time.perf_counter() - clock, time.process_time() - processor), made


def _figure(rows: int, step: str, found: dict[Form, dict[str, Any]]) -> Figure:
    lines, parquet = found["ndjson"], found["parquet"]
    speed = {form: [f"{rows / seconds:,.0f}" for seconds in one[step]] for form, one in found.items()}
    clock, processor = zip(*speed.values(), strict=True)
    size = f"{lines['bytes'] / 2**20:.0f} MiB, {lines['sent'] / 2**20:.0f} as they travel, and {parquet['bytes'] / 2**20:.0f} MiB"
    return Figure(
        f"{rows:,} rows of {len(ELEMENTS)} elements {step}, as Parquet and as NDJSON",
        "",
        f"{' and '.join(clock)} rows/s",
        None,
        f"a second of a processor {' and '.join(processor)}; {size.replace('MiB', 'MiB of lines', 1)} of Parquet; "
        f"memory of taking {parquet['memory']:.0f} and {lines['memory']:.0f} MB",
    )


if __name__ == "__main__":
    chosen: Form = "ndjson" if sys.argv[2:] == ["ndjson"] else "parquet"
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0, chosen):
        sys.stdout.write(f"{figure}\n")
