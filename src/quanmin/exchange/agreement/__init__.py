"""Agreements: the sharing catalogue, the terms that may stand, their life in the ledger, and what stands.

Reads the standards and the directory of members; writes documents of the ledger: courses at the platform, signed copies at nodes.
Promises that nothing counts as agreed unless both sides signed exactly these terms by keys that counted, that a suspension counts
at once where it is made, and that what a consumer reads is what the agreement names (`quanmin.trust` decides it).
"""

from quanmin.exchange.agreement.decision import decide
from quanmin.exchange.agreement.office import Office
from quanmin.exchange.agreement.standing import Standing
from quanmin.exchange.agreement.workflow import AGREEMENT, STATES

__all__ = ["AGREEMENT", "STATES", "Office", "Standing", "decide"]
