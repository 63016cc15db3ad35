"""The manual's page on certificates as documents: its commands run, its codes and addresses are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from quanmin.cli import app
from quanmin.errors import KINDS
from quanmin.ledger import Ledger
from quanmin.programs.vital.certificate.record import CODE_LENGTH
from quanmin.programs.vital.document import electronic, public_key
from quanmin.programs.vital.number import Span
from quanmin.settings import Settings
from quanmin.web.place import Place
from quanmin.web.portal import portal, verification

from ..unit.programs.vital.county import HOSPITAL, County

PAGE = (Path(__file__).parents[2] / "docs" / "certificate_documents.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```shell\n(.*?)```", PAGE, re.S) for line in block.splitlines()]


def test_its_commands_run_in_the_order_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    with Ledger.open(Settings()) as ledger:
        county = County.open(ledger, Settings())
        first = county.print().first
        county.down(HOSPITAL, [Span(first, first + 9)])
        code = county.issue(first).code
    assert len(COMMANDS) == 7
    told = ""
    for command in COMMANDS:
        words, _, file = command.replace("ABCD-2345-EFGH-6789", code).partition(" > ")
        found = CliRunner().invoke(app, shlex.split(words)[1:], catch_exceptions=False, standalone_mode=False)
        assert found.exit_code == 0, command
        told = found.output
        if file:
            Path(file).write_text(told, "utf-8")
    assert told.strip() == "valid"
    data, keys = Path("E370000001.sdjwt").read_bytes(), public_key.read(Path("keys.json").read_bytes())
    shown = electronic.narrowed(data, ["newborn.name", "newborn.birth_date"])
    assert set(electronic.check(shown, keys).fields) == {"newborn.name", "newborn.birth_date"}


def test_its_codes_and_addresses_and_numbers_are_the_programs(tmp_path: Path) -> None:
    assert [code for code in re.findall(r"QM-[A-Z]+-\d{3}", PAGE) if code not in KINDS] == []
    rules = portal(Place(Settings(home=tmp_path)), "").rules
    assert {"/verify", "/verify/answer.json"} <= set(rules)
    assert not rules["/verify"].signed and not rules["/verify/answer.json"].signed
    assert f"{verification.BURST} times at once" in PAGE and verification.RATE == 1 / 2
    assert f"{5 * CODE_LENGTH} random bits" in PAGE
