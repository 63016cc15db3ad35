"""Participation: what the public adds to the portal, and what comes of it.

Reads the catalogue and who asks; writes documents of the ledger with their workflows (reuses, requests for data, discussions,
error reports, applications), rows that lists are found by, notices, and files of the storage. Promises: nothing is shown before
it may be, nothing is lost when it is hidden, nobody decides his own matter, no number of a person is taken, what is uploaded
is known by its content, and in public an account is called as it chose to be.
"""

from quanmin.opendata.participation import (
    application,
    dataset,
    discussion,
    feedback,
    name,
    notice,
    owner,
    paper,
    registration,
    report,
    request,
    reuse,
    role,
    scanner,
    statistics,
    words,
)
from quanmin.opendata.participation.about import about
from quanmin.opendata.participation.application import granted

__all__ = [
    "about",
    "application",
    "dataset",
    "discussion",
    "feedback",
    "granted",
    "name",
    "notice",
    "owner",
    "paper",
    "registration",
    "report",
    "request",
    "reuse",
    "role",
    "scanner",
    "statistics",
    "words",
]
