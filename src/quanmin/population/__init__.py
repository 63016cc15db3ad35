"""The population base: one golden record per person of the benchmark, and what is wrong in whose files.

Reads the live rows of the clean tables, writes `linked.person`, `linked.statement`, `linked.discrepancy`, `linked.reliability`.
Promises: every record is attached or set aside with a code, every item says where it comes from, an incremental build
equals a full one row for row, and a build that dies leaves the base as it was.
"""

from quanmin.population.accuracy import Accuracy, compare_with_truth
from quanmin.population.build import BuildReport, believed, build
from quanmin.population.feedback import EXPECTED, Feedback, error_title, export_feedback
from quanmin.population.inquiry import ANSWERS, ITEM_NAMES, PERSON_COLUMNS, show, verify

__all__ = [
    "ANSWERS",
    "EXPECTED",
    "ITEM_NAMES",
    "PERSON_COLUMNS",
    "Accuracy",
    "BuildReport",
    "Feedback",
    "believed",
    "build",
    "compare_with_truth",
    "error_title",
    "export_feedback",
    "show",
    "verify",
]
