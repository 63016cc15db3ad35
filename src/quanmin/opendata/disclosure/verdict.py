"""The result of a review: accepted or refused, why, the table, and the evidence that the release workflow signs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from quanmin.opendata.disclosure.finding import Finding
from quanmin.opendata.disclosure.population import Population
from quanmin.text import Text, document

VERSION = 1
"""Of the rules and of the evidence's shape; a change of either is a new one."""


@dataclass(frozen=True)
class Verdict:
    """`table` is what may be published, None when refused; `evidence` is a JSON document without any person's value.

    `people` is what `Register.keep` wants of an accepted table that was held against a register.
    """

    accepted: bool
    findings: tuple[Finding, ...]
    table: pa.Table | None
    note: Text
    evidence: dict[str, Any]
    people: Population | None = None

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all findings."""
        return frozenset(one.code for one in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document, the table apart."""
        findings = [one.to_dict() for one in self.findings]
        return {"accepted": self.accepted, "findings": findings, "note": document(self.note), "evidence": self.evidence}


def digest(table: pa.Table) -> str:
    """SHA-256 of a published table: its columns and rows as text, one line each."""
    lines = ["\t".join(table.column_names), *("\t".join(row.values()) for row in table.to_pylist())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
