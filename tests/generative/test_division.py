"""Files of agencies of divisions, collected one after the other, against a plain model of who holds which row."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quanmin import collect
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import local_administrator

DATASET = "health.certificate_holder"
HEAD = "code,name,level,region,valid_from\n"
STEMS = {"health": "", "health_420000": "42", "health_370000": "37", "health_370100": "3701", "health_371200": "3712"}
KEEPS = {
    "health_420000": {"health_370000", "health_370100", "health_371200"},
    "health_370000": {"health_420000"},
    "health_370100": {"health_420000"},
    "health_371200": {"health_420000", "health_370100"},
}
"""By sender, whose rows it does not replace: 371200 ended in favour of 370100."""
REACHED: set[str] = set()


class Line(NamedTuple):
    """A holder: `region` may be missing."""

    code: str
    region: str

    def text(self, name: str) -> str:
        return f"{self.code},{name},5,{self.region},2020-01-01\n"


LINES = st.builds(
    Line, st.sampled_from(["A1", "A2", "A3", "A4"]), st.sampled_from(["", "420102", "370102", "371202", "370000"])
)
FILES = st.lists(
    st.tuples(st.sampled_from(sorted(STEMS)), st.lists(LINES, min_size=1, max_size=5)), min_size=2, max_size=6
)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def _judged(source: str, lines: list[Line], held: dict[str, tuple[str, str]]) -> list[set[str]]:
    """What is wrong with each line, one by one as anybody would do it by hand."""
    found: list[set[str]] = []
    seen: set[str] = set()
    own = source != "health"
    for line in lines:
        wrong = set()
        if own and not line.region:
            wrong.add("row.division_told")
        elif own and not line.region.startswith(STEMS[source]):
            wrong.add("row.division")
        if not wrong:  # rules on rows together are asked of those that passed alone
            if line.code in seen:
                wrong.add("key.unique_in_batch")
            if held.get(line.code, ("", ""))[0] in KEEPS.get(source, ()):
                wrong.add("row.held")
            seen.add(line.code)
        found.append(wrong)
    return found


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES)
def test_nobody_sends_rows_of_another_division_or_takes_the_place_of_its_rows(
    folder: Path, files: list[tuple[str, list[Line]]]
) -> None:
    held: dict[str, tuple[str, str]] = {}
    with tempfile.TemporaryDirectory(dir=folder) as home, Lake.open(Settings(home=Path(home), buckets=1)) as lake:
        for number, (source, lines) in enumerate(files):
            path = Path(home) / f"{number}.csv"
            path.write_text(HEAD + "".join(line.text(f"第{number}次") for line in lines), "utf-8")
            receipt = collect.collect(lake, DATASET, path, source, local_administrator())
            judged = _judged(source, lines, held)
            told: dict[str, list[int]] = {rule["id"]: rule["rows"] for rule in receipt.rules if rule["failed"]}
            refusing = {"key.unique_in_batch", "row.division", "row.division_told", "row.held"}
            expected: dict[str, list[int]] = {}
            for at, wrong in enumerate(judged, 1):
                for rule in wrong:
                    expected.setdefault(rule, []).append(at)
            assert {rule: rows for rule, rows in told.items() if rule in refusing} == expected
            assert receipt.quarantined == sum(bool(wrong) for wrong in judged)
            held |= {
                line.code: (source, f"第{number}次") for line, wrong in zip(lines, judged, strict=True) if not wrong
            }
            assert _live(lake) == held
            REACHED.update(*judged)


def _live(lake: Lake) -> dict[str, tuple[str, str]]:
    with lake.session("collect") as session:
        if not session.exists(f"clean.{DATASET}"):
            return {}
        query = f"SELECT code, _source, name FROM {session.live(DATASET)} AS r"
        rows: list[tuple[Any, ...]] = session.connection.execute(query).fetchall()
    return {code: (source, name) for code, source, name in rows}


def test_every_way_to_fail_was_generated() -> None:
    assert REACHED >= {"row.division", "row.division_told", "row.held", "key.unique_in_batch"}
