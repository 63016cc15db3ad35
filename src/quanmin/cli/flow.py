"""`quanmin flow`: the map of the data's way."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from quanmin.cli.output import AsJson, print_json, print_table
from quanmin.flow import STAGES, ZONES
from quanmin.text import Text


def flow(json: AsJson = False) -> None:
    """Print every stage with the tables it reads and writes. 打印数据流程图。"""
    if json:
        print_json(
            {
                "zones": {zone: title._asdict() for zone, title in ZONES.items()},
                "stages": [
                    {"stage": s.name, "title": s.title._asdict(), "reads": list(s.reads), "writes": list(s.writes)}
                    for s in STAGES
                ],
            }
        )
        return
    titles = [Text("阶段", "stage"), Text("读", "reads"), Text("写", "writes"), Text("作用", "what it does")]
    print_table(titles, [(s.name, _lines(s.reads), _lines(s.writes), s.title) for s in STAGES])


def _lines(tables: Sequence[str]) -> Text:
    """Tables below each other."""
    found = "\n".join(tables) or "—"
    return Text(found, found)


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command()(flow)
