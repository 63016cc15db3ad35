"""A graph of RDF as it is made: nodes with IRIs, what is said of them, each triple once, the triples of a node together.

There are no blank nodes: whatever a record holds has an address below the record's, so that two forms of one page are equal
triple by triple, and a part can be cited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from quanmin.text import LANGUAGES, Text

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geodcatap": "http://data.europa.eu/930/",
    "healthdcatap": "http://healthdataportal.eu/ns/health#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_NOT_IN_AN_IRI = re.compile(r"%(?![0-9A-Fa-f]{2})|[\x00-\x20<>\"{}|\\^`\[\]\x7f-\x9f]")


class Iri(str):
    """An address or a name of something, as opposed to words."""

    __slots__ = ()


@cache
def term(name: str) -> NamedNode:
    """The node of a name with prefix, as `dct:title`."""
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def node(iri: str) -> NamedNode:
    """The node of an IRI; signs that no IRI has are percent-encoded (RFC 3987)."""
    try:
        return NamedNode(iri)
    except ValueError:
        return NamedNode(_NOT_IN_AN_IRI.sub(lambda found: quote(found.group(), safe=""), iri))


Value = str | int | bool | date | Text | Iri | None


class Graph:
    """The triples so far, in the order in which they were said."""

    def __init__(self) -> None:
        self.triples: list[Triple] = []
        self._described: set[str] = set()

    def node(self, iri: str, *types: str) -> Node:
        """A node, its types said."""
        made = Node(self, iri)
        for one in types:
            made.put("rdf:type", Iri(PREFIXES[one.partition(":")[0]] + one.partition(":")[2]))
        return made

    def first(self, iri: str) -> bool:
        """Whether nobody asked this of the IRI before: what several records share is described once."""
        if iri in self._described:
            return False
        self._described.add(iri)
        return True


class Node:
    """One subject and what is said of it."""

    __slots__ = ("_graph", "iri", "subject")

    def __init__(self, graph: Graph, iri: str) -> None:
        self._graph, self.iri, self.subject = graph, iri, node(iri)

    def put(self, predicate: str, value: Value, datatype: str | None = None) -> None:
        """Say something; of a text both languages, of None nothing."""
        for one in _objects(value, datatype):
            self._graph.triples.append(Triple(self.subject, term(predicate), one))

    def put_all(self, predicate: str, values: Iterable[Value]) -> None:
        """Say the same of several values."""
        for one in values:
            self.put(predicate, one)

    def words(self, predicate: str, values: Iterable[str], language: str) -> None:
        """Words in a language."""
        for one in values:
            triple = Triple(self.subject, term(predicate), Literal(one, language=language))
            self._graph.triples.append(triple)


def _objects(value: Value, datatype: str | None) -> Iterator[NamedNode | Literal]:
    if value is None:
        return
    if isinstance(value, Text):
        yield from _both(value)
    elif isinstance(value, Iri):
        yield node(value)
    elif isinstance(value, bool):
        yield Literal("true" if value else "false", datatype=term("xsd:boolean"))
    elif isinstance(value, date):
        yield Literal(value.isoformat(), datatype=term("xsd:date"))
    elif isinstance(value, int):
        yield Literal(str(value), datatype=term(datatype or "xsd:nonNegativeInteger"))
    else:
        yield Literal(value, datatype=term(datatype)) if datatype else Literal(value)


def _both(value: Text) -> Iterator[Literal]:
    """A text in each language that it was given in: one that stands in both was given in one."""
    if value.zh == value.en:
        language = "zh" if re.search("[\u3400-\u9fff]", value.zh) else "en"
        yield Literal(value.zh, language=language)
        return
    for one in LANGUAGES:
        yield Literal(value.get(one), language=one)
