"""The sixteen rule kinds, one file each. Reads typed columns or one typed row; writes nothing.

Promises that the vectorised `failing` and the plain `fails` of every kind give the same answer (generated tests hold it), that
a missing value passes every kind but `required` and `required_when`, and that no kind raises whatever the values are.
`KINDS` is the registry: kind name to class; a class is built with keyword arguments (the parameters listed in `implied.py`).
"""

from quanmin.standards.rules.bounds import Range
from quanmin.standards.rules.check_digit import CheckDigit
from quanmin.standards.rules.consistency import Consistency
from quanmin.standards.rules.date_order import DateOrder
from quanmin.standards.rules.derived import Derived
from quanmin.standards.rules.expression import Expression
from quanmin.standards.rules.length import Length
from quanmin.standards.rules.pattern import Pattern
from quanmin.standards.rules.readable import TypeRule
from quanmin.standards.rules.reference import Reference
from quanmin.standards.rules.region import RegionRule
from quanmin.standards.rules.required import Required
from quanmin.standards.rules.required_when import RequiredWhen
from quanmin.standards.rules.rule import Rule, Scope, SetRule, Severity
from quanmin.standards.rules.unique import UniqueInBatch, UniqueInDataset
from quanmin.standards.rules.value_set import ValueSetRule

KINDS: dict[str, type[Rule]] = {
    kind.kind: kind
    for kind in (
        Required,
        RequiredWhen,
        TypeRule,
        Pattern,
        Length,
        ValueSetRule,
        Range,
        DateOrder,
        Consistency,
        Derived,
        CheckDigit,
        RegionRule,
        UniqueInBatch,
        UniqueInDataset,
        Reference,
        Expression,
    )
}

__all__ = [
    "KINDS",
    "CheckDigit",
    "Consistency",
    "DateOrder",
    "Derived",
    "Expression",
    "Length",
    "Pattern",
    "Range",
    "Reference",
    "RegionRule",
    "Required",
    "RequiredWhen",
    "Rule",
    "Scope",
    "SetRule",
    "Severity",
    "TypeRule",
    "UniqueInBatch",
    "UniqueInDataset",
    "ValueSetRule",
]
