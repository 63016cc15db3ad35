"""The page of the open catalogue is true: its Python runs as it stands, and its rules are the rules."""

import re
from pathlib import Path

from quanmin.opendata.catalogue import FACETS, RULES, SORTS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "catalogue.md").read_text("utf-8")


def test_its_python_runs_and_finds_the_record(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.S):
        exec(compile(block, "catalogue.md", "exec"), names)
    assert capsys.readouterr().out.startswith("1 湖北省2025年高血压患病率 [{'value': 'HEAL'")


def test_its_rules_are_the_rules():
    told = re.findall(r"^\| (C\d\d) \| (.*) \|$", TEXT, re.M)
    assert told == [(code, title.en) for code, title in RULES.values()]


def test_it_names_every_facet_and_sort():
    assert f"Facets: {', '.join(FACETS)}." in TEXT
    assert all(f"`{sort}`" in TEXT for sort in SORTS)
