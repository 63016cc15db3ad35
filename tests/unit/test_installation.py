"""The Python API: the examples of the manual run, and it does what the command line does."""

from __future__ import annotations

import ast
import datetime as dt
import doctest
import json
from pathlib import Path

import pyarrow as pa
import pytest

import quanmin
from quanmin import synth
from quanmin.errors import QuanminError
from quanmin.installation import Installation, Listed, Pictures, Population, Review, Told
from quanmin.installation.answer import PEOPLE, table_of
from quanmin.population.errors import NotBuilt
from quanmin.text import Text
from quanmin.trust import audit
from quanmin.trust.errors import AccessDenied

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src" / "quanmin"
BENCH = "public_security.household_registration"


def test_the_examples_of_the_manual_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples = doctest.DocTestParser().get_doctest(
        (ROOT / "docs" / "python.md").read_text("utf-8"), {}, "python", None, 0
    )
    assert len(examples.examples) > 15
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF).run(examples, out=said.append)
    assert result.failed == 0, "".join(said)


def test_the_manual_names_every_method() -> None:
    text = (ROOT / "docs" / "python.md").read_text("utf-8")
    methods = [name for name in vars(Installation) if not name.startswith("_") and name != "open"]
    for place, owner in (("", Population), ("plots.", Pictures)):
        methods += [f"population.{place}{name}" for name in vars(owner) if not name.startswith("_")]
    assert [name for name in methods if f"home.{name}" not in text] == []
    assert [
        name for name in vars(Review) if not name.startswith("_") and f"home.population.review.{name}(" not in text
    ] == []


def test_a_home_is_given_or_taken_from_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "set"))
    with quanmin.connect() as home:
        assert home.lake.settings.home == tmp_path / "set"
    with quanmin.connect(str(tmp_path / "given")) as home:
        assert home.lake.settings.home == tmp_path / "given"


def test_answers_are_documents_and_frames() -> None:
    """With a real pandas."""
    rows = [{"a": 1, "b": dt.date(2015, 1, 1)}, {"a": None, "b": "2015-**-**"}]
    listed = Listed(rows, ("a", "b", "c"))
    frame = listed.to_pandas()
    assert list(listed) == rows and list(frame.columns) == ["a", "b", "c"] and len(frame) == 2
    assert listed.table.to_pylist() == [
        {"a": 1, "b": "2015-01-01", "c": None},
        {"a": None, "b": "2015-**-**", "c": None},
    ]
    assert Listed([], PEOPLE).table.column_names == list(PEOPLE)
    assert json.loads(json.dumps(Listed([{"a": 1}], ("a",)))) == [{"a": 1}]
    told = Told({"x": 1, "rows": [{"a": Text("甲", "A")}], "none": []}, {"rows": None, "none": ("b",)})
    assert {name: table.to_pydict() for name, table in told.tables.items()} == {
        "rows": {"a": ["甲 · A"]},
        "none": {"b": []},
    }
    assert table_of([{"a": dt.date(2015, 1, 1)}, {"a": None}], None).schema.field("a").type == pa.date32()


def test_pictures_are_in_the_language_of_the_settings_unless_another_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synth.write(tmp_path / "province", 100, seed=7, formats="parquet")
    with quanmin.connect(tmp_path / "home") as home:
        home.collect(BENCH, tmp_path / "province" / f"{BENCH}.parquet", "public_security")
        home.population.build()
    for language, other, word in (("zh", "en", "姓名"), ("en", "zh", "Name")):
        monkeypatch.setenv("QUANMIN_LANGUAGE", language)
        with quanmin.connect(tmp_path / "home") as home:
            plots = home.population.plots
            assert word in str(plots.completeness()) and word not in str(plots.completeness(other))
            assert [str(p).startswith("<svg") for p in (plots.coverage(), plots.agreement("name"), plots.trend())] == [
                True
            ] * 3


def test_errors_are_those_of_the_stages(tmp_path: Path) -> None:
    with quanmin.connect(tmp_path) as home:
        with pytest.raises(NotBuilt):
            home.population.verify("11010519491231002X", "李明")
        with pytest.raises(NotBuilt):
            home.population.verify_table(pa.table({"citizen_number": ["11010519491231002X"], "name": ["李明"]}))
        with pytest.raises(QuanminError):
            home.collect(BENCH, tmp_path / "none.csv", "public_security")


def test_a_read_goes_through_the_gate_and_is_audited(tmp_path: Path) -> None:
    with quanmin.connect(tmp_path) as home:
        with pytest.raises(AccessDenied):
            home.read("linked.person", ["name"], purpose="curiosity")
        decided = [entry.fields for entry in audit.entries(home.lake.ledger, "decide")]
        assert [(one["purpose"], one["actor"], one["allowed"]) for one in decided] == [
            ("curiosity", "local-administrator", False)
        ]


def test_nothing_below_takes_anything_of_the_root() -> None:
    """The root opens the top layer: whoever took something of it would stand above everything."""
    modules = {path.stem if path.is_file() else path.name for path in SOURCES.iterdir()}
    taken = []
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "quanmin":
                taken += [(path.name, alias.name) for alias in node.names if alias.name not in modules]
            if isinstance(node, ast.Import):
                taken += [(path.name, alias.name) for alias in node.names if alias.name.split(".")[0] == "quanmin"]
    assert taken == []
