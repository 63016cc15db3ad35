"""Who may see what, for which purpose: actors, purposes, decisions, masks, pseudonyms, the audit log.

Reads grades from the standards and the key in the home; writes the audit rows of the ledger. Promises that only `decide` makes
a `Decision`, that whatever goes wrong is a no, and that no person's value is in the audit.
"""

from quanmin.trust import audit
from quanmin.trust.actor import Actor, acting_as, local_administrator, public_reader
from quanmin.trust.decision import Column, Decision, decide
from quanmin.trust.mask import mask, mask_address, mask_name, mask_number, mask_phone
from quanmin.trust.policy import Agreed, Rows, Situation
from quanmin.trust.pseudonym import Pseudonyms
from quanmin.trust.purpose import OUTCOMES, PURPOSES, Purpose
from quanmin.trust.transform import transform

__all__ = [
    "OUTCOMES",
    "PURPOSES",
    "Actor",
    "Agreed",
    "Column",
    "Decision",
    "Pseudonyms",
    "Purpose",
    "Rows",
    "Situation",
    "acting_as",
    "audit",
    "decide",
    "local_administrator",
    "mask",
    "mask_address",
    "mask_name",
    "mask_number",
    "mask_phone",
    "public_reader",
    "transform",
]
