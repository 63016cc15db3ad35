"""Indicators: from a definition in the catalogue to figures with numerator, denominator, interval and marks.

Reads the clean tables and the population base that a measure names; writes `measured.figure`. Promises that a figure can be
computed again from its definition and its snapshot, that only what changed is computed, and that this gives what a full
computation gives.
"""

from quanmin.measures.figure import FIGURE, MARK_TITLES, MARKS
from quanmin.measures.job import Report, compute
from quanmin.measures.question import Figure, catalogue, figures, indicator

__all__ = ["FIGURE", "MARKS", "MARK_TITLES", "Figure", "Report", "catalogue", "compute", "figures", "indicator"]
