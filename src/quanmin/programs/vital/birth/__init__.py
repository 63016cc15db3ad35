"""Births between certificates and base: cards into the lake, newborns joined, each side checked against the other.

Reads the ledger's certificates, `clean.health.birth` and the base; writes `health.birth` by `collect`, `linked.newborn` and
`linked.birth_finding`. Promises that every reported card becomes one live row, that a newborn is joined to one person of the base
or to nobody, and that every finding has the address of the row that it is about.
"""

__all__: list[str] = []
