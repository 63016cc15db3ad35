"""DCAT in any form of RDF, with Hydra pages.

XML and Turtle are looked through first: no document type, so no entities, and no depth beyond what RDF needs. JSON-LD may
name no context by address: none is ever fetched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from quanmin.opendata.faces.graph import PREFIXES
from quanmin.opendata.harvest.fetch import Page
from quanmin.opendata.harvest.found import Batch, Broken, Found, access, code, distribution, texts, whole, words
from quanmin.text import Language

ACCEPT = "text/turtle, application/n-triples;q=0.9, application/rdf+xml;q=0.8, application/ld+json;q=0.7"
TRIPLES, DEPTH = 1_000_000, 50
_MEDIA = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}
_TYPES = ("dcat:DataService", "dcat:DatasetSeries", "dcat:Dataset")
_HYDRA = "http://www.w3.org/ns/hydra/core#"
Value = NamedNode | BlankNode | Literal


class Graph:
    """What is said of each subject."""

    def __init__(self, page: Page) -> None:
        self.base = page.address
        self.said: dict[str, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
        try:
            for number, one in enumerate(parse(page.body, format=_form(page), base_iri=page.address)):
                if number >= TRIPLES:
                    raise Broken(f"more than {TRIPLES:,} triples")
                if isinstance(one.object, NamedNode | BlankNode | Literal):
                    self.said[_key(one.subject)][one.predicate.value].append(one.object)
        except SyntaxError as error:
            raise Broken(f"line {error.lineno or '?'}") from None
        except (ValueError, OSError) as error:
            raise error if isinstance(error, Broken) else Broken(type(error).__name__) from None

    def all(self, subject: str, name: str) -> list[Value]:
        """The objects of a property; the names of schema.org are not read."""
        prefix, _, local = name.partition(":")
        return self.said[subject].get(PREFIXES[prefix] + local, []) if subject in self.said else []

    def one(self, subject: str, name: str) -> str | None:
        """The first of them as text."""
        return next((_text(one) for one in self.all(subject, name)), None)

    def keys(self, subject: str, name: str) -> list[str]:
        """Those that are nodes."""
        return [_key(one) for one in self.all(subject, name) if not isinstance(one, Literal)]

    def typed(self, name: str) -> list[str]:
        """The subjects of a class, in the order in which they came."""
        prefix, _, local = name.partition(":")
        wanted = NamedNode(PREFIXES[prefix] + local)
        return [subject for subject, said in self.said.items() if wanted in said.get(PREFIXES["rdf"] + "type", [])]

    def texts(self, subject: str, name: str, language: Language) -> dict[str, str] | None:
        """A text in its languages."""
        made: dict[str, str] = {}
        for one in self.all(subject, name):
            if isinstance(one, Literal):
                made.setdefault(one.language or language, one.value)
        return texts(made, language)


def _key(node: object) -> str:
    return f"_:{node.value}" if isinstance(node, BlankNode) else str(getattr(node, "value", ""))


def _text(value: Value) -> str:
    return value.value


def _form(page: Page) -> RdfFormat:
    """The form by its media type, else by how it begins."""
    form = _MEDIA.get(page.media)
    start = page.body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if form is None:
        form = (
            RdfFormat.RDF_XML
            if start.startswith((b"<?xml", b"<rdf", b"<!"))
            else RdfFormat.JSON_LD
            if start[:1] in (b"{", b"[")
            else RdfFormat.TURTLE
        )
    if form == RdfFormat.RDF_XML:
        _look_through(page.body)
    elif form == RdfFormat.TURTLE:
        _measure(page.body)
    return form


_TOKEN = re.compile(
    rb'"""(?:[^"\\]|\\.|"(?!""))*"""'
    rb"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    rb'|"(?:[^"\\\n]|\\.)*"'
    rb"|'(?:[^'\\\n]|\\.)*'"
    rb"|<[^<>\s]*>|#[^\n]*|[\[(]|[\])]",
    re.S,
)
"""A string, an IRI, a comment, or a bracket of Turtle."""


def _measure(body: bytes) -> None:
    """Refuse brackets in brackets beyond reason: each costs the parser hundreds of bytes until it is closed."""
    depth = 0
    for found in _TOKEN.finditer(body):
        sign = found.group()
        if len(sign) == 1:
            depth += 1 if sign in b"[(" else -1
            if depth > DEPTH:
                line = body.count(b"\n", 0, found.start()) + 1
                raise Broken(f"nested too deep, line {line}")


def _look_through(body: bytes) -> None:
    """Refuse a document type and depth beyond reason; what is no XML, too."""
    parser, depth = expat.ParserCreate(), 0

    def refuse(*_given: object) -> None:
        raise Broken(f"a document type, line {parser.CurrentLineNumber}")

    def start(*_given: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise Broken(f"nested too deep, line {parser.CurrentLineNumber}")

    def end(*_given: object) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler, parser.StartElementHandler, parser.EndElementHandler = refuse, start, end
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Broken(f"line {error.lineno}") from None


def read(page: Page, language: Language) -> Batch:
    """The records of a page; Broken."""
    graph = Graph(page)
    seen: set[str] = set()
    made = Batch()
    for kind in _TYPES:
        for subject in graph.typed(kind):
            if subject not in seen:
                seen.add(subject)
                made.found.append(_record(graph, subject, kind, language))
    made.next = _next(graph, page)
    return made


def _next(graph: Graph, page: Page) -> str | None:
    for name in ("next", "nextPage"):
        for said in list(graph.said.values()):
            for one in said.get(_HYDRA + name, []):
                return urljoin(page.address, one.value)
    return None


def _record(graph: Graph, subject: str, kind: str, language: Language) -> Found:
    publisher = next(iter(graph.keys(subject, "dct:publisher")), "")
    original = subject if not subject.startswith("_:") else graph.one(subject, "dct:identifier") or ""
    parts = {
        "@type": kind,
        "dct:title": graph.texts(subject, "dct:title", language),
        "dct:description": graph.texts(subject, "dct:description", language),
        "dcat:keyword": _keywords(graph, subject, language),
        "dct:publisher": _agent(graph, publisher, language),
        "quanmin:access": access(*[_text(one) for one in graph.all(subject, "dct:accessRights")]),
        "dcat:theme": words(code("theme", _text(one)) for one in graph.all(subject, "dcat:theme")),
        "dct:accrualPeriodicity": code("frequency", graph.one(subject, "dct:accrualPeriodicity")),
        "dct:issued": graph.one(subject, "dct:issued"),
        "dct:modified": graph.one(subject, "dct:modified"),
        "dcat:version": graph.one(subject, "dcat:version"),
        "dct:temporal": [_period(graph, one) for one in graph.keys(subject, "dct:temporal")],
        "dcat:contactPoint": _contact(graph, subject),
        "dct:source": [subject] if subject.startswith(("http://", "https://")) else None,
        "dcat:endpointURL": _address(graph, graph.one(subject, "dcat:endpointURL")),
        "dcat:distribution": [
            _distribution(graph, one, number, language)
            for number, one in enumerate(graph.keys(subject, "dcat:distribution"), 1)
        ],
    }
    return Found(original, whole(parts))


def _keywords(graph: Graph, subject: str, language: Language) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for one in graph.all(subject, "dcat:keyword"):
        if isinstance(one, Literal):
            for spoken in texts({one.language or language: one.value}, language) or {}:
                made.setdefault(spoken, []).append(one.value)
    return made


def _agent(graph: Graph, subject: str, language: Language) -> dict[str, Any] | None:
    name = graph.texts(subject, "foaf:name", language)
    return {"name": name, "id": graph.one(subject, "dct:identifier")} if name else None


def _period(graph: Graph, subject: str) -> dict[str, str]:
    return whole({name: graph.one(subject, name) for name in ("dcat:startDate", "dcat:endDate")})


def _contact(graph: Graph, subject: str) -> dict[str, str] | None:
    for one in graph.keys(subject, "dcat:contactPoint"):
        email = graph.one(one, "vcard:hasEmail")
        said = {"vcard:fn": graph.one(one, "vcard:fn"), "vcard:hasEmail": email and email.removeprefix("mailto:")}
        return whole(said | {"vcard:hasURL": _address(graph, graph.one(one, "vcard:hasURL"))}) or None
    return None


def _address(graph: Graph, value: str | None) -> str | None:
    return urljoin(graph.base, value) if value else None


def _distribution(graph: Graph, subject: str, number: int, language: Language) -> dict[str, Any]:
    download = _address(graph, graph.one(subject, "dcat:downloadURL"))
    size, licence = graph.one(subject, "dcat:byteSize"), graph.one(subject, "dct:license")
    known = code("licence", licence)
    checksum = next(iter(graph.keys(subject, "spdx:checksum")), "")
    value = graph.one(checksum, "spdx:checksumValue")
    return distribution(
        number,
        dct__title=graph.texts(subject, "dct:title", language),
        dcat__accessURL=_address(graph, graph.one(subject, "dcat:accessURL")) or download,
        dcat__downloadURL=download,
        dct__format=code("file_type", graph.one(subject, "dct:format"), graph.one(subject, "dcat:mediaType")),
        dct__license=known,
        dct__rights=licence if licence and not known else None,
        dcat__byteSize=int(size) if size and size.isascii() and size.isdigit() and len(size) < 19 else None,
        spdx__checksum=_checksum(graph.one(checksum, "spdx:algorithm"), value),
    )


def _checksum(algorithm: str | None, value: str | None) -> dict[str, str] | None:
    if not algorithm or not value:
        return None
    name = algorithm.rsplit("#", 1)[-1].removeprefix("checksumAlgorithm_")
    return {"spdx:algorithm": name, "spdx:checksumValue": value}
