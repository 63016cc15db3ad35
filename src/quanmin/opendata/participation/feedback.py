"""The feedback of a source with what the public found in the datasets that its data are in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from quanmin.lake import Lake
from quanmin.opendata.participation import report
from quanmin.population import Feedback, export_feedback


def export(lake: Lake, source: str, directory: Path) -> Feedback:
    """Write what the platform found, and beside it `<source>.reports.csv` where the public reported something. UnknownSource."""
    found = export_feedback(lake, source, directory)
    return replace(found, files=found.files | report.export(lake.ledger, source, directory))
