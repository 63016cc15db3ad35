"""A record as DCAT-AP 3 (and, of health data, HealthDCAT-AP Release 8), and a page of the catalogue.

Sources: W3C DCAT 3; SEMIC DCAT-AP 3.0.1; HealthDCAT-AP Release 8. Addresses are absolute. A concept of a value set is described
beside what uses it (label, scheme), because validators ask for the scheme of every code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from quanmin.opendata.catalogue.record import Contact, Distribution, Document, Record, read
from quanmin.opendata.faces import health
from quanmin.opendata.faces.graph import PREFIXES, Graph, Iri, Node
from quanmin.opendata.faces.issuer import Issuer
from quanmin.opendata.faces.part import coded, mailto, statement

PAGE = 100
"""Records on a page of the catalogue."""


def describe(graph: Graph, document: Document, issuer: Issuer) -> Node:
    """Say what a record says."""
    record = read(document)
    made = graph.node(issuer.page(record.name), record.type)
    made.put("dct:identifier", record.id)
    made.put("dct:title", record.title)
    made.put("dct:description", record.description)
    for language, words in record.keywords.items():
        made.words("dcat:keyword", words, language)
    made.put("dcat:landingPage", Iri(issuer.page(record.name)))
    made.put("dct:issued", record.issued)
    made.put("dct:modified", record.modified)
    made.put("dcat:version", record.version)
    coded(graph, made, "dct:accessRights", record.access, "dct:RightsStatement")
    for theme in record.themes:
        coded(graph, made, "dcat:theme", theme)
    if record.type == "dcat:DataService":
        made.put("dcat:endpointURL", Iri(issuer.absolute(record.endpoint or "")))
    else:
        _data(graph, made, record, issuer)
    _people(graph, made, record, issuer)
    if record.type == "dcat:Dataset" and health.concerns(document, record):
        health.describe(graph, made, document, record, issuer)
    return made


def _data(graph: Graph, made: Node, record: Record, issuer: Issuer) -> None:
    """What a dataset or a series has and a service has not."""
    if record.frequency:
        coded(graph, made, "dct:accrualPeriodicity", record.frequency, "dct:Frequency")
    for number, period in enumerate(record.periods, 1):
        part = graph.node(f"{made.iri}#period-{number}", "dct:PeriodOfTime")
        part.put("dcat:startDate", period.start)
        part.put("dcat:endDate", period.end)
        made.put("dct:temporal", Iri(part.iri))
    for region in record.regions:
        place = graph.node(f"{made.iri}#place-{region.code}", "dct:Location")
        place.put("dct:identifier", region.code)
        place.put("skos:prefLabel", region.title)
        made.put("dct:spatial", Iri(place.iri))
    if record.series:
        made.put("dcat:inSeries", Iri(issuer.page(record.series)))
    _origin(graph, made, record)
    for one in record.distributions:
        made.put("dcat:distribution", Iri(_distribution(graph, made, one, issuer).iri))


def _origin(graph: Graph, made: Node, record: Record) -> None:
    for source in record.origin.sources:
        made.put("dct:source", Iri(source if "://" in source else f"urn:quanmin:source:{source}"))
    if record.origin.words:
        statement(graph, made, record.origin.words)


def _distribution(graph: Graph, made: Node, one: Distribution, issuer: Issuer) -> Node:
    part = graph.node(f"{made.iri}#distribution-{one.id}", "dcat:Distribution")
    part.put("dct:identifier", one.id)
    if one.title.zh or one.title.en:
        part.put("dct:title", one.title)
    part.put("dcat:accessURL", Iri(issuer.absolute(one.access_url)))
    if one.download_url:
        part.put("dcat:downloadURL", Iri(issuer.absolute(one.download_url)))
    if one.format:
        coded(graph, part, "dct:format", one.format, "dct:MediaTypeOrExtent")
        media = one.format.text("media")
        part.put("dcat:mediaType", Iri(f"https://www.iana.org/assignments/media-types/{media}") if media else None)
    if one.licence:
        coded(graph, part, "dct:license", one.licence, "dct:LicenseDocument")
    part.put("dcat:byteSize", one.size)
    if one.checksum:
        algorithm, value = one.checksum
        checksum = graph.node(f"{part.iri}-checksum", "spdx:Checksum")
        checksum.put("spdx:algorithm", Iri(f"{PREFIXES['spdx']}checksumAlgorithm_{algorithm.lower()}"))
        checksum.put("spdx:checksumValue", value, "xsd:hexBinary")
        part.put("spdx:checksum", Iri(checksum.iri))
    return part


def _people(graph: Graph, made: Node, record: Record, issuer: Issuer) -> None:
    contact = record.contact or issuer.contact
    publisher = graph.node(f"{made.iri}#publisher", "foaf:Agent")
    publisher.put("dct:identifier", record.publisher.id)
    publisher.put("foaf:name", record.publisher.name)
    made.put("dct:publisher", Iri(publisher.iri))
    if contact and (contact.email or contact.url):
        made.put("dcat:contactPoint", Iri(_contact(graph, made, contact, issuer).iri))
        if record.type == "dcat:Dataset":
            health.reach(graph, publisher, contact.email, contact.url and issuer.absolute(contact.url))


def _contact(graph: Graph, made: Node, contact: Contact, issuer: Issuer) -> Node:
    card = graph.node(f"{made.iri}#contact", "vcard:Kind")
    card.put("vcard:fn", contact.name or None)
    card.put("vcard:hasEmail", Iri(mailto(contact.email)) if contact.email else None)
    card.put("vcard:hasURL", Iri(issuer.absolute(contact.url)) if contact.url else None)
    return card


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of how many records, and how the addresses of its pages end."""

    page: int
    total: int
    ending: str

    @property
    def last(self) -> int:
        """The number of the last page; an empty catalogue has one."""
        return max(1, -(-self.total // PAGE))


def catalogue(documents: Iterable[Document], issuer: Issuer, paging: Paging) -> Graph:
    """A page of the catalogue: it, its records, and where the other pages are (Hydra)."""
    graph = Graph()
    made = graph.node(f"{issuer.origin}/catalog", "dcat:Catalog")
    made.put("dct:title", issuer.title)
    made.put("dct:description", issuer.description)
    made.put("foaf:homepage", Iri(f"{issuer.origin}/"))
    made.put_all("dcatap:applicableLegislation", [Iri(one) for one in issuer.legislation])
    publisher = graph.node(f"{made.iri}#publisher", "foaf:Agent")
    publisher.put("foaf:name", issuer.name)
    made.put("dct:publisher", Iri(publisher.iri))
    for document in documents:
        found = describe(graph, document, issuer)
        made.put("dcat:service" if document["@type"] == "dcat:DataService" else "dcat:dataset", Iri(found.iri))
    _paged(graph, made, paging)
    return graph


def _paged(graph: Graph, made: Node, paging: Paging) -> None:
    def address(page: int) -> Iri:
        return Iri(f"{made.iri}.{paging.ending}?page={page}")

    page = graph.node(address(paging.page), "hydra:PagedCollection")
    page.put("hydra:totalItems", paging.total, "xsd:integer")
    page.put("hydra:itemsPerPage", PAGE, "xsd:integer")
    page.put("hydra:first", address(1))
    page.put("hydra:last", address(paging.last))
    page.put("hydra:next", address(paging.page + 1) if paging.page < paging.last else None)
    page.put("hydra:previous", address(paging.page - 1) if paging.page > 1 else None)


def tombstone(record: str, name: str, reason: str, since: str, issuer: Issuer) -> Graph:
    """What is left of a record that was withdrawn: its identifier, that it is gone, since when and why."""
    graph = Graph()
    made = graph.node(issuer.page(name), "dcat:Resource")
    made.put("dct:identifier", record)
    made.put("adms:status", Iri("http://publications.europa.eu/resource/authority/dataset-status/WITHDRAWN"))
    made.put("prov:invalidatedAtTime", since, "xsd:dateTime")
    made.put("rdfs:comment", reason)
    return graph
