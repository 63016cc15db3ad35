"""One record as a graph, and what it lacks of the health profile."""

from __future__ import annotations

from quanmin.opendata.catalogue.record import Document, read
from quanmin.opendata.faces import dcat, health
from quanmin.opendata.faces.graph import Graph
from quanmin.opendata.faces.issuer import Issuer


def dataset(document: Document, issuer: Issuer) -> Graph:
    """A record alone, as DCAT-AP 3; of health data, as HealthDCAT-AP Release 8. Without a catalogue around it, which the
    shapes of that profile would take for a dataset."""
    graph = Graph()
    dcat.describe(graph, document, issuer)
    return graph


def missing(document: Document, issuer: Issuer) -> tuple[health.Lack, ...]:
    """What a dataset of health data lacks of HealthDCAT-AP Release 8 at its level of access; none of what is no such thing."""
    record = read(document)
    if record.type != "dcat:Dataset" or not health.concerns(document, record):
        return ()
    level = record.access.iri.rsplit("/", 1)[-1]
    return tuple(health.lacks(dataset(document, issuer).triples, level))
