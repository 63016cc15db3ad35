"""Linkage of the residual: the records that have no usable number find their person, or a clerk, or nobody.

Reads the clean tables, `linked.statement` and `linked.person`; writes `linked.link` and keeps its trained models in the ledger.
Promises: only records that were set aside are compared; a record goes to one person at most; every decision says how sure
it is and under which model; the same rows and the same model give the same links.
"""

from quanmin.population.linkage.accuracy import LinkAccuracy, compare_links
from quanmin.population.linkage.decision import DECISIONS
from quanmin.population.linkage.explain import Explanation, explain
from quanmin.population.linkage.job import LinkReport, link
from quanmin.population.linkage.picture import waterfall

__all__ = ["DECISIONS", "Explanation", "LinkAccuracy", "LinkReport", "compare_links", "explain", "link", "waterfall"]
