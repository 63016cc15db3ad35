"""The manual's page on participation says what the program does: states, roles, settings, jobs and codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from quanmin.jobs import KINDS
from quanmin.opendata.participation import application, discussion, errors, report, request, reuse
from quanmin.opendata.participation.role import ROLES
from quanmin.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "participation.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "kind"), [(one.__name__, one) for one in (reuse, request, discussion, report, application)]
)
def test_every_state_is_named(name: str, kind: object) -> None:
    [row] = [
        line
        for line in PAGE.splitlines()
        if line.startswith("| ") and set(kind.STATES) <= set(re.findall(r"\w+", line))
    ]  # type: ignore[attr-defined]
    told = [one.strip() for one in row.split("|")[3].split(",")]
    assert sorted(told) == sorted(kind.STATES), name  # type: ignore[attr-defined]


def test_roles_settings_jobs_and_codes_are_those_of_the_program() -> None:
    words = set(re.findall(r"`([^`\n]+)`", PAGE))
    assert set(ROLES) <= words and {"portal_statistics", "portal_scan"} <= words & set(KINDS)
    settings = {one.removeprefix("QUANMIN_").lower() for one in words if one.startswith("QUANMIN_")}
    assert settings == {"registration", "scanner", "package_bytes"} <= set(Settings.model_fields)
    known = {getattr(one, "code", None) for one in vars(errors).values() if isinstance(one, type)}
    assert set(re.findall(r"QM-PARTICIPATION-\d{3}", PAGE)) <= known
