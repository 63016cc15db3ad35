"""`quanmin vital certificate`: shown, printed, signed, checked, verified; errors of one line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from quanmin.cli import app
from quanmin.cli.app import main
from quanmin.ledger import Ledger
from quanmin.programs.vital import role
from quanmin.programs.vital.certificate import desk, replacement
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.programs.vital.number import Span
from quanmin.settings import Settings

from ..programs.vital.county import APPLICATION, HOSPITAL, County, application

NUMBER = "E370000001"


@pytest.fixture
def issued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """One that is issued, one that is prepared, one that was lost."""
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    with Ledger.open(Settings()) as ledger:
        county = County.open(ledger, Settings())
        first = county.print().first
        county.down(HOSPITAL, [Span(first, first + 9)])
        made = county.issue(first)
        desk.prepare(county.at(role.CLERK), HOSPITAL, first + 1, application(1))
        county.issue(first + 2, application(2))
        replacement.lose(county.at(role.CLERK), first + 2, "newspaper")
    return made


def run(*words: str) -> str:
    found = CliRunner().invoke(app, ["vital", "certificate", *words], catch_exceptions=False, standalone_mode=False)
    assert found.exit_code == 0, found.output
    return found.output


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    monkeypatch.setattr(sys, "argv", ["quanmin", "vital", "certificate", *words])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code not in (0, None)
    told = capsys.readouterr()
    assert told.out == "" and "Traceback" not in told.err
    return told.err


def test_it_is_shown_without_its_code_and_without_anybody(issued: Certificate) -> None:
    found = json.loads(run("show", NUMBER, "--json"))
    assert [one["state"] for one in found["chain"]] == ["issued"]
    text = run("show", NUMBER) + json.dumps(found)
    assert NUMBER in text and issued.code not in text and APPLICATION.newborn.name not in text


def test_it_is_printed(issued: Certificate, tmp_path: Path) -> None:
    file = tmp_path / "one.pdf"
    assert str(file) in run("pdf", NUMBER, "-o", str(file), "--language", "en").replace("\n", "")
    assert file.read_bytes().startswith(b"%PDF-")


def test_the_electronic_one_is_written_and_checked_with_the_keys_alone(issued: Certificate, tmp_path: Path) -> None:
    file, keys = tmp_path / "one.sdjwt", tmp_path / "keys.json"
    run("electronic", NUMBER, "-o", str(file))
    keys.write_text(run("keys"), "utf-8")
    found = json.loads(run("check", str(file), "--keys", str(keys), "--json"))
    assert found["number"] == NUMBER and found["fields"]["newborn.name"] == APPLICATION.newborn.name
    assert "The signature holds" in run("check", str(file))


@pytest.mark.parametrize(
    ("number", "verdict"), [(NUMBER, "valid"), ("E370000002", "unknown"), ("e37 0000003", "unknown")]
)
def test_it_is_verified(issued: Certificate, number: str, verdict: str) -> None:
    assert json.loads(run("verify", number, issued.code, "--json"))["verdict"] == verdict
    assert verdict in run("verify", number, issued.code.lower())


def test_what_is_wrong_is_one_line(
    issued: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one"
    assert "QM-VITAL-001" in refused(monkeypatch, capsys, "show", "nonsense")
    assert "QM-VITAL-023" in refused(monkeypatch, capsys, "pdf", "E370000900", "-o", str(file))
    assert "QM-VITAL-091" in refused(monkeypatch, capsys, "electronic", "E370000002", "-o", str(file))
    assert not file.exists()
    assert "QM-VITAL-095" in refused(monkeypatch, capsys, "check", str(file))
    file.write_bytes(b"not one")
    assert "QM-VITAL-092" in refused(monkeypatch, capsys, "check", str(file))
    assert "QM-VITAL-094" in refused(monkeypatch, capsys, "check", str(file), "--keys", str(file))
