"""Records: what is refused with its place, and how a good one is read."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quanmin import standards
from quanmin.opendata.catalogue import RULES, check, problems, read, variables
from quanmin.opendata.catalogue.errors import RecordInvalid

FILE = {"dct:identifier": "f", "dcat:accessURL": "/data/1"}


def broken(document):
    return [(one.path, one.rule) for one in problems(document)]


def test_a_good_record_breaks_nothing(make):
    assert problems(make()) == []


def test_every_simulated_record_is_good(simulated):
    assert [one for document in simulated for one in problems(document)] == []


@pytest.mark.parametrize(
    ("parts", "path", "rule"),
    [
        ({"@type": "dcat:Catalog"}, "/@type", "type"),
        ({"dct:identifier": None}, "/dct:identifier", "missing"),
        ({"dct:identifier": "a b"}, "/dct:identifier", "id"),
        ({"quanmin:name": "Upper"}, "/quanmin:name", "name"),
        ({"quanmin:name": "x"}, "/quanmin:name", "name"),
        ({"quanmin:name": "x" * 101}, "/quanmin:name", "name"),
        ({"quanmin:name": "good\n"}, "/quanmin:name", "name"),
        ({"dct:title": None}, "/dct:title", "missing"),
        ({"dct:title": "高血压"}, "/dct:title", "shape"),
        ({"dct:title": {"zh": "  "}}, "/dct:title", "missing"),
        ({"dct:title": {"zh": "a", "fr": "b"}}, "/dct:title/fr", "language"),
        ({"dct:title": {"zh": "<script>x</script>"}}, "/dct:title/zh", "tag"),
        ({"dct:title": {"zh": "< /b>"}}, "/dct:title/zh", "tag"),
        ({"dct:title": {"zh": "a\u202eb"}}, "/dct:title/zh", "control"),
        ({"dct:title": {"zh": "a\nb"}}, "/dct:title/zh", "control"),
        ({"dct:title": {"zh": "a\ud800"}}, "/dct:title/zh", "control"),
        ({"dct:title": {"zh": "长" * 501}}, "/dct:title/zh", "length"),
        ({"dct:description": {"zh": "a\x00b"}}, "/dct:description/zh", "control"),
        ({"dcat:keyword": {"zh": ["好", "<b>"]}}, "/dcat:keyword/zh/1", "tag"),
        ({"dct:publisher": {"dct:identifier": "x"}}, "/dct:publisher/foaf:name", "missing"),
        ({"quanmin:access": None}, "/quanmin:access", "missing"),
        ({"quanmin:access": "secret"}, "/quanmin:access", "code"),
        ({"dcat:theme": ["HEAL", "NONE"]}, "/dcat:theme/1", "code"),
        ({"dct:issued": "2020-02-30"}, "/dct:issued", "date"),
        ({"dct:temporal": {"dcat:startDate": "2020", "dcat:endDate": "2019-12"}}, "/dct:temporal", "order"),
        ({"dcat:distribution": [{"dct:identifier": "f"}]}, "/dcat:distribution/0/dcat:accessURL", "missing"),
        (
            {"dcat:distribution": [FILE | {"dcat:accessURL": "javascript:alert(1)"}]},
            "/dcat:distribution/0/dcat:accessURL",
            "address",
        ),
        ({"dcat:distribution": [FILE | {"dcat:accessURL": "//x"}]}, "/dcat:distribution/0/dcat:accessURL", "address"),
        ({"dcat:distribution": [FILE | {"dct:format": "exe"}]}, "/dcat:distribution/0/dct:format", "code"),
        ({"dcat:distribution": [FILE | {"dcat:byteSize": -1}]}, "/dcat:distribution/0/dcat:byteSize", "number"),
        ({"dcat:distribution": [FILE | {"dcat:byteSize": True}]}, "/dcat:distribution/0/dcat:byteSize", "number"),
        ({"dcat:distribution": [FILE, FILE]}, "/dcat:distribution/1/dct:identifier", "repeated"),
    ],
)
def test_a_broken_rule_is_told_with_its_place(make, parts, path, rule):
    document = {key: value for key, value in (make() | parts).items() if value is not None}
    assert (path, rule) in broken(document)


def test_a_service_needs_its_address(make):
    assert broken(make(**{"@type": "dcat:DataService"})) == [("/dcat:endpointURL", "missing")]


def test_the_error_tells_the_first_place_and_keeps_all(make):
    with pytest.raises(RecordInvalid) as caught:
        check(make(quanmin__access="x", dct__title=None))
    assert [one.rule for one in caught.value.problems] == ["missing", "code"]
    assert "/dct:title" in str(caught.value) and "C02" in str(caught.value)


def test_every_rule_has_a_code_of_its_own_and_speaks_both_languages():
    assert len({code for code, _ in RULES.values()}) == len(RULES)
    assert all(title.zh and title.en for _, title in RULES.values())


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(leaves, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=8), x, max_size=3))
KEYS = (
    "@type", "dct:identifier", "quanmin:name", "dct:title", "dct:description", "dcat:keyword", "dct:publisher",
    "quanmin:access", "dcat:theme", "dct:issued", "dct:temporal", "dct:spatial", "dcat:distribution", "dcat:contactPoint",
    "healthdcatap:hasVariables", "dct:provenance", "dcat:endpointURL", "quanmin:agreement", "dcat:version",
)  # fmt: skip


@given(anything)
def test_nothing_that_is_sent_makes_validation_fall_over(document):
    assert problems(document)


@settings(max_examples=400)
@given(st.sampled_from(KEYS), anything)
@example("dcat:keyword", None)
@example("dct:temporal", None)
@example("dct:spatial", {"dct:identifier": "1", "skos:prefLabel": None})
def test_whatever_validation_lets_pass_can_be_read(key, value):
    document = {
        "@type": "dcat:Dataset",
        "dct:identifier": "a",
        "quanmin:name": "aa",
        "dct:title": {"zh": "题"},
        "dct:description": {"en": "text"},
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫健委"}},
        "quanmin:access": "public",
        "dcat:distribution": [FILE],
    }
    changed = document | {key: value}
    if not problems(changed):
        assert read(changed).id


@given(st.sampled_from(["dct:identifier", "dct:title", "dct:format", "spdx:checksum", "dcat:downloadURL"]), anything)
def test_a_distribution_that_passes_can_be_read(key, value):
    document = {
        "@type": "dcat:Dataset",
        "dct:identifier": "a",
        "quanmin:name": "aa",
        "dct:title": {"zh": "题"},
        "dct:description": {"en": "text"},
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫健委"}},
        "quanmin:access": "public",
        "dcat:distribution": [FILE | {key: value}],
    }
    if not problems(document):
        assert len(read(document).distributions) == 1


def test_a_record_is_read_by_type(make):
    document = make(
        dct__title={"zh": "只有中文"},
        dcat__theme="http://publications.europa.eu/resource/authority/data-theme/HEAL",
        dct__temporal={"dcat:startDate": "2019"},
        dct__spatial=[{"dct:identifier": "420000", "skos:prefLabel": {"zh": "湖北省"}}],
        dcat__distribution=[
            FILE | {"dct:format": "csv", "dct:license": "cc-by", "spdx:checksum": {
                "spdx:algorithm": "sha256", "spdx:checksumValue": "00"}}
        ],
        quanmin__agreement=["A-1"],
        dct__provenance={"zh": "汇总"},
    )  # fmt: skip
    record = read(document)
    assert record.title == ("只有中文", "只有中文")
    assert [one.code for one in record.themes] == ["HEAL"]
    assert record.periods[0].start == date(2019, 1, 1)
    assert record.regions[0].title.en == "湖北省"
    assert record.licence.code == "cc-by" and record.distributions[0].checksum == ("sha256", "00")
    assert record.origin.agreements == ("A-1",) and record.origin.words.en == "汇总"


def test_the_dictionary_of_a_standard_keeps_codes_as_text(make):
    dataset = standards.catalogue().dataset("cdc.notifiable_disease_monthly")
    record = read(make(healthdcatap__hasVariables=variables(dataset)))
    assert [one.name for one in record.variables] == [one.name for one in dataset.elements]
    kinds = {one.name: one.datatype for one in record.variables}
    assert kinds["region"] == kinds["disease"] == "string" and kinds["cases"] == "integer"
    assert record.variables[1].values == "Notifiable disease-2020"


def _deep(levels: int) -> dict[str, object]:
    made: dict[str, object] = {}
    for _ in range(levels):
        made = {"x": made}
    return made


@pytest.mark.parametrize(
    "odd",
    [
        _deep(51),
        _deep(100_000),
        float("nan"),
        float("-inf"),
        "half \ud800",
        {"half \udfff": 1},
        {1: "x"},
        {"x": {1, 2}},
        b"x",
    ],
)
def test_a_part_that_no_rule_knows_must_be_kept_as_json_all_the_same(make, odd):
    assert broken(make(**{"x:more": odd})) == [("", "json")]
    assert problems(make(**{"x:more": _deep(40)})) == []


def test_what_is_no_identifier_is_not_told_in_the_message(make):
    assert {one.record for one in problems(make(**{"dct:identifier": "a1\nQM-X-001 all is well"}))} == {"?"}
