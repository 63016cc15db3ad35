"""Parts that several descriptions have: a code with its scheme, a statement, a mailbox."""

from __future__ import annotations

from quanmin.opendata.catalogue.vocabulary import Term
from quanmin.opendata.faces.graph import Graph, Iri, Node
from quanmin.text import Text


def statement(graph: Graph, made: Node, words: Text) -> None:
    """Where the data come from, in words."""
    said = graph.node(f"{made.iri}#provenance", "dct:ProvenanceStatement")
    said.put("rdfs:label", words)
    made.put("dct:provenance", Iri(said.iri))


def mailto(email: str) -> str:
    """The address of a mailbox as an IRI (RFC 6068)."""
    return email if email.startswith("mailto:") else f"mailto:{email}"


def coded(graph: Graph, made: Node, predicate: str, code: Term, *types: str) -> None:
    """A code of a value set, described beside it."""
    made.put(predicate, Iri(code.iri))
    if graph.first(code.iri):
        concept = graph.node(code.iri, "skos:Concept", *types)
        concept.put("skos:prefLabel", code.title)
        concept.put("skos:inScheme", Iri(scheme(code.iri)))


def scheme(iri: str) -> str:
    """The scheme of a concept: all of its IRI but the code."""
    stem = iri.rstrip("/")
    return stem[: max(stem.rfind("/"), stem.rfind(":"), stem.rfind("#"))]
