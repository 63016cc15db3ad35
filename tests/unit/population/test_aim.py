"""What a form offers somebody: the purposes by which something could be shown, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from quanmin import trust
from quanmin.population.aim import Aims, aims
from quanmin.trust.policy.role import typical

NONE: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("role", "persons", "searches", "counts", "verifies"),
    [
        ("reviewer", ("supervision",), ("supervision",), NONE, False),
        ("clinician", ("treatment",), NONE, NONE, False),
        ("verifier", NONE, NONE, NONE, True),
        ("operator", NONE, NONE, ("operation",), False),
        ("insurer", ("insurance",), NONE, NONE, False),
        ("security_administrator", NONE, NONE, NONE, False),
        ("release_officer", NONE, NONE, NONE, False),
    ],
)
def test_a_post_is_offered_what_its_policies_leave(
    office: Any, role: str, persons: Any, searches: Any, counts: Any, verifies: bool
) -> None:
    assert aims(office.lake.ledger, typical(role)) == Aims(persons, searches, counts, verifies)


def test_the_national_bureau_counts_everybody(office: Any) -> None:
    assert aims(office.lake.ledger, typical("statistician", "000000")).counts == ("statistics",)
    assert aims(office.lake.ledger, typical("statistician", "370000")).counts == NONE


def test_the_local_administrator_is_offered_most(office: Any) -> None:
    found = aims(office.lake.ledger, trust.local_administrator())
    assert "supervision" in found.persons and "treatment" in found.searches
    assert found.verifies


def test_what_is_kept_is_the_same_and_of_one_standing(office: Any) -> None:
    for role in ("reviewer", "clinician", "reviewer"):
        assert aims(office.lake.ledger, typical(role)) == aims(office.lake.ledger, typical(role))
    assert aims(office.lake.ledger, typical("reviewer")) != aims(office.lake.ledger, typical("clinician"))
