"""The built-in catalogue is whole: what the design promises of it, element by element."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from quanmin import standards
from quanmin.standards.conformance import check_chunk
from quanmin.standards.errors import UnknownAgency, UnknownDataset
from quanmin.standards.value_set import ValueSet
from quanmin.text import Text

CATALOGUE = standards.catalogue()
DATA = Path(__file__).parents[3].parent / "shared" / "data"
PEOPLE = CATALOGUE.sources
SHARED = {  # of the study's table: what agencies exchange without making the base of it
    "food_drug.device_catalogue",
    "food_drug.pharmacist_count",
    "health.essential_drug",
    "health.food_poisoning",
    "health.institution",
    "health.occupational_disease",
    "health.practitioner",
    "health.risk_assessment",
    "health.risk_notice",
    "insurance.catalogue",
    "insurance.enrolment",
    "insurance.fund_flow",
    "insurance.settlement",
    "insurance.severe_mental_illness",
    "social_security.insurance_status",
    "social_security.occupational_injury",
}
CERTIFICATES = {f"health.certificate_{one}" for one in ("balance", "holder", "issue", "stock")}
"""What provinces push of the numbers of birth certificates."""
BENCHMARK = "public_security.household_registration"


def test_the_frame_is_4_levels_6_areas_39_subsystems():
    assert [*CATALOGUE.levels] == ["national", "provincial", "city", "county"]
    per_area = Counter(subsystem.area for subsystem in CATALOGUE.subsystems.values())
    assert [per_area[area] for area in CATALOGUE.areas] == [13, 8, 4, 4, 7, 3]


def test_the_thirteen_sources_the_statistical_dataset_the_pupils_and_what_is_shared_are_there():
    assert len(PEOPLE) == 13
    others = {"cdc.notifiable_disease_monthly", "education.pupil"} | SHARED | CERTIFICATES
    assert set(CATALOGUE.datasets) - {dataset.id for dataset in PEOPLE} == others
    assert CATALOGUE.benchmark is CATALOGUE.dataset(BENCHMARK)


def test_thirteen_items_six_of_identity_seven_social():
    assert Counter(item.group for item in CATALOGUE.items) == {"identity": 6, "social": 7}
    for item in CATALOGUE.items:
        assert item.sources[0].dataset == item.authority
        for claim in item.sources:
            element = CATALOGUE.dataset(claim.dataset).element(claim.element)
            assert (element.type, element.values) == (item.type, item.values), (item.id, claim)


def test_every_source_of_the_base_states_the_number_and_the_name():
    for dataset in PEOPLE:
        assert dataset.element(str(dataset.person)).type == "citizen_number"
        assert dataset.element("name").required
        assert dataset.event_date is not None
        assert (
            10 <= len(dataset.elements) <= 45
        )  # the certificate of death has four lines of causes with their intervals


def test_only_the_benchmark_refuses_a_row_for_its_number():
    persons = [dataset for dataset in CATALOGUE.datasets.values() if dataset.person is not None]
    assert len(persons) == 13 + 8
    for dataset in persons:
        expected = "reject" if dataset.id == BENCHMARK else "warn"
        assert dataset.rule("citizen_number.check_digit").severity == expected
        assert dataset.rule("citizen_number.check_digit").code == "E01"
        assert dataset.rule("sex.derived").code == "E04"
        assert dataset.rule("birth_date.derived").code == "E05"
        if dataset.element("citizen_number").required:
            assert dataset.rule("citizen_number.required").severity == expected


@pytest.mark.parametrize("dataset", CATALOGUE.datasets.values(), ids=lambda dataset: dataset.id)
def test_a_dataset_is_documented_graded_and_keyed(dataset):
    for text in (
        dataset.title,
        *(element.title for element in dataset.elements),
        *(rule.title for rule in dataset.rules),
    ):
        assert text.zh.strip() and text.en.strip()
    assert dataset.rule("key.unique_in_batch").elements == dataset.key
    assert dataset.rule("key.unique_in_batch").code == "E07"
    assert dataset.rule(f"{dataset.event_date}.range").code == "E14"
    for element in dataset.elements:
        assert element.role == "none" or element.grade >= 2, element.name
        if element.type == "citizen_number":
            assert (element.role, element.grade) == ("direct", 5)
    for rule in dataset.rules:
        assert rule.code is None or rule.code in CATALOGUE.error_codes


def test_a_column_title_is_found_in_every_spelling():
    dataset = CATALOGUE.dataset(BENCHMARK)
    spellings = (
        "公民身份号码",
        " 公民 身份号码",
        "CITIZEN NUMBER",
        "citizen_number",
        "DE02.01.030.00",
        "身份证号",
        "ｉｄ＿ｎｏ",
        "\ufeff证件号码",
    )
    assert {dataset.resolve(title) for title in spellings} == {"citizen_number"}
    assert dataset.resolve("无此列") is None


def test_a_chinese_title_means_one_element_only():
    for dataset in CATALOGUE.datasets.values():
        assert len({element.title.zh for element in dataset.elements}) == len(dataset.elements)


@pytest.mark.parametrize("values", CATALOGUE.value_sets.values(), ids=lambda values: values.name)
def test_a_value_set_normalises_every_spelling_to_a_code(values):
    assert values.source
    for code, title in values.codes.items():
        assert values.normalise(code) == code
        assert values.normalise(f" {code} ") == code
        assert title.zh and title.en
    for alias, code in values.aliases.items():
        assert values.normalise(alias) == code
    assert values.normalise("绝无此码") is None


def test_codes_that_senders_really_write():
    sets = CATALOGUE.value_sets
    assert sets["GB/T 3304-1991"].normalise("1") == "01"
    assert sets["GB/T 3304-1991"].normalise("毛难族") == "36"
    assert sets["GB/T 3304-1991"].normalise("HA") == "01"
    assert len(sets["GB/T 3304-1991"].codes) == 58
    assert sets["GB/T 2261.1-2003"].normalise("女") == "2"
    assert sets["GB/T 4761-2008"].normalise("1") is None, "the one-digit table is another set"
    assert sets["GB/T 2261.2-2003"].normalise("2") is None, "2 is married on the front page only"
    assert sets["CV04.50.005-2011"].codes["3"].en == "O"


def test_a_title_that_two_codes_share_is_no_spelling():
    values = ValueSet("x", "1", Text("x", "x"), {"1": Text("甲", "same"), "2": Text("乙", "same")}, width=2)
    assert values.normalise("same") is None
    assert values.normalise("甲") == "1"


def test_variants_lead_to_one_character_without_chains():
    table = {variant.character: variant for variant in standards.variants()}
    assert len(table) == len(standards.variants()) > 150
    assert not {variant.representative for variant in table.values()} & set(table)
    assert (table["峯"].representative, table["羣"].representative, table["昇"].representative) == ("峰", "群", "升")
    assert (table["龍"].kind, table["袆"].kind) == ("traditional", "confusable")
    assert Counter(variant.kind for variant in table.values()).keys() == {"variant", "traditional", "confusable"}


def test_what_is_not_there_is_said():
    with pytest.raises(UnknownDataset):
        CATALOGUE.dataset("health.nothing")
    with pytest.raises(UnknownAgency):
        CATALOGUE.agency("nobody")
    assert CATALOGUE.agency("公安部").id == "public_security"


def test_the_catalogue_opens_in_a_moment_and_reads_no_region():
    code = (
        "import time; from quanmin import standards; start = time.process_time();"
        "c = standards.catalogue(); taken = time.process_time() - start;"
        "assert 'rows' not in vars(c.regions); assert taken < 0.3, taken"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("file", "rows", "missing"),
    [
        ("china_nids_monthly_province_12_diseases.csv.gz", 65_650, 11),
        ("china_nids_monthly_national_2004_2020.csv", 12_640, 0),
    ],
)
def test_the_real_disease_tables_conform(file, rows, missing):
    if not (DATA / file).exists():
        pytest.skip("the shared data are not here")
    dataset = CATALOGUE.dataset("cdc.notifiable_disease_monthly")
    opened = gzip.open(DATA / file, "rt", encoding="utf-8-sig") if file.endswith("gz") else None
    with opened or (DATA / file).open(encoding="utf-8-sig") as lines:
        head, *body = csv.reader(lines)
    sent = {dataset.resolve(title): list(column) for title, column in zip(head, zip(*body, strict=True), strict=True)}
    assert None not in sent
    text = pa.table({e.name: pa.array(sent.get(e.name, [None] * len(body)), pa.string()) for e in dataset.elements})
    checked = check_chunk(dataset, text)
    assert (len(body), int(checked.rejected.sum())) == (rows, 0)
    assert checked.typed["cases"].null_count == missing
    assert set(checked.failing) <= {"deaths.at_most_cases"}
