"""What was found: each offending row once a rule, with how many numbers it concerns and a row that it conflicts with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from quanmin.programs.vital.national.address import DATASETS, Address, address
from quanmin.programs.vital.national.rule import BIT, RULE, RULES

TABLE = "measured.certificate_finding"
LISTED = 20
"""So many rows of each rule are listed; all are counted, and all stand in the table."""


@dataclass(frozen=True)
class Offender:
    """One row that breaks a rule; `beside` is the row that it conflicts with, where there is one."""

    address: Address
    numbers: int
    beside: Address | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        beside = self.beside._asdict() if self.beside is not None else None
        return {**self.address._asdict(), "numbers": self.numbers, "beside": beside}


@dataclass(frozen=True)
class Findings:
    """The outcome of a check: counts by rule and by province and rule, the first rows of each rule, and what was looked at.

    `read` counts rows by dataset, `certificates` those that were issued; `provinces` has the two digits as keys, "" for rows
    of no province. Every rule is in `counts`.
    """

    counts: dict[str, int]
    provinces: dict[str, dict[str, int]]
    examples: dict[str, tuple[Offender, ...]]
    read: dict[str, int]
    certificates: int
    snapshot: int
    seconds: float

    @property
    def total(self) -> int:
        """How many findings there are."""
        return sum(self.counts.values())

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; rules that nothing breaks are in `counts` only."""
        listed = {rule: [one.to_dict() for one in rows] for rule, rows in self.examples.items()}
        rules = [
            {"rule": rule.id, "title": rule.title, "count": self.counts[rule.id], "examples": listed.get(rule.id, [])}
            for rule in RULES
        ]
        return {
            "total": self.total,
            "rules": rules,
            "provinces": self.provinces,
            "read": self.read,
            "certificates": self.certificates,
            "snapshot": self.snapshot,
            "seconds": round(self.seconds, 3),
        }


def schema() -> pa.Schema:
    """The stored table: an offender a row; `beside_*` is the row that it conflicts with."""
    where = [("dataset", pa.string()), ("batch", pa.int64()), ("row", pa.int64())]
    beside = [(f"beside_{name}", kind) for name, kind in where]
    about = [("province", pa.string()), ("day", pa.date32()), ("numbers", pa.int64())]
    return pa.schema([("rule", pa.string()), *where, *about, *beside])


def prepare(connection: Any) -> None:
    """Make the engine's table of what is found, one row for each rule (as a bit), row and place of looking."""
    connection.execute(
        "CREATE TEMP TABLE found (bit BIGINT, address BIGINT, day INTEGER, province INTEGER, numbers BIGINT, beside BIGINT)"
    )


def add(connection: Any, rule: str, query: str) -> None:
    """Tell the rows of a query (`address`, `day`, `province`, `numbers`, `beside`) as breaking a rule."""
    connection.execute(
        f"INSERT INTO found SELECT {BIT[RULE[rule].id]}, address, day, province, numbers, beside FROM ({query})"
    )


def add_marked(connection: Any, query: str) -> None:
    """Tell the rows of a query that has, besides, `mask`: the bits of all rules that a row breaks."""
    bits = ", ".join(str(bit) for bit in BIT.values())
    connection.execute(
        f"INSERT INTO found SELECT bit, address, day, province, numbers, beside "
        f"FROM (SELECT *, unnest([{bits}]::BIGINT[]) AS bit FROM ({query}) WHERE mask <> 0) WHERE mask & bit <> 0"
    )


def settle(connection: Any, first: int, last: int) -> None:
    """Make `told`: each row once a rule, of the days from `first` to `last`."""
    names = " ".join(f"WHEN {bit} THEN '{rule}'" for rule, bit in BIT.items())
    connection.execute(
        f"CREATE TEMP TABLE told AS SELECT CASE bit {names} END AS rule, address, min(day) AS day, min(province) AS province, "
        f"sum(numbers)::BIGINT AS numbers, min(beside) AS beside FROM found WHERE day BETWEEN {first} AND {last} "
        "GROUP BY bit, address"
    )


def stored(connection: Any) -> Iterator[pa.Table]:
    """What is stored, a piece at a time, in the order of rules and rows."""
    datasets = ", ".join(f"'{one}'" for one in DATASETS)

    def where(column: str, prefix: str = "") -> str:
        return (
            f"([{datasets}])[({column} >> 60) + 1] AS {prefix}dataset, ({column} >> 32) & {(1 << 28) - 1} AS {prefix}batch, "
            f"{column} & {(1 << 32) - 1} AS {prefix}row"
        )

    query = (
        f"SELECT rule, {where('address')}, lpad(nullif(province, 0)::VARCHAR, 2, '0') AS province, "
        f"DATE '1970-01-01' + day AS day, numbers, {where('beside', 'beside_')} FROM told ORDER BY rule, address"
    )
    for batch in connection.sql(query).to_arrow_reader(100_000):
        yield pa.Table.from_batches([batch]).cast(schema())


def counts(connection: Any) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """How many rows break each rule, in all and by province."""
    total, provinces = {rule.id: 0 for rule in RULES}, dict[str, dict[str, int]]()
    query = "SELECT coalesce(province, 0), rule, count(*) FROM told GROUP BY ALL ORDER BY ALL"
    for province, rule, count in connection.execute(query).fetchall():
        total[rule] += count
        provinces.setdefault(f"{province:02d}" if province else "", {})[rule] = count
    return total, provinces


def examples(connection: Any) -> dict[str, tuple[Offender, ...]]:
    """The first rows of each rule."""
    query = (
        "SELECT rule, address, numbers, beside FROM told "
        f"QUALIFY row_number() OVER (PARTITION BY rule ORDER BY address) <= {LISTED} ORDER BY rule, address"
    )
    found: dict[str, tuple[Offender, ...]] = {}
    for rule, number, numbers, beside in connection.execute(query).fetchall():
        one = Offender(address(number), numbers, None if beside is None else address(beside))
        found[rule] = (*found.get(rule, ()), one)
    return found
