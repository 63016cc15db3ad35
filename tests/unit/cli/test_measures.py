"""`quanmin measures`: listing, showing, computing and asking, for people and for programs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from quanmin import standards
from quanmin.cli import app, measures, output
from quanmin.lake import Lake
from quanmin.measures.errors import NoFigures, UnknownIndicator
from quanmin.settings import Settings
from quanmin.standards.reading import ARROW_TYPES
from quanmin.trust.errors import AccessDenied
from quanmin.trust.policy.role import typical


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with thirteen deaths in one county, three of them women's."""
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(output.out, "width", 300)
    elements = [(one.name, ARROW_TYPES[one.type]) for one in standards.catalogue().dataset("health.death").elements]
    schema = pa.schema([*elements, ("bucket", pa.int32()), ("_batch", pa.int64())])
    row: dict[str, Any] = dict.fromkeys(schema.names) | {"death_date": date(2015, 2, 3), "region": "110105"}
    row |= {"filled_on": date(2015, 2, 4), "bucket": 0, "_batch": 1}
    rows = [row | {"certificate_no": f"D{n}", "sex": "2" if n < 3 else "1"} for n in range(13)]
    with Lake.open(Settings()) as lake, lake.session("collect", transaction="deaths") as session:
        session.writer("clean.health.death", schema, "bucket").write(pa.Table.from_pylist(rows, schema))
        session.commit()
    return tmp_path


def run(*words: str) -> Any:
    """A command that ends well: its document, or its text."""
    result = CliRunner().invoke(app, ["measures", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout) if "--json" in words else result.stdout


def test_indicators_are_listed_and_shown(home: Path) -> None:
    listed = run("list", "--json")
    assert {one["id"] for one in listed} == set(standards.catalogue().indicators.indicators)
    assert "vital.deaths" in run("list")
    told = run("show", "vital.infant_mortality_rate", "--json")
    assert [one["table"] for one in told["sides"]] == ["clean.health.death", "clean.health.birth"]
    assert "clean.health.birth" in run("show", "vital.infant_mortality_rate")
    with pytest.raises(UnknownIndicator):
        run("show", "vital.births_on_mars")


def test_figures_are_computed_and_asked_for(home: Path) -> None:
    with pytest.raises(NoFigures):
        run("figures", "vital.deaths")
    report = run("compute", "--json")
    assert "vital.deaths" in report["computed"] and report["missing"]["vital.births"] == ["clean.health.birth"]
    assert "clean.health.birth" in run("compute")
    told = run("figures", "vital.deaths", "--region", "110000", "--period", "2015-02", "--json")
    by_sex = {one["categories"]["sex"]: (one["numerator"], one["marks"]) for one in told}
    assert by_sex == {"1": (10.0, []), "2": (None, ["small"]), "total": (13.0, [])}
    shown = run("figures", "vital.deaths", "--level", "nation", "--period", "2015")
    assert "000000" in shown and "13.0" in shown


def test_figures_are_for_whoever_may_have_statistics_of_the_whole_base(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("compute")
    made = typical("statistician", region="000000")
    for role, allowed in (("statistician", True), ("clinician", False), ("patient", False)):
        actor = made if role == "statistician" else typical(role)
        monkeypatch.setattr(measures, "operator", lambda actor=actor: actor)
        if allowed:
            assert run("figures", "vital.deaths", "--json")
        else:
            with pytest.raises(AccessDenied):
                run("figures", "vital.deaths", "--json")
