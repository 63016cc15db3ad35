"""The filter queries of CKAN (`fq`), the part of Lucene's grammar that its clients send, as conditions of the catalogue.

    query   := clause (["AND" | "OR"] clause)*          side by side is AND, which binds more than OR
    clause  := ["+" | "-" | "!" | "NOT"] (field ":" value | "(" query ")" | "*:*")
    value   := word | "quoted" | word* | "*" | range | "(" query of values ")"
    range   := ("[" | "{") end "TO" end ("]" | "}")

Every field is looked up in a list of names and every value is only ever compared: nothing that is typed is run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from quanmin.opendata.catalogue.condition import Always, Condition, Either, Every, Not
from quanmin.opendata.ckan import field as fields
from quanmin.opendata.ckan.field import wrong

LONGEST, MOST_CLAUSES, DEEPEST = 10_000, 500, 20

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<quoted>"(?:[^"\\]|\\.)*")
    | (?P<range>[\[{]\s*(?P<low>"[^"]*"|[^\s\]}]+)\s+TO\s+(?P<high>"[^"]*"|[^\s\]}]+)\s*[\]}])
    | (?P<sign>[()+!]|-(?!\s)|&&|\|\|)
    | (?P<field>[A-Za-z_][A-Za-z0-9_]*|\*):(?!\s)
    | (?P<word>(?:[^\s()"\[\]{}\\:]|\\.|(?<=.):(?!\s))+)
    )""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a query: its kind and text; of a range both ends."""

    kind: str
    text: str
    low: fields.End = ("*", True)
    high: fields.End = ("*", True)


def condition(queries: Sequence[str]) -> Condition | None:
    """The condition that all of these queries make together; None for no query. SearchWrong."""
    if sum(map(len, queries)) > LONGEST:
        raise wrong(f"过长，上限 {LONGEST} 字", f"too long: at most {LONGEST} characters")
    found = tuple(_Reader(_tokens(one)).whole() for one in queries if one.strip())
    return found[0] if len(found) == 1 else Every(found) if found else None


def _tokens(query: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while query[at:].strip():
        match = _TOKEN.match(query, at)
        if match is None or match.end() == at:
            raise wrong(f"第 {at + 1} 字起无法理解", f"cannot be read from character {at + 1} on")
        at = match.end()
        found.append(_token(match))
        if len(found) > MOST_CLAUSES * 4:
            raise wrong(f"条件过多，上限 {MOST_CLAUSES}", f"too many clauses: at most {MOST_CLAUSES}")
    return found


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup if match.lastgroup not in ("low", "high") else "range"
    text = match[kind or 0]
    if kind == "range":
        return Token(kind, text, (match["low"].strip('"'), text[0] == "["), (match["high"].strip('"'), text[-1] == "]"))
    if kind == "quoted":
        return Token(kind, re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL))
    if kind == "word" and text in ("AND", "OR", "NOT"):
        return Token("sign", text)
    return Token(str(kind), {"&&": "AND", "||": "OR", "!": "NOT"}.get(text, text))


class _Reader:
    """Reads tokens by descending into brackets."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = self._clauses = 0

    def whole(self) -> Condition:
        """Everything."""
        found = self._either(None, 0)
        if self._at < len(self._tokens):
            raise wrong("括号不配对", "a bracket is not opened")
        return found

    def _next(self, *signs: str) -> bool:
        """Whether one of these signs comes, and go beyond it."""
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind == "sign" and token.text in signs:
                self._at += 1
                return True
        return False

    def _ends(self) -> bool:
        return self._at >= len(self._tokens) or self._tokens[self._at] == Token("sign", ")")

    def _either(self, field: str | None, depth: int) -> Condition:
        if depth > DEEPEST:
            raise wrong(f"括号过深，上限 {DEEPEST}", f"brackets too deep: at most {DEEPEST}")
        found = [self._every(field, depth)]
        while self._next("OR"):
            found.append(self._every(field, depth))
        return found[0] if len(found) == 1 else Either(tuple(found))

    def _every(self, field: str | None, depth: int) -> Condition:
        found = [self._clause(field, depth)]
        while not self._ends():
            if self._at < len(self._tokens) and self._tokens[self._at] == Token("sign", "OR"):
                break
            self._next("AND")
            found.append(self._clause(field, depth))
        return found[0] if len(found) == 1 else Every(tuple(found))

    def _clause(self, field: str | None, depth: int) -> Condition:
        self._clauses += 1
        if self._clauses > MOST_CLAUSES:
            raise wrong(f"条件过多，上限 {MOST_CLAUSES}", f"too many clauses: at most {MOST_CLAUSES}")
        negative = False
        while True:
            if self._next("-", "NOT"):
                negative = not negative
            elif not self._next("+"):
                break
        found = self._plain(field, depth)
        return Not(found) if negative else found

    def _plain(self, field: str | None, depth: int) -> Condition:
        if self._next("("):
            found = self._either(field, depth + 1)
            if not self._next(")"):
                raise wrong("括号不配对", "a bracket is not closed")
            return found
        if self._at >= len(self._tokens):
            raise wrong("不完整", "it is not whole")
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "field" and field is None:
            return self._of(token.text, depth)
        if field is None or token.kind in ("sign", "field"):
            raise wrong("每个条件须为 字段:值", "every clause is field:value")
        return _value(field, token)

    def _of(self, field: str, depth: int) -> Condition:
        if field == "*":
            if self._at < len(self._tokens) and self._tokens[self._at].text == "*":
                self._at += 1
                return Always()
            raise fields.unknown(field)
        if field not in fields.FIELDS:
            raise fields.unknown(field)
        return self._plain(field, depth)


def _value(field: str, token: Token) -> Condition:
    if token.kind == "range":
        return fields.between(field, token.low, token.high)
    if token.kind == "quoted":
        return fields.equal(field, token.text)
    if token.text == "*":
        return fields.present(field)
    text = re.sub(r"\\(.)", r"\1", token.text, flags=re.DOTALL)
    bare = re.sub(r"\\.", "", token.text, flags=re.DOTALL)
    if bare.endswith("*") and bare.count("*") == 1:
        return fields.equal(field, text[:-1], beginning=True)
    if "*" in bare or "?" in bare or "~" in bare:
        raise wrong("通配符只能在末尾", "a wildcard stands at the end only")
    return fields.equal(field, text)
