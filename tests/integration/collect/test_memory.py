"""Memory of collecting, measured in a process of its own: it has a ceiling, whatever the file.

The sizes are small by default. QUANMIN_TEST_COLLECT_SCALE multiplies the larger files: with 40 the large clean file has about
9 GB, and with 10 there are 10 million errors. The ceiling of 700 MB stays as it is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

LOANS = Path(__file__).parents[2] / "library_loans"
SCALE = int(os.environ.get("QUANMIN_TEST_COLLECT_SCALE", "1"))
MB = 1 << 20

CHILD = """
import json, resource, sys
from pathlib import Path
from quanmin import collect, standards
from quanmin.errors import QuanminError
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import local_administrator

catalogue, home, dataset, file = sys.argv[1:]
with Lake.open(Settings(home=Path(home), buckets=4)) as lake:
    try:
        found = collect.collect(
            lake, dataset, Path(file), "library", local_administrator(), catalogue=standards.load(catalogue)
        ).to_dict()
    except QuanminError as error:
        found = error.to_dict()
status = Path("/proc/self/status")  # ru_maxrss of a child begins with what its parent had
lines = status.read_text().splitlines() if status.exists() else []
peaks = [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")]
peak = peaks[0] if peaks else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"peak": peak, "found": found}))
"""


class Run(NamedTuple):
    """What one collection said, and its largest resident memory in bytes."""

    peak: int
    found: dict[str, Any]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[Path, str], Run]]:
    """Collect a file in a fresh home in a process of its own; file and home are gone afterwards, they are large."""
    catalogue = Path(shutil.copytree(LOANS, tmp_path / "catalogue"))
    fields = "".join(
        f'\n[[element]]\nname = "n{n}"\ntitle = {{ zh = "数{n}", en = "Number {n}" }}\ntype = "integer"\n'
        for n in range(20)
    )
    head = (catalogue / "datasets" / "library.loan.toml").read_text("utf-8").split("[[element]]")[0]
    head = head.replace("library.loan", "library.count").replace(
        'person = "reader_number"\nevent_date = "lent_on"\n', ""
    )
    (catalogue / "datasets" / "library.count.toml").write_text(
        head.replace("loan_no", "n0") + fields + '\n[[rule]]\nkind = "range"\nelements = ["n1"]\nminimum = 0\n', "utf-8"
    )

    def collected(path: Path, dataset: str = "library.loan") -> Run:
        home = tmp_path / "home"
        command = [sys.executable, "-c", CHILD, str(catalogue), str(home), dataset, str(path)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        finally:
            path.unlink()
            shutil.rmtree(home, ignore_errors=True)
        return Run(**json.loads(done.stdout))

    yield collected


def loans(path: Path, rows: int, one_number: bool = False) -> Path:
    """So many loans, about 60 bytes each; no two have one number, or all have."""
    numbers = ["0000000001" if one_number else f"@@@@{n:06}" for n in range(100_000)]
    block = "".join(
        f"{number},11010519491231002X,书@@@@{n:06},01,A,{n % 9 + 1},2024-01-01\n" for n, number in enumerate(numbers)
    )
    assert rows % len(numbers) == 0
    with path.open("w", encoding="utf-8") as file:
        file.write("loan_no,reader_number,title,card_class,shelf,copies,lent_on\n")
        file.writelines(block.replace("@@@@", f"{number:04}") for number in range(rows // len(numbers)))
    return path


def test_a_larger_file_needs_no_more_memory(tmp_path: Path, run: Callable[..., Run]) -> None:
    """The large file has 200 MB more text; held in any form, it would take at least as much more memory."""
    few, many = 600_000, 4_000_000 * SCALE
    small = run(loans(tmp_path / "small.csv", few))
    large = loans(tmp_path / "large.csv", many)
    assert large.stat().st_size > 230 * MB * SCALE
    grown = run(large)
    assert (small.found["accepted"], grown.found["accepted"]) == (few, many)
    assert grown.peak < small.peak + 200 * MB
    assert grown.peak < 700 * MB


def test_millions_of_repeated_keys_need_no_more_memory(tmp_path: Path, run: Callable[..., Run]) -> None:
    """Row numbers and reasons as Python objects took 338 MB more; the engine's share and its buffers are what is allowed."""
    few, many = 100_000, 1_000_000 * SCALE
    small = run(loans(tmp_path / "small.csv", few, one_number=True))
    large = run(loans(tmp_path / "large.csv", many, one_number=True))
    assert (small.found["quarantined"], large.found["quarantined"]) == (few - 1, many - 1)
    (rule,) = (rule for rule in large.found["rules"] if rule["failed"])
    assert rule["rows"] == list(range(2, 102))
    assert large.peak < 700 * MB
    assert large.peak < small.peak + 280 * MB


def errors(path: Path, rows: int) -> Path:
    """Rows of twenty cells, each of them wrong."""
    with path.open("w") as file:
        file.write(",".join(f"n{n}" for n in range(20)) + "\n")
        line = ",".join(["wrong"] * 20) + "\n"
        for _ in range(rows // 1000):
            file.write(line * 1000)
    return path


def test_a_million_errors_are_counted_and_told_in_a_bounded_report(tmp_path: Path, run: Callable[..., Run]) -> None:
    rows = 50_000 * SCALE
    few = run(errors(tmp_path / "few.csv", 2_000), "library.count")
    many = run(errors(tmp_path / "many.csv", rows), "library.count")
    failed = [rule for rule in many.found["rules"] if rule["failed"]]
    assert sum(rule["failed"] for rule in failed) == 20 * rows >= 1_000_000
    assert {tuple(rule["rows"]) for rule in failed} == {tuple(range(1, 101))}
    assert (many.found["read"], many.found["quarantined"]) == (rows, rows)
    size, size_of_few = len(json.dumps(many.found)), len(json.dumps(few.found))
    assert size < size_of_few + 400 < 30_000
    assert many.peak < 700 * MB
    if SCALE == 1:  # ten million errors fill the writers' buffers, which have their own ceiling
        assert many.peak < few.peak + 200 * MB


LONG: dict[str, tuple[bytes, str, dict[str, str]]] = {
    "a cell": (b"loan_no,reader_number,title,lent_on\n1,,x,2024-01-01\n2,,", "QM-COLLECT-010", {"line": "3"}),
    "a quoted cell": (b'loan_no,reader_number,title,lent_on\n1,,x,2024-01-01\n2,,"', "QM-COLLECT-010", {"line": "3"}),
    "the titles": (b"loan_no,reader_number,title,lent_on,", "QM-COLLECT-010", {"line": "1"}),
    "a line of NDJSON": (
        b'{"loan_no": "1", "reader_number": null, "title": "x", "lent_on": "2024-01-01"}\n{"title": "',
        "QM-COLLECT-010",
        {"line": "2"},
    ),
    "a record of JSON": (b'[{"loan_no": "1"}, {"title": "', "QM-COLLECT-010", {"line": "2"}),
}


@pytest.mark.parametrize("where", LONG)
def test_a_line_of_a_gigabyte_is_refused_with_its_number(tmp_path: Path, run: Callable[..., Run], where: str) -> None:
    """A gigabyte for the first, an eighth of it for the others: they are refused at the same place."""
    head, code, fields = LONG[where]
    path, block = tmp_path / "long", b"0123456789 abcdef" * (MB // 17)
    with path.open("wb") as file:
        file.write(head)
        while file.tell() < (1024 if where == "a cell" else 128) * MB:
            file.write(block)
    refused = run(path)
    assert refused.found["code"] == code
    assert {name: refused.found["address"][name] for name in fields} == fields
    assert refused.peak < 320 * MB
