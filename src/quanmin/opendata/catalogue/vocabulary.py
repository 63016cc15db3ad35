"""The value sets of the catalogue: what each code means, its address in the authority table, and what follows from it."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

from quanmin import standards
from quanmin.text import Text

AREA = "area"


@dataclass(frozen=True, slots=True)
class Term:
    """One code of a value set; `facts` holds what its file says of it beside the titles (days, openness, media type)."""

    code: str
    title: Text
    iri: str
    facts: Mapping[str, str | int | float | bool] = field(default_factory=dict)

    def holds(self, fact: str) -> bool:
        """Whether a fact is said to be true of it."""
        return self.facts.get(fact) is True

    def text(self, fact: str) -> str | None:
        """A fact that is a word."""
        found = self.facts.get(fact)
        return found if isinstance(found, str) else None

    def number(self, fact: str) -> float | None:
        """A fact that is a number."""
        found = self.facts.get(fact)
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


@dataclass(frozen=True)
class Vocabulary:
    """One value set, by code; `find` takes a code in any case, or an address."""

    name: str
    title: Text
    source: str
    terms: Mapping[str, Term]
    _known: Mapping[str, Term]

    def find(self, value: object) -> Term | None:
        """The term of a code or an address; None if it is none."""
        return self._known.get(value.casefold()) if isinstance(value, str) else None


def vocabulary(name: str) -> Vocabulary:
    """A value set: `access`, `area`, `file_type`, `frequency`, `licence`, `state` or `theme`."""
    return _areas() if name == AREA else _read(name)


@functools.cache
def _read(name: str) -> Vocabulary:
    text = resources.files(__package__).joinpath("value_sets", f"{name}.toml").read_text("utf-8")
    document = tomllib.loads(text)
    terms = {code: _term(code, said, document["base"]) for code, said in document["terms"].items()}
    return _vocabulary(name, Text(**document["title"]), document["source"], terms)


def _term(code: str, said: Mapping[str, str | int | float | bool], base: str) -> Term:
    facts = {name: value for name, value in said.items() if name not in ("zh", "en", "iri")}
    return Term(code, Text(str(said["zh"]), str(said["en"])), str(said.get("iri", base + code)), facts)


@functools.cache
def _areas() -> Vocabulary:
    """The six business areas are those of the standards."""
    areas = standards.catalogue().areas
    terms = {one.id: Term(one.id, one.title, f"urn:quanmin:area:{one.id}") for one in areas.values()}
    return _vocabulary(AREA, Text("业务领域", "Business area"), "国卫规划发〔2013〕32号", terms)


def _vocabulary(name: str, title: Text, source: str, terms: Mapping[str, Term]) -> Vocabulary:
    known: dict[str, Term] = {}
    for term in terms.values():
        known.setdefault(term.iri.casefold(), term)  # two kinds of access share one address; the first is meant
        known[term.code.casefold()] = term
    return Vocabulary(name, title, source, terms, known)
