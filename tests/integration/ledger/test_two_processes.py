"""Processes that open and write one ledger at once."""

from __future__ import annotations

import os
import subprocess
import sys

from quanmin.ledger import WORKFLOWS, Action, Ledger, Workflow, register
from quanmin.settings import Settings

WORK = """
from quanmin.ledger import Action, Ledger, Workflow, register
from quanmin.settings import Settings

register(Workflow("loan", "lent", [Action("extend", "lent", "lent")]))
with Ledger.open(Settings()) as ledger:
    loan, _ = ledger.ensure("loan", "book 1", {}, ["lent"])
    for _ in range(20):
        ledger.act(loan.id, "extend")
"""


def test_three_processes_make_one_document_and_lose_no_action(either_settings: Settings) -> None:
    own = {"QUANMIN_HOME": str(either_settings.home)}
    own |= {"QUANMIN_LEDGER": either_settings.ledger} if either_settings.ledger else {}
    command, env = [sys.executable, "-c", WORK], {**os.environ, **own}
    running = [subprocess.Popen(command, env=env) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    register(Workflow("loan", "lent", [Action("extend", "lent", "lent")]))
    try:
        with Ledger.open(either_settings) as ledger:
            [loan] = ledger.find("loan")
    finally:
        WORKFLOWS.pop("loan")
    assert [step.sequence for step in loan.actions] == list(range(61))
