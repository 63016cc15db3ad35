"""The self-check: the 27 rows of classified protection level 3 (GB/T 22239-2019 §8.1) beside OWASP ASVS 5.0, each with evidence.

A row passes, fails, or is the operator's, whose work no program can see. Rules are not believed but tried: what can be tried
without touching the installation is tried on a trial one, made for the check and thrown away; what can only be looked at is
looked at in this one. Nothing of a person is read.
"""

from quanmin.trust.selfcheck.checklist import ROWS, Checked, Row, Run, last, run
from quanmin.trust.selfcheck.errors import SelfCheckFailed
from quanmin.trust.selfcheck.finding import Finding, Verdict

__all__ = ["ROWS", "Checked", "Finding", "Row", "Run", "SelfCheckFailed", "Verdict", "last", "run"]
