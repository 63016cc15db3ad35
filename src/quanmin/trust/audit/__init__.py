"""The audit log: an append-only Merkle log in the shape of RFC 6962, in the ledger.

An entry holds who, when, for what purpose, which columns and which persons by pseudonym; never a value. Each is a leaf of a
tree, whose root is signed from time to time: a signed head stands for everything before it. What is changed, removed, added or
moved shows, and where. Note a head outside of the installation, too: with it a log that was cut off, rolled back or replaced as
a whole is found. Promises that a call that appends has kept its entry when it returns, and otherwise raises.
"""

from quanmin.trust.audit import tree
from quanmin.trust.audit.alarm import RULES, Alarm, Rule, alarms
from quanmin.trust.audit.export import export
from quanmin.trust.audit.facts import Facts
from quanmin.trust.audit.heads import due, keep_token, noted, sign, token
from quanmin.trust.audit.interval import keep_signing
from quanmin.trust.audit.joint import Joint
from quanmin.trust.audit.log import START, Entry, Head, append, append_all, entries, head
from quanmin.trust.audit.proof import Consistency, Inclusion, consistent, prove
from quanmin.trust.audit.reading import Report, check
from quanmin.trust.audit.record import BEGUN
from quanmin.trust.audit.search import Access, of_person, search
from quanmin.trust.audit.signature import Ed25519Public, Ed25519Signer, Public, SignedHead, Signer, StoreSigner
from quanmin.trust.audit.stamp import Roots, Stamp, Stamped, ask, required
from quanmin.trust.audit.verdict import DAMAGE, Damage, Verdict
from quanmin.trust.audit.verify import require, stamps, verify

__all__ = [
    "BEGUN",
    "DAMAGE",
    "RULES",
    "START",
    "Access",
    "Alarm",
    "Consistency",
    "Damage",
    "Ed25519Public",
    "Ed25519Signer",
    "Entry",
    "Facts",
    "Head",
    "Inclusion",
    "Joint",
    "Public",
    "Report",
    "Roots",
    "Rule",
    "SignedHead",
    "Signer",
    "Stamp",
    "Stamped",
    "StoreSigner",
    "Verdict",
    "alarms",
    "append",
    "append_all",
    "ask",
    "check",
    "consistent",
    "due",
    "entries",
    "export",
    "head",
    "keep_signing",
    "keep_token",
    "noted",
    "of_person",
    "prove",
    "require",
    "required",
    "search",
    "sign",
    "stamps",
    "token",
    "tree",
    "verify",
]
