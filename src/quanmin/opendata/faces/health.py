"""What HealthDCAT-AP Release 8 adds to a record of health data, and what of it a record lacks.

A record says it in its own document (`healthdcatap:...`, `dcatap:applicableLegislation`, `dct:type`, `dct:provenance`); what all
records of an installation share stands in its profile. Nothing is assumed. The list of what is mandatory at which level of access
is data: `profiles/healthdcat_ap_r8.toml`.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from quanmin.opendata.catalogue.record import Document, Record, text
from quanmin.opendata.faces.graph import Graph, Iri, Node, term
from quanmin.opendata.faces.issuer import Body, Issuer
from quanmin.opendata.faces.part import scheme, statement
from quanmin.text import Text

if TYPE_CHECKING:
    from pyoxigraph import Triple

PROFILE = "https://healthdataeu.pages.code.europa.eu/healthdcat-ap/releases/release-8/"
CATEGORIES = "https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/"
TYPES = "http://publications.europa.eu/resource/authority/dataset-type/"
_COUNTED = ("numberOfRecords", "numberOfUniqueIndividuals", "minTypicalAge", "maxTypicalAge")


def concerns(document: Document, record: Record) -> bool:
    """Whether it is about health: its theme, or that it says something of HealthDCAT-AP beyond its fields."""
    own = any(key.startswith("healthdcatap:") and key != "healthdcatap:hasVariables" for key in document)
    return own or any(theme.code == "HEAL" for theme in record.themes)


def describe(graph: Graph, made: Node, document: Document, record: Record, issuer: Issuer) -> None:
    """Say what is known."""
    laws = _list(document.get("dcatap:applicableLegislation")) or issuer.legislation
    for law in laws:
        made.put("dcatap:applicableLegislation", Iri(law))
        for one in record.distributions:
            graph.node(f"{made.iri}#distribution-{one.id}").put("dcatap:applicableLegislation", Iri(law))
    for code in _list(document.get("healthdcatap:healthCategory")) or issuer.categories:
        _code(graph, made, "healthdcatap:healthCategory", code, CATEGORIES)
    kinds = _list(document.get("dct:type")) or ((issuer.dataset_type,) if issuer.dataset_type else ())
    for kind in kinds:
        _code(graph, made, "dct:type", kind, TYPES)
    body = _body(document.get("healthdcatap:hdab")) or issuer.access_body
    if body:
        _access_body(graph, made, body, issuer)
    if issuer.provenance and not record.origin.words:
        statement(graph, made, issuer.provenance)
    _figures(made, document)
    structured = document.get("healthdcatap:hasStructuredData")
    if isinstance(structured, bool) or record.variables:
        made.put("healthdcatap:hasStructuredData", bool(record.variables) if structured is None else structured)
    if record.variables:
        _fields(graph, made, record)


def reach(graph: Graph, agent: Node, email: str | None, page: str | None) -> None:
    """How an agent of the health profile is reached: exactly one contact point of the Core Vocabularies."""
    card = graph.node(f"{agent.iri}-contact", "cv:ContactPoint")
    card.put("cv:email", email)
    card.put("cv:contactPage", Iri(page) if page else None)
    agent.put("cv:contactPoint", Iri(card.iri))


def _access_body(graph: Graph, made: Node, body: Body, issuer: Issuer) -> None:
    agent = graph.node(f"{made.iri}#access-body", "foaf:Agent")
    agent.put("foaf:name", body.name)
    reach(graph, agent, body.email, body.page and issuer.absolute(body.page))
    made.put("healthdcatap:hdab", Iri(agent.iri))


def _body(said: Any) -> Body | None:
    if not isinstance(said, Mapping) or not isinstance(said.get("foaf:name"), Mapping):
        return None
    email, page = said.get("cv:email"), said.get("cv:contactPage")
    if not any(isinstance(one, str) for one in (email, page)):
        return None
    return Body(text(said["foaf:name"]), _word(email), _word(page))


def _figures(made: Node, document: Document) -> None:
    for name in _COUNTED:
        value = document.get(f"healthdcatap:{name}")
        if type(value) is int and value >= 0:
            made.put(f"healthdcatap:{name}", value)
    coverage = document.get("healthdcatap:populationCoverage")
    if isinstance(coverage, Mapping):
        made.put("healthdcatap:populationCoverage", text(coverage))


def _fields(graph: Graph, made: Node, record: Record) -> None:
    """The fields as CSV on the Web writes them; `csvw:column` is repeated, as the profile has it."""
    group = graph.node(f"{made.iri}#variables", "csvw:TableGroup")
    table = graph.node(f"{made.iri}#table", "csvw:Table")
    for one in (group, table):
        one.put("dct:title", record.title)
    group.put("csvw:table", Iri(table.iri))
    made.put("healthdcatap:hasVariables", Iri(group.iri))
    for number, variable in enumerate(record.variables, 1):
        column = graph.node(f"{made.iri}#column-{number}", "csvw:Column")
        title = variable.title if variable.title.zh or variable.title.en else Text(variable.name, variable.name)
        column.put("csvw:name", variable.name)
        column.put("csvw:title", title)
        column.put("csvw:datatype", variable.datatype)
        column.put("dct:description", variable.description or title)
        table.put("csvw:column", Iri(column.iri))


def _code(graph: Graph, made: Node, predicate: str, code: str, base: str) -> None:
    iri = code if "://" in code else base + code
    made.put(predicate, Iri(iri))
    if graph.first(iri):
        graph.node(iri).put("skos:inScheme", Iri(scheme(iri)))


@dataclass(frozen=True, slots=True)
class Lack:
    """A mandatory property that a record has not: its name, what it holds, and at which address it is missing."""

    property: str
    title: Text
    subject: str


@cache
def _mandatory() -> tuple[Mapping[str, Any], ...]:
    file = resources.files(__package__).joinpath("profiles", "healthdcat_ap_r8.toml")
    return tuple(tomllib.loads(file.read_text("utf-8"))["property"])


def lacks(triples: Iterable[Triple], level: str) -> Iterator[Lack]:
    """What the datasets of some triples lack at a level of access: PUBLIC, RESTRICTED or NON_PUBLIC."""
    said: dict[str, set[str]] = defaultdict(set)
    types: dict[str, list[str]] = defaultdict(list)
    for one in triples:
        subject, value = getattr(one.subject, "value", ""), getattr(one.object, "value", "")
        said[subject] |= {one.predicate.value, f"{one.predicate.value} {value}"}
        if one.predicate == term("rdf:type"):
            types[value].append(subject)
    for rule in _mandatory():
        name, needed = term(rule["name"]).value, level in rule["levels"]
        when = f"{term(rule['when']).value} true" if "when" in rule else None
        for subject in types[term(rule["on"]).value] if needed else ():
            if name not in said[subject] and (when is None or when in said[subject]):
                yield Lack(rule["name"], Text(rule["zh"], rule["en"]), subject)


def _list(value: Any) -> tuple[str, ...]:
    many = value if isinstance(value, list) else [value]
    return tuple(one for one in many if isinstance(one, str))


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None
