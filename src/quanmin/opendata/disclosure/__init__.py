"""Disclosure control of tables: whether a table may be opened, and the table as it may be.

Reads rows (a person's number, dimensions, a value) that a caller hands in, and a folder with the register of releases; writes a
`Verdict` with the published table, and to that register. Promises: counts are distinct people, counted on a connection of
its own; no star can be told more closely than the profile allows, proven apart from whoever chose it; a table that leaves a
few people when an earlier one is subtracted is refused. Knows nothing of health and opens no table of the lake.
"""

from quanmin.opendata.disclosure.audit import Interval, audit
from quanmin.opendata.disclosure.axis import Dimension
from quanmin.opendata.disclosure.cells import Cells, Sums, evaluate, taken
from quanmin.opendata.disclosure.differencing import Difference
from quanmin.opendata.disclosure.finding import Finding
from quanmin.opendata.disclosure.population import Population, population
from quanmin.opendata.disclosure.profile import PROFILES, Dominance, Profile, allow, profile
from quanmin.opendata.disclosure.protect import Protected, protect
from quanmin.opendata.disclosure.rate import rate
from quanmin.opendata.disclosure.register import Register
from quanmin.opendata.disclosure.review import prove, released, review
from quanmin.opendata.disclosure.rule import Fate, model, percentile
from quanmin.opendata.disclosure.survival import survival
from quanmin.opendata.disclosure.together import together
from quanmin.opendata.disclosure.verdict import Verdict

__all__ = [
    "PROFILES",
    "Cells",
    "Difference",
    "Dimension",
    "Dominance",
    "Fate",
    "Finding",
    "Interval",
    "Population",
    "Profile",
    "Protected",
    "Register",
    "Sums",
    "Verdict",
    "allow",
    "audit",
    "evaluate",
    "model",
    "percentile",
    "population",
    "profile",
    "protect",
    "prove",
    "rate",
    "released",
    "review",
    "survival",
    "taken",
    "together",
]
