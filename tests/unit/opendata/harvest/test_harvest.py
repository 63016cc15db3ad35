"""Other portals, played on the loopback: what is taken, what is refused with its place, and what cannot hurt us."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from quanmin.ledger import Ledger
from quanmin.opendata import faces, harvest
from quanmin.opendata.catalogue import Catalogue, read
from quanmin.opendata.harvest import errors
from quanmin.settings import Settings
from quanmin.synth import open_catalogue
from quanmin.text import Text

LIMITS = harvest.Limits(seconds=3, read=1, page=1 << 20, whole=4 << 20, pages=20)
Answer = tuple[int, dict[str, str], bytes] | Callable[[Any], None]


class Portal:
    """A server of which a test says what it answers at which path."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                answer = outer.answers.get(self.path) or outer.answers.get(self.path.partition("?")[0])
                if callable(answer):
                    answer(self)
                    return
                status, headers, body = answer or (404, {}, b"")
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_given: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.01])
        self.thread.start()

    def put(self, path: str, body: bytes | str | dict[str, Any], media: str = "", status: int = 200) -> None:
        """What stands at a path."""
        said = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        self.answers[path] = (status, {"Content-Type": media} if media else {}, said)

    def close(self) -> None:
        """End."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def portal() -> Iterator[Portal]:
    made = Portal()
    yield made
    made.close()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Ledger.open(Settings(home=tmp_path / "home")) as ledger:
        yield Catalogue.open(ledger, tmp_path / "index")


def source(address: str, kind: str = "dcat", **parts: Any) -> harvest.Source:
    made = harvest.Source("province", address, kind, "province", Text("省门户", "The province"))
    return replace(made, **parts)


def run(catalogue: Catalogue, given: harvest.Source, **more: Any) -> harvest.Report:
    ledger = catalogue.store.ledger
    names = {one.source.name for one in harvest.sources(ledger)}
    known = harvest.get(ledger, given.name) if given.name in names else harvest.add(ledger, given, "officer")
    return harvest.run(catalogue, known, limits=more.pop("limits", LIMITS), **more)


def shown(catalogue: Catalogue) -> list[dict[str, Any]]:
    return [dict(step.document) for step in catalogue.store.published() if step.document is not None]


ISSUER = faces.Issuer("https://other.example")
DOCUMENTS = list(open_catalogue.documents(7))


def dcat(portal: Portal, documents: list[dict[str, Any]], ending: str = "ttl", size: int = 3) -> str:
    """The documents as another installation of ours would serve them, in pages of three."""
    form = faces.rdf.FORMS[ending]
    issuer = faces.Issuer(portal.origin)
    pages = [documents[start : start + size] for start in range(0, len(documents), size)] or [[]]
    for number, part in enumerate(pages, 1):
        graph = faces.catalogue(part, issuer, faces.Paging(number, len(pages) * faces.PAGE, ending))
        portal.put(f"/catalog.{ending}?page={number}", faces.rdf.write(graph, form), form.media)
    portal.answers[f"/catalog.{ending}"] = portal.answers[f"/catalog.{ending}?page=1"]
    return f"{portal.origin}/catalog.{ending}"


@pytest.mark.parametrize("ending", faces.rdf.FORMS)
def test_what_we_serve_comes_in_as_it_went_out(portal, catalogue, ending):
    report = run(catalogue, source(dcat(portal, DOCUMENTS, ending)))
    assert (report.pages, report.read, report.added, report.refusals) == (3, 7, 7, 0), report
    ours = {read(one).title: read(one) for one in shown(catalogue)}
    for document in DOCUMENTS:
        theirs = read(document)
        mine = ours[theirs.title]
        assert mine.description == theirs.description and dict(mine.keywords) == dict(theirs.keywords)
        assert (mine.access.iri, mine.themes, mine.frequency) == (theirs.access.iri, theirs.themes, theirs.frequency)
        assert mine.publisher == theirs.publisher and mine.periods == theirs.periods and mine.version == theirs.version
        assert mine.issued == theirs.issued and mine.modified == theirs.modified
        where = [
            (one.format, one.licence, one.size, one.checksum)
            for one in sorted(mine.distributions, key=lambda x: x.size)
        ]
        assert where == [
            (one.format, one.licence, one.size, one.checksum)
            for one in sorted(theirs.distributions, key=lambda x: x.size)
        ]
        assert all(one.access_url.startswith(portal.origin) for one in mine.distributions)
    one = shown(catalogue)[0]
    assert one["quanmin:harvest"]["source"] == "province" and one["quanmin:harvest"]["fetched"] == report.at
    assert one["quanmin:harvest"]["original"] in one["dct:source"]


def test_brackets_in_words_are_words(portal, catalogue):
    odd = "((([[[" * 30 + "\"'\\ # <"
    document = DOCUMENTS[0] | {"dct:description": {"zh": odd, "en": odd + "\n'''\"\"\" (("}}
    report = run(catalogue, source(dcat(portal, [document])))
    assert report.added == 1 and shown(catalogue)[0]["dct:description"]["zh"] == odd


def test_a_second_run_tells_added_changed_unchanged_and_gone(portal, catalogue):
    run(catalogue, source(dcat(portal, DOCUMENTS)))
    before = {one["dct:identifier"] for one in shown(catalogue)}
    portal.answers.clear()
    changed = DOCUMENTS[0] | {"dct:title": {"zh": "新名", "en": "new"}}
    report = run(
        catalogue,
        source(
            dcat(
                portal,
                [changed, *DOCUMENTS[1:4], *open_catalogue.documents(8)][:4] + list(open_catalogue.documents(9))[8:],
            )
        ),
    )
    assert (report.added, report.changed, report.unchanged, len(report.gone)) == (1, 1, 3, 3), report
    gone = report.gone[0]
    assert gone["record"] in before and gone["last_seen"] < report.at
    standing = catalogue.get(gone["record"])
    assert standing.state == "withdrawn" and "no longer" in standing.reason
    portal.answers.clear()
    again = run(catalogue, source(dcat(portal, DOCUMENTS)))
    assert again.added == 3 and catalogue.get(gone["record"]).state == "published"


def test_what_an_officer_withdrew_stays_withdrawn(portal, catalogue):
    run(catalogue, source(dcat(portal, DOCUMENTS)))
    own = shown(catalogue)[0]["dct:identifier"]
    catalogue.withdraw(own, "投诉", "officer")
    report = run(catalogue, source(f"{portal.origin}/catalog.ttl"))
    assert (report.held, report.added) == (1, 0) and catalogue.get(own).state == "withdrawn"


def test_an_empty_answer_withdraws_nothing_unless_it_is_meant(portal, catalogue):
    run(catalogue, source(dcat(portal, DOCUMENTS)))
    portal.answers.clear()
    dcat(portal, [])
    with pytest.raises(errors.NothingThere):
        run(catalogue, source(f"{portal.origin}/catalog.ttl"))
    assert len(shown(catalogue)) == 7
    assert len(run(catalogue, source(f"{portal.origin}/catalog.ttl"), accept_empty=True).gone) == 7


def test_records_that_break_rules_are_told_with_their_place(portal, catalogue):
    bad = [
        DOCUMENTS[0] | {"quanmin:name": "tag", "dct:title": {"zh": "<b>甲</b>", "en": "x"}},
        DOCUMENTS[1] | {"quanmin:name": "long", "dct:title": {"zh": "长" * 200_000, "en": "x"}},
        DOCUMENTS[2] | {"quanmin:name": "date"},
        DOCUMENTS[3] | {"quanmin:name": "good"},
    ]
    dcat(portal, bad, size=10)
    status, headers, body = portal.answers["/catalog.ttl"]
    day = str(bad[2]["dct:issued"]).encode()
    portal.answers["/catalog.ttl"] = (status, headers, body.replace(b'"' + day + b'"^^xsd:date', b'"31.12.2020"'))
    report = run(catalogue, source(f"{portal.origin}/catalog.ttl"))
    told = {one["original"].rsplit("/")[-1]: (one["path"], one["rule"]) for one in report.refused}
    assert told == {"tag": ("/dct:title/zh", "C07"), "long": ("/dct:title/zh", "C06"), "date": ("/dct:issued", "C10")}
    assert report.added == 1 and report.refusals == 3


def test_one_that_became_wrong_stays_as_it_was(portal, catalogue):
    run(catalogue, source(dcat(portal, DOCUMENTS, size=10)))
    dcat(portal, [DOCUMENTS[0] | {"dct:title": {"zh": "<i>", "en": "x"}}, *DOCUMENTS[1:]], size=10)
    report = run(catalogue, source(f"{portal.origin}/catalog.ttl"))
    assert report.refusals == 1 and report.gone == [] and len(shown(catalogue)) == 7


BROKEN = {
    "turtle": ("dcat", b"<http://x/a> <http://x/b> ", "text/turtle"),
    "deep lists": ("dcat", b"<http://x/a> <http://x/p> " + b"(" * 900_000, "text/turtle"),
    "deep nodes": ("dcat", b"<http://x/a> <http://x/p> " + b"[<http://x/p> " * 70_000, ""),
    "json-ld": ("dcat", b'{"@id": ', "application/ld+json"),
    "deep json-ld": ("dcat", b"[" * 200_000, "application/ld+json"),
    "remote context": ("dcat", b'{"@context": "http://127.0.0.1:1/c", "@id": "http://x/a"}', "application/ld+json"),
    "imported context": (
        "dcat",
        b'{"@context": {"@import": "http://127.0.0.1:1/c"}, "@id": "http://x/a"}',
        "application/ld+json",
    ),
    "xml": ("dcat", b"<rdf:RDF", "application/rdf+xml"),
    "deep xml": ("dcat", b"<a>" * 300_000, "application/rdf+xml"),
    "entities": ("dcat", b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>', "application/rdf+xml"),
    "outer entity": ("dcat", b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', "application/rdf+xml"),
    "bytes": ("dcat", bytes(range(256)) * 100, ""),
    "no json": ("data_json", b"<html>", "application/json"),
    "deep json": ("data_json", b"[" * 200_000 + b"]" * 200_000, ""),
    "NaN": ("data_json", b'{"dataset": [NaN]}', ""),
    "long number": ("data_json", b'{"dataset": [' + b"9" * 10_000 + b"]}", ""),
    "no list": ("data_json", b'{"dataset": {}}', ""),
    "latin": ("data_json", '{"dataset": ["é"]}'.encode("latin-1"), ""),
    "ckan error": ("ckan", b'{"success": false, "error": {}}', ""),
    "ckan html": ("ckan", b"<html>", ""),
    "package": ("datapackage", b"[]", ""),
    "csv": ("core_metadata", b"a,b\r\n1,2\r\n", ""),
    "csv quotes": ("core_metadata", '信息资源代码,信息资源名称\r\n1,"x"y\r\n'.encode(), ""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_changes_nothing_and_says_where(portal, catalogue, name):
    kind, body, media = BROKEN[name]
    portal.put("/x", body, media)
    portal.put("/api/3/action/package_search", body, media)
    given = source(portal.origin if kind == "ckan" else f"{portal.origin}/x", kind)
    began = time.monotonic()
    with pytest.raises(errors.Unreadable) as caught:
        run(catalogue, given)
    assert time.monotonic() - began < 2.5
    assert caught.value.fields["page"] == 1 and shown(catalogue) == []
    known = harvest.get(catalogue.store.ledger, "province")
    assert known.report["error"]["code"] == "QM-HARVEST-007"
    assert all(one.endswith(("/x", "id+asc")) for one in portal.asked)


def drip(handler: Any) -> None:
    """An answer of which a byte comes now and then."""
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(200):
            handler.wfile.write(b"#")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


def slow_head(handler: Any) -> None:
    """Headers that never end."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(400):
            handler.wfile.write(b"X" if number % 20 else b"\r\nX-A: ")
            handler.wfile.flush()
            time.sleep(0.03)
    except OSError:
        return


def silent(_handler: Any) -> None:
    time.sleep(2)


def endless(handler: Any) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"# " + b"x" * 65_536)
    except OSError:
        return


def cut(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"<http://x/a> <http://x/b> <http://x/c> .")


MISBEHAVED = {
    "drip": (drip, errors.TooMuch),
    "slow head": (slow_head, errors.TooMuch),
    "silent": (silent, errors.SourceAway),
    "endless": (endless, errors.TooMuch),
    "cut off": (cut, errors.SourceAway),
    "packed": ((200, {"Content-Encoding": "gzip"}, b"x"), errors.SourceAway),
    "error": ((500, {}, b""), errors.SourceAway),
    "away": ((302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""), errors.ElsewhereRefused),
    "port": ((302, {"Location": "http://127.0.0.1:1/"}, b""), errors.ElsewhereRefused),
    "name": ((302, {"Location": "//localhost/"}, b""), errors.ElsewhereRefused),
    "file": ((302, {"Location": "file:///etc/passwd"}, b""), errors.ElsewhereRefused),
    "round": ((302, {"Location": "/x"}, b""), errors.SourceAway),
}


@pytest.mark.parametrize("name", MISBEHAVED)
def test_a_server_that_misbehaves_is_left_in_time(portal, catalogue, name):
    answer, kind = MISBEHAVED[name]
    portal.answers["/x"] = answer
    limits = replace(LIMITS, seconds=1.0, read=0.5)
    began = time.monotonic()
    with pytest.raises(kind):
        run(catalogue, source(f"{portal.origin}/x"), limits=limits)
    assert time.monotonic() - began < 2.5
    assert shown(catalogue) == []


def test_a_redirection_on_the_same_host_is_followed(portal, catalogue):
    dcat(portal, DOCUMENTS)
    portal.answers["/old"] = (301, {"Location": "/catalog.ttl"}, b"")
    assert run(catalogue, source(f"{portal.origin}/old")).added == 7


HYDRA = "@prefix h: <http://www.w3.org/ns/hydra/core#> . <#p> a h:PagedCollection ; h:next <{}> ."


def test_pages_in_a_circle_and_pages_elsewhere(portal, catalogue):
    portal.put("/a", HYDRA.format("/b"), "text/turtle")
    portal.put("/b", HYDRA.format("/a"), "text/turtle")
    with pytest.raises(errors.PageLoop):
        run(catalogue, source(f"{portal.origin}/a"))
    portal.put("/b", HYDRA.format("http://10.0.0.1/"), "text/turtle")
    with pytest.raises(errors.ElsewhereRefused):
        run(catalogue, source(f"{portal.origin}/a"))
    portal.answers["/n"] = lambda handler: _numbered(handler)
    with pytest.raises(errors.TooMuch):
        run(catalogue, source(f"{portal.origin}/n", name="other"))


def _numbered(handler: Any) -> None:
    number = int(handler.path.partition("=")[2] or 0)
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(HYDRA.format(f"/n?p={number + 1}").encode())


def package(number: int, **parts: Any) -> dict[str, Any]:
    resources = [{"url": f"/files/{number}.csv", "format": "CSV", "size": 5, "url_type": "upload"}]
    return {
        "id": f"id{number}",
        "name": f"n{number}",
        "title": f"标题{number}",
        "resources": resources,
        "license_id": "cc-by",
    } | parts


def test_ckan_is_read_to_its_end_and_no_further(portal, catalogue):
    def answer(handler: Any) -> None:
        start = int(handler.path.partition("start=")[2].partition("&")[0])
        many = [package(n) for n in range(start, min(start + 100, 250))]
        body = json.dumps({"success": True, "result": {"count": 250, "results": many}}).encode()
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(body)

    portal.answers["/api/3/action/package_search"] = answer
    report = run(catalogue, source(portal.origin, "ckan"))
    assert (report.pages, report.added) == (3, 250)
    one = read(shown(catalogue)[0])
    assert one.formats[0].code == "csv" and one.licence.code == "cc-by"
    assert one.distributions[0].download_url.startswith(portal.origin)
    same = {"success": True, "result": {"count": 250, "results": [package(1)]}}
    portal.put("/api/3/action/package_search", same)
    with pytest.raises(errors.PageLoop):
        run(catalogue, source(portal.origin, "ckan"))


def test_data_json_of_both_versions(portal, catalogue):
    portal.put("/data.json", b"".join(faces.us.catalogue(DOCUMENTS, faces.Issuer(portal.origin), "en")))
    report = run(catalogue, source(f"{portal.origin}/data.json", "data_json"))
    assert (report.added, report.refusals) == (7, 0), report
    titles = {read(one).title.en for one in shown(catalogue)}
    assert titles == {one["dct:title"]["en"] for one in DOCUMENTS}
    old = {
        "title": "Old",
        "description": "words",
        "identifier": "x-1",
        "accessLevel": "restricted public",
        "publisher": {"name": "CDC"},
        "accrualPeriodicity": "R/P1Y",
        "temporal": "2020-01-01/2020-12-31",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "distribution": [{"downloadURL": "/x.csv", "mediaType": "text/csv"}],
    }
    portal.put(
        "/old.json", {"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": [old, {}, 7, old]}
    )
    report = run(catalogue, source(f"{portal.origin}/old.json", "data_json", name="old", language="en"))
    assert (report.added, report.refusals) == (1, 3)
    made = read(next(one for one in shown(catalogue) if one["dct:title"] == {"en": "Old"}))
    assert (made.access.code, made.frequency.code, made.licence.code) == ("application", "ANNUAL", "cc-by")
    assert made.distributions[0].download_url == f"{portal.origin}/x.csv"


def test_a_data_package_and_core_metadata(portal, catalogue):
    said = {
        "name": "little",
        "title": "小表",
        "resources": [
            {"path": "a.csv", "format": "csv", "bytes": 3, "schema": {"fields": [{"name": "code", "type": "string"}]}}
        ],
    }
    portal.put("/p/datapackage.json", said)
    assert run(catalogue, source(f"{portal.origin}/p/datapackage.json", "datapackage", name="package")).added == 1
    made = read(shown(catalogue)[0])
    assert made.distributions[0].access_url == f"{portal.origin}/p/a.csv" and made.variables[0].name == "code"
    portal.put("/core.csv", b"".join(faces.core_metadata.as_csv(DOCUMENTS, faces.Issuer(portal.origin))))
    report = run(catalogue, source(f"{portal.origin}/core.csv", "core_metadata"))
    assert (report.added, report.refusals) == (7, 0), report
    ours = {read(one).title.zh: read(one) for one in shown(catalogue)}
    for one in DOCUMENTS:
        assert ours[one["dct:title"]["zh"]].access.code == one["quanmin:access"]
    text = "信息资源代码,信息资源名称,信息资源提供方\r\nA1,门诊量,卫健委\r\n,无码,x\r\n".encode("gb18030")
    portal.put("/gb.csv", text)
    report = run(catalogue, source(f"{portal.origin}/gb.csv", "core_metadata", name="gb"))
    assert (report.added, report.refusals) == (1, 1)


def test_a_file_is_read_from_the_command_line_alone(catalogue, tmp_path):
    file = tmp_path / "c.ttl"
    file.write_bytes(
        faces.rdf.write(faces.catalogue(DOCUMENTS, ISSUER, faces.Paging(1, 7, "ttl")), faces.rdf.FORMS["ttl"])
    )
    with pytest.raises(errors.ElsewhereRefused):
        run(catalogue, source(file.as_uri()))
    assert run(catalogue, source(file.as_uri()), local=True).added == 7


WRONG = [
    {"name": "X Y"},
    {"name": "../x"},
    {"address": "ftp://x/"},
    {"address": "http://user:secret@x/"},
    {"address": "http://"},
    {"address": "http://x:99999999/"},
    {"address": "file://host/x"},
    {"address": "http://x/\n"},
    {"format": "oai"},
    {"access": "secret"},
    {"publisher": "a b"},
    {"publisher_name": Text("", "x")},
    {"theme": "NONE"},
]


@pytest.mark.parametrize("parts", WRONG)
def test_a_source_that_cannot_be_is_refused(catalogue, parts):
    with pytest.raises(errors.BadSource) as caught:
        harvest.add(catalogue.store.ledger, replace(source("http://x/"), **parts), "officer")
    assert "secret@" not in str(caught.value)


def test_sources_have_names_of_their_own(catalogue):
    ledger = catalogue.store.ledger
    harvest.add(ledger, source("http://x/"), "officer")
    with pytest.raises(errors.SourceKnown):
        harvest.add(ledger, source("http://y/"), "officer")
    harvest.stop(ledger, "province", "officer")
    with pytest.raises(errors.NoSuchSource):
        harvest.get(ledger, "province")
    assert harvest.add(ledger, source("http://y/"), "officer").state == "active"
