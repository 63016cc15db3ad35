"""Microdata for everybody: rows of persons generalised until nobody can be found in them, exactly as little as that takes.

Reads an Arrow table and a recipe (`Plan`: what each column is, its hierarchy, the rule), writes an Arrow table and a report of
the risk that is left and of what was lost. Promises: every class of the release holds the rule by distinct persons, or an error
says why nothing may leave; the levels are the best of all combinations of levels; no direct identifier, no undeclared column and
nobody's number passes; no message holds a value. It opens no file and knows nothing of health but the codes of the catalogue.
"""

from quanmin.opendata.microdata.hierarchy import Hierarchy, flat, table
from quanmin.opendata.microdata.plan import Plan, identifiers
from quanmin.opendata.microdata.release import Anonymised, anonymise
from quanmin.opendata.microdata.report import Held, Loss, Report, Risk
from quanmin.opendata.microdata.sets import Sets, anonymise_sets
from quanmin.opendata.microdata.source import bins, codes, dates, headed, numbers, prefixes, regions

__all__ = [
    "Anonymised",
    "Held",
    "Hierarchy",
    "Loss",
    "Plan",
    "Report",
    "Risk",
    "Sets",
    "anonymise",
    "anonymise_sets",
    "bins",
    "codes",
    "dates",
    "flat",
    "headed",
    "identifiers",
    "numbers",
    "prefixes",
    "regions",
    "table",
]
