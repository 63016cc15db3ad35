"""`quanmin harvest`: what each command says, in words and as JSON; and the same as scheduled work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app
from quanmin.lake import Lake
from quanmin.opendata import faces, harvest
from quanmin.settings import Settings
from quanmin.synth import open_catalogue
from quanmin.text import Text


@pytest.fixture
def quanmin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command line on a home of its own."""
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    Lake.open(Settings()).close()

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["harvest", *words], catch_exceptions=True)

    return run


def file(tmp_path: Path) -> str:
    documents = list(open_catalogue.documents(4))
    documents[1] |= {"dct:title": {"zh": "<b>", "en": "x"}}
    made = faces.catalogue(documents, faces.Issuer("https://other.example"), faces.Paging(1, 4, "jsonld"))
    place = tmp_path / "catalogue of others.jsonld"
    place.write_bytes(faces.rdf.write(made, faces.rdf.FORMS["jsonld"]))
    return str(place)


def test_add_run_list_report_stop(quanmin, tmp_path):
    assert quanmin("add", "other", file(tmp_path), "--zh", "他处", "--en", "Elsewhere").exit_code == 0
    said = json.loads(quanmin("run", "other", "--json").stdout)
    assert (said["added"], said["refusals"], said["refused"][0]["rule"]) == (3, 1, "C07")
    assert "refused 1" in quanmin("report", "other").stdout and "no HTML tags here" in quanmin("report", "other").stdout
    (listed,) = json.loads(quanmin("list", "--json").stdout)
    assert listed["source"] == "other" and listed["report"]["added"] == 3
    assert "other" in quanmin("list").stdout
    assert quanmin("stop", "other").exit_code == 0
    assert json.loads(quanmin("list", "--json").stdout) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run", "none"), "QM-HARVEST-003"),
        (("add", "other", "ftp://x"), "QM-HARVEST-001"),
        (("add", "other", "x", "--format", "oai"), "QM-HARVEST-001"),
        (("add", "other", "x", "--language", "de"), "QM-HARVEST-001"),
    ],
)
def test_what_is_wrong_has_its_code(quanmin, words, code):
    assert quanmin(*words).exception.code == code


def test_a_missing_file_is_told(quanmin, tmp_path):
    quanmin("add", "other", str(tmp_path / "none"))
    assert quanmin("run", "other").exception.code == "QM-HARVEST-004"
    assert "QM-HARVEST-004" in quanmin("report", "other").stdout


def test_the_work_of_a_server_may_not_read_files(quanmin, tmp_path):
    from quanmin.jobs.portal import KINDS

    quanmin("add", "other", file(tmp_path))
    with Lake.open(Settings()) as lake:
        given = harvest.Source("far", "http://127.0.0.1:1/", "dcat", "far", Text("远", "Far"))
        harvest.add(lake.ledger, given, "officer")
        kind = next(one for one in KINDS if one.name == "harvest")
        assert kind.by_clock and [name for name, _ in kind.parameters[0].choices(lake.settings)] == ["far"]
