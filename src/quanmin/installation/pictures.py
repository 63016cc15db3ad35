"""Pictures of the base for a notebook: `home.population.plots.coverage()`; in Chinese or English, by default as it is set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from quanmin import population, trust
from quanmin.charts import Drawing
from quanmin.lake import Lake
from quanmin.population import calibration, plots
from quanmin.population.statistics import Part, statistics
from quanmin.text import Language

Deciding = Callable[..., trust.Decision]
"""The decision on a purpose, a table, its elements and a case, for whoever opened the installation."""


class Pictures:
    """What the base's figures look like; small counts are left out where the purpose owes it."""

    def __init__(self, lake: Lake, decide: Deciding) -> None:
        self._lake = lake
        self._decide = decide

    def coverage(
        self, language: Language | None = None, *, purpose: str = "statistics", case: str | None = None
    ) -> Drawing:
        """The people covered by each source."""
        return plots.coverage(self._part("coverage", purpose, case)).drawing(self._in(language))

    def completeness(
        self, language: Language | None = None, *, purpose: str = "statistics", case: str | None = None
    ) -> Drawing:
        """The golden records in which each item is filled."""
        return plots.completeness(self._part("completeness", purpose, case)).drawing(self._in(language))

    def agreement(
        self,
        item: str | None = None,
        language: Language | None = None,
        *,
        purpose: str = "statistics",
        case: str | None = None,
    ) -> Drawing:
        """How often two sources say the same of an item, or of all items."""
        return plots.agreement(self._part("agreement", purpose, case), item).drawing(self._in(language))

    def trend(
        self, language: Language | None = None, *, purpose: str = "statistics", case: str | None = None
    ) -> Drawing:
        """Errors in a hundred records of each source, day by day."""
        return plots.trend(self._part("trend", purpose, case)).drawing(self._in(language))

    def reliability(self, language: Language | None = None) -> Drawing:
        """How often each source is right about each item, as estimated."""
        return plots.reliability(population.believed(self._lake)).drawing(self._in(language))

    def calibration(self, truth: str | Path, language: Language | None = None) -> Drawing:
        """How often golden items are right, by the probability stated; `truth` is the folder that `synth` wrote."""
        found = population.compare_with_truth(self._lake, Path(truth))
        return calibration.chart(found.calibration).drawing(self._in(language))

    def _in(self, language: Language | None) -> Language:
        return language or self._lake.settings.language

    def _part(self, part: Part, purpose: str, case: str | None) -> pa.Table:
        decision = self._decide(purpose, "linked.person", population.PERSON_COLUMNS, case)
        return statistics(self._lake, decision, [part])[part]
