"""The national register of certificates in bulk: what 31 provinces push, with every invariant tested set-based.

Reads the holders, stock actions, issues, births and monthly stock that were collected (`clean.health.*`); writes
`measured.certificate_finding`. Promises that every rule of `RULES` is tested on every number, that each finding is the
address of a row, and that memory is bounded by a span of numbers.
"""

from quanmin.programs.vital.national.check import check
from quanmin.programs.vital.national.errors import BadPeriod, NothingToCheck
from quanmin.programs.vital.national.finding import Findings, Offender
from quanmin.programs.vital.national.period import Period, period
from quanmin.programs.vital.national.rule import RULES, Rule

__all__ = ["RULES", "BadPeriod", "Findings", "NothingToCheck", "Offender", "Period", "Rule", "check", "period"]
