"""What HealthDCAT-AP Release 8 makes mandatory, held against a table of its own, at every level of access."""

import pytest
from pyoxigraph import RdfFormat, Store

from quanmin.opendata import faces

ALL, CLOSED = {"PUBLIC", "RESTRICTED", "NON_PUBLIC"}, {"NON_PUBLIC"}
# From the specification: HealthDCAT-AP Release 8, class Dataset, cardinality 1..n or 1..1 by level of access; DCAT-AP 3.0.1.
MANDATORY = {
    "http://purl.org/dc/terms/title": ALL,
    "http://purl.org/dc/terms/description": ALL,
    "http://purl.org/dc/terms/identifier": ALL,
    "http://purl.org/dc/terms/accessRights": ALL,
    "http://data.europa.eu/r5r/applicableLegislation": ALL,
    "http://www.w3.org/ns/dcat#distribution": ALL,
    "http://www.w3.org/ns/dcat#theme": ALL,
    "http://healthdataportal.eu/ns/health#hdab": ALL,
    "http://healthdataportal.eu/ns/health#healthCategory": ALL,
    "http://healthdataportal.eu/ns/health#hasStructuredData": ALL,
    "http://healthdataportal.eu/ns/health#hasVariables": ALL,
    "http://www.w3.org/ns/dcat#contactPoint": CLOSED,
    "http://www.w3.org/ns/dcat#keyword": CLOSED,
    "http://purl.org/dc/terms/type": CLOSED,
    "http://purl.org/dc/terms/provenance": CLOSED,
}
EXACTLY_ONE = {
    "http://purl.org/dc/terms/accessRights",
    "http://healthdataportal.eu/ns/health#hdab",
    "http://healthdataportal.eu/ns/health#hasStructuredData",
}
LEVELS = {"public": "PUBLIC", "registered": "RESTRICTED", "application": "RESTRICTED", "closed": "NON_PUBLIC"}


def parsed(document, issuer):
    """The dataset read again from Turtle, as a stranger reads it."""
    store = Store()
    store.load(faces.rdf.write(faces.dataset(document, issuer), faces.rdf.FORMS["ttl"]), format=RdfFormat.TURTLE)
    return store


def ask(store, question):
    return bool(
        store.query(
            "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> "
            "PREFIX cv: <http://data.europa.eu/m8g/> PREFIX foaf: <http://xmlns.com/foaf/0.1/> "
            "PREFIX r5r: <http://data.europa.eu/r5r/> PREFIX csvw: <http://www.w3.org/ns/csvw#> "
            "PREFIX h: <http://healthdataportal.eu/ns/health#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
            f"ASK {{ {question} }}"
        )
    )


@pytest.mark.parametrize("access", LEVELS)
def test_a_whole_record_has_everything_that_its_level_asks_for(record, issuer, access):
    store = parsed(record(access), issuer)
    for iri, levels in MANDATORY.items():
        if LEVELS[access] in levels:
            found = list(store.query(f"SELECT ?o {{ ?d a <http://www.w3.org/ns/dcat#Dataset> ; <{iri}> ?o }}"))
            assert found, iri
            assert len(found) == 1 or iri not in EXACTLY_ONE, iri
    right = f"http://publications.europa.eu/resource/authority/access-right/{LEVELS[access]}"
    assert ask(store, f"?d a dcat:Dataset ; dct:accessRights <{right}>")
    assert faces.missing(record(access), issuer) == ()


def test_the_parts_of_a_record_have_what_they_need(record, issuer):
    store = parsed(record("closed"), issuer)
    assert not ask(store, "?d a dcat:Distribution FILTER NOT EXISTS { ?d r5r:applicableLegislation ?l }")
    assert not ask(store, "?d a dcat:Distribution FILTER NOT EXISTS { ?d dcat:accessURL ?l }")
    assert not ask(store, "?a a foaf:Agent FILTER NOT EXISTS { ?a cv:contactPoint ?c . ?c a cv:ContactPoint }")
    assert not ask(store, "?a a foaf:Agent FILTER NOT EXISTS { ?a foaf:name ?n }")
    assert not ask(store, "?g a csvw:TableGroup FILTER NOT EXISTS { ?g dct:title ?t ; csvw:table ?x }")
    column = "csvw:name ?n ; csvw:title ?t ; csvw:datatype ?y ; dct:description ?d"
    assert ask(store, f"?c a csvw:Column ; {column}")
    assert not ask(store, f"?c a csvw:Column FILTER NOT EXISTS {{ ?c {column} }}")
    assert not ask(store, "?c a skos:Concept FILTER NOT EXISTS { ?c skos:inScheme ?s ; skos:prefLabel ?p }")
    assert not ask(store, "?c a dcat:Catalog")


WITHOUT = {
    "dcatap:applicableLegislation": ({}, {"legislation": ()}, ALL),
    "healthdcatap:hdab": ({}, {"access_body": None}, ALL),
    "healthdcatap:healthCategory": ({"healthdcatap__healthCategory": None}, {}, ALL),
    "healthdcatap:hasStructuredData": ({"healthdcatap__hasVariables": None}, {}, ALL),
    "healthdcatap:hasVariables": (
        {"healthdcatap__hasVariables": None, "healthdcatap__hasStructuredData": True},
        {},
        ALL,
    ),
    "dcat:distribution": ({"dcat__distribution": None}, {}, ALL),
    "dcat:contactPoint": ({"dcat__contactPoint": None}, {"contact": None}, CLOSED),
    "dcat:keyword": ({"dcat__keyword": None}, {}, CLOSED),
    "dct:type": ({"dct__type": None}, {}, CLOSED),
    "dct:provenance": ({"dct__provenance": None}, {}, CLOSED),
}


@pytest.mark.parametrize("access", LEVELS)
@pytest.mark.parametrize("name", WITHOUT)
def test_what_is_missing_is_told_and_not_invented(record, issuer, access, name):
    from dataclasses import replace

    parts, less, levels = WITHOUT[name]
    document, known = record(access, **parts), replace(issuer, **less)
    told = {one.property for one in faces.missing(document, known)}
    assert (name in told) == (LEVELS[access] in levels)
    assert all(one.title.zh and one.title.en for one in faces.missing(document, known))


def test_an_installation_that_says_nothing_claims_nothing(record):
    bare = faces.Issuer("https://data.example.cn")
    told = {one.property for one in faces.missing(record(), bare)}
    assert told == {"dcatap:applicableLegislation", "healthdcatap:hdab"}
    assert "327" not in faces.rdf.write(faces.dataset(record(), bare), faces.rdf.FORMS["nt"]).decode()


def test_what_is_not_about_health_owes_the_health_profile_nothing(record, issuer):
    document = record(dcat__theme=["TRAN"], healthdcatap__healthCategory=None)
    assert faces.missing(document, issuer) == ()
    assert not ask(parsed(document, issuer), "?d h:hdab ?x")


def test_a_record_speaks_before_its_installation(record, issuer):
    body = {"foaf:name": {"zh": "甲", "en": "A"}, "cv:email": "a@example.cn"}
    store = parsed(record(healthdcatap__hdab=body, dcatap__applicableLegislation=["urn:law"]), issuer)
    assert ask(store, '?d h:hdab ?b . ?b cv:contactPoint ?c . ?c cv:email "a@example.cn"')
    assert not ask(store, '?c cv:email "access@example.cn"')
    assert ask(store, "?d a dcat:Dataset ; r5r:applicableLegislation <urn:law>")
    assert not ask(store, f"?d r5r:applicableLegislation <{issuer.legislation[0]}>")
