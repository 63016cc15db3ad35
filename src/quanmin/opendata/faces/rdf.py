"""The RDF forms of a graph: Turtle, RDF/XML, JSON-LD, N-Triples."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import RdfFormat, serialize

from quanmin.opendata.faces.graph import PREFIXES, Graph, term


@dataclass(frozen=True, slots=True)
class Form:
    """One form: how its addresses end, its media type, and how it is written."""

    ending: str
    media: str
    format: RdfFormat


FORMS = {
    one.ending: one
    for one in (
        Form("ttl", "text/turtle", RdfFormat.TURTLE),
        Form("jsonld", "application/ld+json", RdfFormat.JSON_LD),
        Form("rdf", "application/rdf+xml", RdfFormat.RDF_XML),
        Form("nt", "application/n-triples", RdfFormat.N_TRIPLES),
    )
}


def write(graph: Graph, form: Form) -> bytes:
    """The graph in a form, UTF-8."""
    named = {one.predicate.value for one in graph.triples}
    named |= {getattr(one.object, "value", "") for one in graph.triples if one.predicate == term("rdf:type")}
    used = {prefix: iri for prefix, iri in PREFIXES.items() if any(name.startswith(iri) for name in named)}
    made = serialize(graph.triples, format=form.format, prefixes=used | {"xsd": PREFIXES["xsd"]})
    assert made is not None  # it is None only where an output was given
    return made
