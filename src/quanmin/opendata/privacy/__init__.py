"""Statistics with differential privacy: what is told of a dataset is bounded once and for all, and counted to the last part.

Takes rows from whoever read them by a decision, a question that is public, and the dataset's budget; gives an answer with noise
of OpenDP (computed in a process of its own), how far it may be off, and its evidence. Promises: what an answer costs is in the
ledger before a row is looked at, nothing is ever refunded, and the same question gets the same answer at no cost.
"""

from quanmin.opendata.privacy.asking import Origin, ask
from quanmin.opendata.privacy.budget import Budget, in_force
from quanmin.opendata.privacy.process import Engine
from quanmin.opendata.privacy.query import STATISTICS, Query
from quanmin.opendata.privacy.source import answered, opened

__all__ = ["STATISTICS", "Budget", "Engine", "Origin", "Query", "answered", "ask", "in_force", "opened"]
