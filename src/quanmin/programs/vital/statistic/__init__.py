"""Vital statistics of a region: from the base, birth and death certificates to the figures of a year.

`measure` reads `linked.person`, `linked.statement`, `clean.*` and writes counts without persons to `measured.vital_*`; `year`
reads these counts for an actor, hides small ones where the purpose owes it, and gives figures that carry what they are made of.
"""

from quanmin.programs.vital.statistic.cube import Measured, measure
from quanmin.programs.vital.statistic.figure import Counted
from quanmin.programs.vital.statistic.gate import years
from quanmin.programs.vital.statistic.year import VitalYear, year

__all__ = ["Counted", "Measured", "VitalYear", "measure", "year", "years"]
