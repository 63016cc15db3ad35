"""The monthly push upward: what a level owes the one above it, as a package with counts and digests, sent through the exchange.

Reads the ledger of certificates and blanks; writes packages to `pushes` in the home, deliveries, and a document a package.
Promises that the same ledger makes the same bytes, that a correction names what it corrects, and that whoever owes a month
is told.
"""

from quanmin.programs.vital.push.bundle import Package, package, read_package
from quanmin.programs.vital.push.month import Month, month
from quanmin.programs.vital.push.owing import Owing, owing, owing_below
from quanmin.programs.vital.push.sending import Answer, answers, send
from quanmin.programs.vital.push.yearly import yearly

__all__ = [
    "Answer",
    "Month",
    "Owing",
    "Package",
    "answers",
    "month",
    "owing",
    "owing_below",
    "package",
    "read_package",
    "send",
    "yearly",
]
