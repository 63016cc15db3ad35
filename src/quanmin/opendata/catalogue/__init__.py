"""The catalogue of the open data portal: what there is to be had, kept by version, judged, and found.

Reads and writes records in the ledger and the files of a search index in a folder, which can be made anew at any time.
Promises that a record is a DCAT document that keeps the rules, that no version and no reason of a withdrawal is lost, and
that a search finds every published record in which what was typed stands.
"""

from quanmin.opendata.catalogue.catalogue import Catalogue
from quanmin.opendata.catalogue.counters import Counts
from quanmin.opendata.catalogue.dictionary import variables
from quanmin.opendata.catalogue.listing import Listing, Taken
from quanmin.opendata.catalogue.projection import FACETS
from quanmin.opendata.catalogue.quality import Quality, assess
from quanmin.opendata.catalogue.query import SORTS, Found, Query
from quanmin.opendata.catalogue.record import CONTEXT, Distribution, Document, Record, read
from quanmin.opendata.catalogue.store import Shown, Standing, Step, Version
from quanmin.opendata.catalogue.validation import RULES, Problem, check, problems
from quanmin.opendata.catalogue.vocabulary import Term, Vocabulary, vocabulary

__all__ = [
    "CONTEXT",
    "FACETS",
    "RULES",
    "SORTS",
    "Catalogue",
    "Counts",
    "Distribution",
    "Document",
    "Found",
    "Listing",
    "Problem",
    "Quality",
    "Query",
    "Record",
    "Shown",
    "Standing",
    "Step",
    "Taken",
    "Term",
    "Version",
    "Vocabulary",
    "assess",
    "check",
    "problems",
    "read",
    "variables",
    "vocabulary",
]
