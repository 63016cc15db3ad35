"""Running a recipe: the decision of trust, the rows through disclosure control, the files, the statement of the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from quanmin import trust
from quanmin.lake import Lake
from quanmin.opendata.disclosure import Register
from quanmin.opendata.disclosure.verdict import VERSION as RULES
from quanmin.opendata.release import evidence, writing
from quanmin.opendata.release.errors import SourceNotOpen
from quanmin.opendata.release.judging import PERSON, Outcome, judge, open_findings
from quanmin.opendata.release.place import Places
from quanmin.opendata.release.recipe import Recipe
from quanmin.opendata.release.record import Filed
from quanmin.text import document
from quanmin.trust import Actor, Decision
from quanmin.version import __version__

PURPOSE = "open_data"


class Run(NamedTuple):
    """What a run of a recipe gave, and by which decision and of which snapshot."""

    outcome: Outcome
    decision: str
    snapshot: int


def decided(lake: Lake, actor: Actor, recipe: Recipe) -> Decision:
    """The decision about a recipe's columns: the person as a pseudonym, everything else clear. SourceNotOpen."""
    wanted = (PERSON, *recipe.elements)
    made = trust.decide(lake.ledger, actor, PURPOSE, recipe.source, wanted)
    fits = {name: made.outcome(name) == ("pseudonymised" if name == PERSON else "clear") for name in wanted}
    if not all(fits.values()):
        missing = ", ".join(name for name, sound in fits.items() if not sound)
        raise SourceNotOpen(source=recipe.source, elements=missing)
    return made


def run(
    lake: Lake, actor: Actor, recipe: Recipe, places: Places, register: Register, snapshot: int | None = None
) -> Run:
    """Run a recipe on a snapshot (the newest by default). SourceNotOpen, HierarchyUncovered, NothingToRelease."""
    made = decided(lake, actor, recipe)
    pinned = lake.snapshot(snapshot).id
    outcome = lake.confide(made, lambda reading: judge(recipe, reading.fetch(), places, register), pinned)
    return Run(outcome, made.id, pinned)


def written(recipe: Recipe, table: pa.Table) -> dict[str, bytes]:
    """The files of a published table by format."""
    return {one: writing.written(table, one) for one in recipe.formats}


def statement(recipe: Recipe, number: int, run: Run, files: tuple[Filed, ...], by: Mapping[str, Any]) -> dict[str, Any]:
    """What the evidence says of a run; who checked is added when somebody did."""
    outcome = run.outcome
    assert outcome.table is not None  # only what was accepted is stated
    return {
        "version": evidence.VERSION,
        "name": recipe.id,
        "release": number,
        "recipe": {"text": recipe.text, "sha256": recipe.digest},
        "source": recipe.source,
        "snapshot": run.snapshot,
        "rules": {"version": RULES, "profile": recipe.rules, "program": __version__},
        "findings": document(open_findings(outcome.findings)),
        "measured": document(outcome.public),
        "note": document(outcome.note),
        "rows": outcome.table.num_rows,
        "columns": outcome.table.column_names,
        "files": [one._asdict() for one in files],
        "run": dict(by),
    }
