"""DCAT-AP: all forms say the same, whatever stands in a record; pages; tombstones."""

import pytest
from pyoxigraph import parse

from quanmin.opendata import faces
from quanmin.synth import open_catalogue

FORMS = faces.rdf.FORMS


def triples(graph, form):
    return set(parse(faces.rdf.write(graph, form), format=form.format))


@pytest.mark.parametrize("ending", FORMS)
def test_every_form_says_the_same(record, issuer, ending):
    graph = faces.dataset(record(), issuer)
    assert {str(one) for one in triples(graph, FORMS[ending])} == {str(one) for one in graph.triples}


@pytest.mark.parametrize("ending", FORMS)
def test_odd_words_and_addresses_come_out_as_they_went_in(record, issuer, ending):
    odd = "引号\"'反斜\\ \U0001f600 & ' ]]> ${x}"
    about = {"zh": "<script>alert(1)</script>\n\t</x>", "en": "a\r\nb"}
    where = {"dct:identifier": "csv", "dcat:accessURL": "https://x.example/{a}[b]|%zz?q=中#^`"}
    document = record(dct__title={"zh": odd}, dct__description=about, dcat__distribution=[where])
    graph = faces.dataset(document, issuer)
    said = {getattr(one.object, "value", "") for one in triples(graph, FORMS[ending])}
    assert {odd, *about.values()} <= said
    assert "https://x.example/%7Ba%7D%5Bb%5D%7C%25zz?q=中#%5E%60" in said


def test_addresses_are_absolute_and_downloads_only_those_of_the_record(record, issuer):
    nt = faces.rdf.write(faces.dataset(record("closed", dcat__distribution=None), issuer), FORMS["nt"]).decode()
    assert "downloadURL" not in nt
    nt = faces.rdf.write(faces.dataset(record(), issuer), FORMS["nt"]).decode()
    assert nt.count("dcat#downloadURL> <https://data.example.cn/files/") == 2
    assert "</" not in nt


def test_a_page_leads_to_the_next_and_all_pages_hold_all_records(issuer):
    documents = list(open_catalogue.documents(250))
    seen = []
    for page in (1, 2, 3):
        part = documents[(page - 1) * faces.PAGE : page * faces.PAGE]
        graph = faces.catalogue(part, issuer, faces.Paging(page, 250, "ttl"))
        said = {(one.predicate.value.rsplit("#")[-1], getattr(one.object, "value", "")) for one in graph.triples}
        seen += [value for name, value in said if name == "dataset"]
        assert (("next", f"https://data.example.cn/catalog.ttl?page={page + 1}") in said) == (page < 3)
        assert ("last", "https://data.example.cn/catalog.ttl?page=3") in said
    assert sorted(seen) == sorted(issuer.page(one["quanmin:name"]) for one in documents)


def test_a_series_and_a_service_have_their_own_kind(record, issuer):
    series = faces.dataset(record(**{"@type": "dcat:DatasetSeries"}), issuer)
    service = faces.dataset(record(**{"@type": "dcat:DataService", "dcat__endpointURL": "/data/v1"}), issuer)
    assert {"dcat:DatasetSeries"} == {"dcat:" + one.object.value.rsplit("#")[-1] for one in series.triples[:1]}
    assert "https://data.example.cn/data/v1" in {getattr(one.object, "value", "") for one in service.triples}


def test_a_tombstone_says_why(issuer):
    said = {
        getattr(one.object, "value", "")
        for one in faces.tombstone("1", "x", "错误", "2026-01-01T00:00:00+00:00", issuer).triples
    }
    assert {"1", "错误"} <= said
