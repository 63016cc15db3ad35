"""The statistics that come of the year: indicators, the figures of the province, its report, and what is opened of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from quanmin import measures, trust
from quanmin.demo_vital.people import PROVINCE
from quanmin.lake import Lake
from quanmin.opendata import Portal, vital_statistics
from quanmin.population import PERSON_COLUMNS
from quanmin.population.tables import PERSON
from quanmin.programs.vital import statistic
from quanmin.programs.vital.statistic.report import report
from quanmin.text import Language

SPAN = 3
"""Years in one: a small province has too few deaths a year for a table by age."""
WHO = "demo-release-officer"
REPORT = "vital-statistics.pdf"


def count(lake: Lake, folder: Path, year: int, language: Language) -> dict[str, Any]:
    """Count the base and the certificates, write the report, and open figures, life tables and leading causes."""
    counted = statistic.measure(lake)
    computed = measures.compute(lake)
    decision = trust.decide(lake.ledger, trust.public_reader(), "statistics", PERSON, PERSON_COLUMNS)
    found = statistic.year(lake, decision, PROVINCE, year, SPAN)
    (folder / REPORT).write_bytes(report(found, language, day=lake.ledger.now().date()))
    opened = vital_statistics.publish(lake, Portal(lake.settings, lake.ledger), PROVINCE, year, SPAN, WHO)
    told = {one.id: one.value for one in found.figures if one.value is not None}
    return {
        "people": counted.people,
        "births": counted.births,
        "deaths": counted.deaths,
        "indicators": len(computed.computed),
        "indicator_figures": computed.figures,
        "figures": told,
        "report": REPORT,
        "published": {one["record"]: one["rows"] for one in opened},
    }
