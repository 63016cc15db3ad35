"""The policies: Cedar files that say who gets to see what for which purpose, and the machinery that asks them.

Reads the files beside this one, or those that were proposed, approved and activated in the ledger. Promises that nothing is
allowed unless a policy permits it, and that an error of any kind (a policy that errors, a request that lacks a fact) is a no.
"""

from quanmin.trust.policy.rows import Rows
from quanmin.trust.policy.rule import Rules, active, shipped
from quanmin.trust.policy.situation import Agreed, Situation

__all__ = ["Agreed", "Rows", "Rules", "Situation", "active", "shipped"]
