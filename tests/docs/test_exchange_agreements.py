"""The manual's page about agreements is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from quanmin.cli.exchange.agreement import app
from quanmin.exchange.agreement.copy import REFRESH
from quanmin.exchange.agreement.rule import PURPOSES, YEARS
from quanmin.exchange.agreement.verb import STEPS
from quanmin.exchange.agreement.workflow import ANSWER, REVIEW, SIGN, diagram
from quanmin.trust.agreed import FRESH

PAGE = (Path(__file__).parents[2] / "docs" / "exchange_agreements.md").read_text("utf-8")


def test_the_diagram_is_the_workflow() -> None:
    assert f"```mermaid\n{diagram()}\n```" in PAGE


def test_the_commands_and_steps_of_the_page_exist() -> None:
    known = {one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands}
    named = set(re.findall(r"^quanmin exchange agreement (\w+)", PAGE, re.M))
    assert named and named <= known
    assert all(f"`{step}`" in PAGE for step in STEPS)
    assert set(STEPS) <= known


def test_figures_and_purposes_are_those_of_the_program() -> None:
    assert (REVIEW.count, ANSWER.count, SIGN.count) == (2, 5, 5)
    assert "reviews within 2\nworking days, the provider answers within 5; 5 more to sign" in PAGE
    assert f"every {REFRESH:.0f}\nseconds" in PAGE and f"**{FRESH.total_seconds() / 3600:.0f} hours after" in PAGE
    assert YEARS == 10 and "ten years at most" in PAGE
    assert all(f"`{one}`" in PAGE for one in PURPOSES)
