"""Examples and rules as they are printed, each typed in with the text that it was read in, so that it can be looked up.

Only what was read is here; other examples are in `test_selection`, from memory. Where a text names a condition without a
code, the code is that of the alphabetical index.
"""

import pytest

from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death.certificate import FEMALE, MALE, Certificate
from quanmin.programs.vital.death.chain import Chain, Interval, Line
from quanmin.programs.vital.death.limit import limits
from quanmin.programs.vital.death.modification import modification
from quanmin.programs.vital.death.relation import relation
from quanmin.programs.vital.death.selection import select

SOURCES = {
    "A": "ICD-10 volume 2 with rules A to F, 4.1.10: 1library.net/article/examples-modification-rules-rule-f-sequelae",
    "B": "the same, 4.1.11: 1library.net/article/notes-for-use-in-underlying-cause-mortality-coding",
    "C": "the same, 4.1.5: text-id.123dok.com/document/9ynmpjw0z; NCHS instruction manual part 2a, section II, 2019",
    "D": "ICD-10 volume 2, rules on malignant neoplasms of multiple sites: a copy within 1library.co/article/…yr2255oz",
    "E": "ICD-10 volume 2, 4.2.2, in Russian: docs.cntd.ru/document/420317971/titles/7DM0K8",
    "F": "ICD-10 volume 2, 2019, conditions unlikely to cause death: icd10_unlikely_cod of the R package codeditr",
    "G": "ICD.aspx and MCCDCodingCase.aspx of an Indian unit for the certification of causes of death, a public repository",
    "I": "categories limited to one sex, as a Chinese check of front pages of records and a Thai check of codes copy the list",
    "J": "records of the public-use file of causes of death of the United States for 2014, in two notebooks (VS14MORT)",
    "H": "a Chinese training sheet for townships, 常见死因链及根本死因确定: doczj.com/doc/261306341",
}

# source, where in it, Part I, Part II, the code that is printed, the steps that lead there
EXAMPLES = [
    (
        "A",
        "33 senility and hypostatic pneumonia, rheumatoid arthritis",
        ("R54;J18.2", "M06.9"),
        "",
        "M06.9",
        "SP5 SP7 SP3",
    ),
    ("A", "34 anaemia, splenomegaly", ("D64.9", "R16.1"), "", "D64.8", "SP3 SP7 SP1 M1"),
    ("A", "35 myocardial degeneration and emphysema, senility", ("I51.5;J43.9", "R54"), "", "I51.5", "SP3 SP7 SP2"),
    ("A", "36 cough and haematemesis", ("R05;K92.0",), "", "K92.0", "SP2 SP7 SP1"),
    ("A", "37 terminal pneumonia, gangrene and infarction", ("J18.9", "R02;I63.9"), "", "I63.9", "SP3 SP7 SP3"),
    (
        "C",
        "1 varices, portal hypertension, cirrhosis, hepatitis B",
        ("I85.0", "K76.6", "K74.6", "B16.9"),
        "",
        "B16.9",
        "SP3",
    ),
    ("D", "36 cancer of stomach, cancer of liver", ("C16.9", "C22.9"), "", "C16.9", "SP5"),
    ("D", "37 peritoneal cancer, mammary carcinoma", ("C48.2",), "C50.9", "C50.9", "SP2 M1"),
    ("G", "case 2 of coding", ("U07.1;J12.8",), "", "U07.1", "SP2"),
    ("G", "case 3 of coding", ("J96.0", "U09.9"), "S06.5;X59.9;G93.4;A41.9", "U07.1", "SP3 M1"),
    ("G", "case 4 of coding", ("J96.9", "J18.9", "U07.1"), "", "U07.1", "SP3"),
    ("G", "case 1 of certification", ("J80", "J18.9", "U07.1"), "I10;C92.0", "U07.1", "SP3"),
    ("G", "response to case 1 of coding", ("T79.4", "S25.0", "V89.2"), "", "V89.2", "SP3 M4"),
    ("G", "no sequence: pernicious anaemia, gangrene, arteriosclerosis", ("D51.0", "R02", "I70.9"), "", "D51.0", "SP5"),
    ("H", "1", ("K92.2", "K74.1", "B18.1"), "E11.9", "B18.1", "SP3"),
    ("H", "2", ("A41.9", "B24"), "", "B24", "SP3"),
    ("H", "3", ("K72.9", "C22.9"), "K74.1", "C22.9", "SP3"),
    ("H", "4", ("C78.0", "C15.9"), "", "C15.9", "SP3"),
    ("H", "6", ("K92.2", "C22.9"), "E14.9", "C22.9", "SP3"),
    ("H", "7", ("J98.4", "C95.0"), "", "C95.0", "SP3"),
    ("H", "8", ("R64", "C78.0", "C16.9"), "", "C16.9", "SP3"),
    ("H", "9", ("E11.1", "E11.9"), "I10", "E11.1", "SP5"),
    ("H", "10", ("N18.9", "N08.3", "E11.9"), "E05.9", "E11.2", "SP3 M1"),
    ("J", "1", ("I64",), "", "I64", "SP1"),
    ("J", "2", ("I25.0",), "I27.2;E66.9", "I25.0", "SP2"),
    ("J", "3", ("J44.9",), "F17.9", "J44.9", "SP2"),
    ("J", "4", ("I64", "I48"), "F03", "I48", "SP3"),
    ("J", "5", ("I25.0",), "", "I25.0", "SP1"),
    ("J", "7", ("I46.9", "I25.9", "I25.1"), "N18.3", "I25.1", "SP3"),
    ("J", "8", ("I25.0",), "F10.2", "I25.0", "SP2"),
    ("J", "9", ("F03",), "", "F03", "SP1"),
    ("J", "10", ("S01.9;X72",), "T14.1", "X72", "SP2 SP6 M4"),
    ("J", "of the second notebook", ("I35.0", "I25.1"), "", "I25.1", "SP3"),
]


def chosen(*lines, other="", **more):
    return select(Certificate(None, Chain.of(*lines, other=other), **more))


def test_every_source_is_used():
    told = {source for source, *_ in EXAMPLES} | {"B", "E", "F", "I"}
    assert told == set(SOURCES)


@pytest.mark.parametrize(
    ("source", "name", "lines", "other", "code", "rules"), EXAMPLES, ids=[f"{one[0]} {one[1]}" for one in EXAMPLES]
)
def test_an_example_comes_out_as_printed(source, name, lines, other, code, rules):
    found = chosen(*lines, other=other)
    assert found.code == code, (SOURCES[source], name)
    assert [step.rule for step in found.steps] == rules.split()


def test_the_sheet_codes_an_infarction_of_a_diabetic_to_his_circulation_and_the_rules_here_do_not():
    """Source H, 11, codes E11.5 by a note that it does not print; no text of volume 2 with such a note was read."""
    assert chosen("I21.9", "E11.9").code == "E11.9"


def test_the_record_that_the_table_of_causes_does_not_cover_goes_to_a_coder():
    """Source J, 6, where it is K13.7: the table here has no causes of a lesion of the mouth."""
    found = chosen("K13.7;R04.0", "C34.9", other="F03;C50.9")
    assert found.code is None
    assert (found.queued.why, found.queued.effect, found.queued.cause) == ("relation", "K13.7", "C34.9")


# Source B


@pytest.mark.parametrize(
    ("lines", "other", "code"),
    [
        # A00-B99, but for HIV disease, as the cause of a malignant neoplasm: the neoplasm.
        (("K72.9", "C22.0", "B18.1"), "", "C22.0"),
        (("C53.9", "A63.0"), "", "C53.9"),
        # A15, A16 with J60-J64: J65.
        (("A15.0",), "J62.8", "J65"),
        (("A16.2", "J60"), "", "J65"),
        # A17, A18 with A15 or A16: the latter.
        (("A17.0",), "A15.0", "A15.0"),
        (("A16.2", "A18.0"), "", "A16.2"),
        # A39.2 to A39.4 with A39.0, and with A39.1.
        (("A39.4",), "A39.0", "A39.0"),
        (("A39.2",), "A39.1", "A39.1"),
        # A40, A41, A46 after a superficial injury or a burn of the first degree; after a graver one its external cause.
        (("A41.9", "S60.8", "W29.9"), "", "A41.9"),
        (("A46", "T25.1", "X10.0"), "", "A46"),
        (("A41.9", "S71.1", "W29.9"), "", "W29.9"),
        (("A41.9", "S60.8;S71.1", "W29.9"), "", "W29.9"),
        (("A41.9", "S60.8"), "", "A41.9"),
    ],
)
def test_a_note_on_infectious_diseases(lines, other, code):
    assert chosen(*lines, other=other).code == code


def test_sepsis_that_does_not_follow_the_injury_does_not_take_its_place():
    assert chosen("S00.8", "W19.9", other="A41.9").code == "W19.9"


def test_tuberculosis_of_another_organ_that_is_older_and_led_to_that_of_the_lung_stays():
    """The exception in the note on A17 and A18."""

    def found(lung, bone):
        lines = Line(codes=("A16.2",), interval=lung), Line(codes=("A18.0",), interval=bone)
        return select(Certificate(None, Chain((*lines, Line(), Line())))).code

    assert found(Interval(2, "month"), Interval(3, "year")) == "A18.0"
    assert found(Interval(3, "year"), Interval(3, "year")) == "A16.2"
    assert found(None, Interval(3, "year")) == "A16.2"


# Source D


@pytest.mark.parametrize(
    ("lines", "other", "code"),
    [
        (("C22.9", "C34.9"), "", "C34.9"),  # the lung is no frequent site of metastases here
        (("C22.9",), "C83.3", "C22.9"),  # lymphoid tissue counts in Part I only
        (("C22.9", "C83.3"), "", "C83.3"),
        (("C22.0", "C22.9"), "", "C22.0"),  # one site, told twice
        (("K72.9", "C80", "C22.9"), "C16.9", "C16.9"),
    ],
)
def test_a_frequent_site_of_metastases_gives_way(lines, other, code):
    assert chosen(*lines, other=other).code == code


@pytest.mark.parametrize(
    ("lines", "other", "pair"),
    [
        (("C34.9", "C50.9"), "", ("C34.9", "C50.9")),
        (("C50.9",), "C34.9", ("C50.9", "C34.9")),
        (("C22.9", "C48.2"), "", ("C22.9", "C48.2")),
        (("C71.9",), "C34.9", ("C71.9", "C34.9")),  # whether the brain is one of the frequent sites was not read
    ],
)
def test_between_two_sites_a_coder_chooses(lines, other, pair):
    found = chosen(*lines, other=other)
    assert found.code is None
    assert (found.queued.why, found.queued.effect, found.queued.cause) == ("neoplasm", *pair)


# Source E


@pytest.mark.parametrize("effect", ["A09", "A40.9", "A41.9", "A46", "A48.0", "A69.1", "B37.1", "B44.1"])
def test_an_infection_that_may_follow_any_disease(effect):
    assert all(relation().may_be_due(effect, cause) for cause in ("C34.9", "E11.9", "I50.9", "K74.6", "N18.9"))


@pytest.mark.parametrize(
    "effect", ["A00.9", "A16.9", "A39.0", "A48.1", "A49.9", "A69.2", "A87.9", "B05.9", "B15.9", "B54", "B99"]
)
def test_an_infection_that_follows_no_disease_but_impaired_immunity(effect):
    assert all(relation().may_be_due(effect, cause) is False for cause in ("I50.9", "J44.9", "K74.6", "N18.9"))


@pytest.mark.parametrize("effect", ["A16.9", "A87.9", "B01.2", "B25.0", "B59"])
def test_an_infection_may_follow_impaired_immunity(effect):
    assert all(relation().may_be_due(effect, cause) for cause in ("B24", "C91.0", "D83.9"))


# Source F


def test_the_unlikely_causes_begin_as_printed():
    printed = ["A31.1", "A42.8", "A53.0", "A60.0", "A63.0", "A71", "A74.0", "B00.2", "B00.5", "B00.8"]
    assert [one.first for one in modification().unlikely[: len(printed)]] == printed
    assert [one.last for one in modification().unlikely[: len(printed)]] == printed


# Source I

MEN = "B26.0;C60-C63;D07.4-D07.6;D17.6;D29;D40;E29;E89.5;F52.4;I86.1;L29.1;N40-N51;Q53-Q55;R86;S31.2-S31.3;Z12.5"
WOMEN = (
    "A34;B37.3;C51-C58;C79.6;D06;D07.0-D07.3;D25-D28;D39;E28;E89.4;F52.5;F53;I86.3;L29.2;L70.5;M80.0-M80.1;M81.0-M81.1;M83.0;N70-N98;"
    "N99.2-N99.3;O00-O99;P54.6;Q50-Q52;R87;S31.4;S37.4-S37.6;T19.2-T19.3;T83.3;Y76;Z01.4;Z12.4;Z30.1;Z30.3;Z30.5;Z31.1-Z31.2;Z32-Z36;"
    "Z39;Z43.7;Z87.5;Z97.5"
)


@pytest.mark.parametrize(("sex", "printed"), [(MALE, MEN), (FEMALE, WOMEN)])
def test_the_causes_of_one_sex_are_as_printed(sex, printed):
    spans = icd.spans(printed.split(";"))
    assert {one.code for one in icd.every() if limits().only(one.code) == sex} == {
        one.code for one in icd.every() if icd.within(one.code, spans)
    }
