"""Spans of numbers that are looked at together: memory is bounded by their size, whatever the nation holds."""

from __future__ import annotations

from typing import Any, NamedTuple

BLOCK = 10**9
"""Keys of one letter."""
ROWS = 2_000_000
"""A span holds about so many rows."""
CELLS = 200
"""Rows are counted by cells of so many numbers that a span of one row a number has about so many."""


class Span(NamedTuple):
    """Keys from `low` to `high`, both meant, of one letter."""

    low: int
    high: int

    @property
    def letter(self) -> str:
        """The letter of its numbers."""
        return chr(ord("A") + self.low // BLOCK)

    @property
    def serials(self) -> tuple[int, int]:
        """The nine digits of the first and the last number."""
        return self.low % BLOCK, self.high % BLOCK

    @property
    def texts(self) -> tuple[str, str]:
        """The first and the last number as they are printed."""
        low, high = self.serials
        return f"{self.letter}{low:09d}", f"{self.letter}{high:09d}"


def plan(connection: Any, stock: str, issue: str, rows: int | None = None) -> list[Span]:
    """Spans that cover every number there can be, each with about `rows` rows of the two relations."""
    limit = rows or ROWS
    size = max(limit // CELLS, 1)
    query = f"""SELECT cell, sum(n)::BIGINT FROM (
        SELECT {key("r.letter", "r.first_serial")} // {size} AS cell, count(*) AS n FROM {stock} AS r GROUP BY 1
        UNION ALL
        SELECT {printed("r.certificate_no")} // {size}, count(*) FROM {issue} AS r GROUP BY 1)
        GROUP BY 1 ORDER BY 1"""
    cells = connection.execute(query).fetchall()
    spans: list[Span] = []
    for letter in range(26):
        spans += _of_letter(
            letter * BLOCK, [(cell * size, n) for cell, n in cells if cell * size // BLOCK == letter], limit
        )
    return spans


def _of_letter(base: int, cells: list[tuple[int, int]], limit: int) -> list[Span]:
    """The spans of one letter, whose cells are given by their first key; none where nothing has it."""
    spans, low, held = [], base, 0
    for first, rows in cells:
        if held and held + rows > limit and first > low:
            spans.append(Span(low, first - 1))
            low, held = first, 0
        held += rows
    return [*spans, Span(low, base + BLOCK - 1)] if cells else []


def key(letter: str, serial: str) -> str:
    """SQL of a number as one integer: the letter's place in the alphabet, then the nine digits."""
    return f"((ascii({letter}) - 65)::BIGINT * {BLOCK} + {serial})"


def printed(column: str) -> str:
    """SQL of the key of a number as it is printed."""
    return key(column, f"substr({column}, 2)::BIGINT")
