"""The page on releases is true: its recipe is run by its example, and its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.unit.opendata.release.conftest import named, people, store

from quanmin.lake import Lake
from quanmin.opendata.release import parse
from quanmin.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "release.md"


def _blocks(sort: str) -> list[str]:
    return re.findall(rf"^```{sort}\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)


def test_the_recipe_of_the_page_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [recipe], [code] = _blocks("toml"), _blocks("python")
    assert parse(recipe).refresh
    with Lake.open(Settings(home=tmp_path, buckets=1)) as lake:
        store(lake, people())
    given = {"HOME": tmp_path, "officer": named("officer"), "checker": named("checker"), "recipe": recipe}
    exec(compile(code, PAGE.name, "exec"), given)
    assert capsys.readouterr().out.splitlines() == [
        "population-by-age published ['parquet', 'csv', 'xlsx', 'json']",
        "True",
    ]


def test_the_commands_of_the_page_exist() -> None:
    from quanmin.cli.release import app

    known = {one.name or (one.callback.__name__ if one.callback else "") for one in app.registered_commands}
    told = set(re.findall(r"^quanmin release (\w+)", PAGE.read_text("utf-8"), re.M))
    assert told and told <= known and known - told <= {"show"}
