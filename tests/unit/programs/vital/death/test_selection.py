"""The steps on the examples that ICD-10 volume 2 is remembered to use for its rules, with the rule that each illustrates.

They were typed in from memory, and the code of each condition was chosen here: what was read in a text is in
`test_printed_example`. The wording of the rules changed with the edition of 2016 (steps SP1 to SP8 for the General Principle and
rules 1 to 3, A and B).
"""

import pytest

from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death.certificate import Certificate
from quanmin.programs.vital.death.chain import Chain, Interval, Line
from quanmin.programs.vital.death.modification import modification
from quanmin.programs.vital.death.relation import obvious, obviously_due, relation
from quanmin.programs.vital.death.selection import RULES, WHY, select


def chosen(*lines, other="", **more):
    return select(Certificate(None, Chain.of(*lines, other=other), **more))


EXAMPLES = {
    "one condition only": (("I21.9",), "", "I21.9", "SP1"),
    "one line, the first on it": (("I21.9;E14.9",), "", "I21.9", "SP2"),
    # General Principle
    "abscess of lung due to lobar pneumonia": (("J85.2", "J18.1"), "", "J18.1", "SP3"),
    "hepatic failure, bile duct obstruction, carcinoma of head of pancreas": (
        ("K72.9", "K83.1", "C25.0"),
        "",
        "C25.0",
        "SP3",
    ),
    "cerebral haemorrhage, hypertension, pyelonephritis, adenoma": (("I61.9", "I10", "N11.9", "N40"), "", "N40", "SP3"),
    "shock, fractures, pedestrian hit by a truck": (("T79.4", "T02.9", "V04.1"), "", "V04.1", "SP3"),
    "bronchopneumonia due to infarction and heart disease": (("J18.0", "I63.9;I11.9"), "", "I63.9", "SP3"),
    "pericarditis due to uraemia and pneumonia": (("I31.9", "N19;J18.9"), "", "N19", "SP3"),
    # The first-mentioned sequence
    "varices and heart failure, rheumatic heart disease and cirrhosis": (
        ("I85.0;I50.0", "I09.9;K74.6"),
        "",
        "K74.6",
        "SP4",
    ),
    "infarction, atherosclerotic heart disease, influenza": (("I21.9", "I25.1", "J11.1"), "", "I21.9", "SP4 M1"),
    "infarction and pneumonia, hypertension and diabetes, atherosclerosis": (
        ("I63.9;J18.2", "I10;E14.9", "I70.9"),
        "",
        "I63.9",
        "SP4 M1",
    ),
    # No sequence
    "pernicious anaemia and gangrene, atherosclerosis": (("D51.0;R02", "I70.9"), "", "D51.0", "SP5"),
    "fibrocystic disease, bronchitis and bronchiectasis": (("E84.9", "J40;J47"), "", "E84.9", "SP5"),
    # The obvious cause
    "Kaposi's sarcoma, AIDS": (("C46.9",), "B24", "B21.0", "SP2 SP6 M1"),
    "tuberculosis, HIV disease": (("A16.9",), "B24", "B20.0", "SP2 SP6 M1"),
    "cancer of ovary is no consequence of HIV disease": (("C56",), "B24", "C56", "SP2"),
    "bronchopneumonia, anaemia and lymphatic leukaemia": (("J18.0",), "D64.9;C91.1", "C91.1", "SP2 SP6"),
    "glomerulonephritis, scarlet fever": (("N05.9",), "A38", "A38", "SP2 SP6"),
    # Trivial
    "dental caries, diabetes": (("K02.9",), "E14.9", "E14.9", "SP2 SP8 SP1"),
    "ingrowing nail and renal failure": (("L60.0;N17.9",), "", "N17.9", "SP2 SP8 SP1"),
    "cardiac arrest, dental caries": (("I46.9",), "K02.9", "I46.9", "SP2"),
    # Linkage
    "intestinal obstruction, femoral hernia": (("K56.6", "K41.9"), "", "K41.3", "SP3 M1"),
    "bundle-branch block and Chagas disease": (("I45.1;B57.2",), "", "B57.2", "SP2 M1"),
    "cardiac dilatation and renal sclerosis, hypertension": (("I51.7;N26", "I10"), "", "I13.9", "SP3 M1"),
    "renal failure, hypertension": (("N18.9", "I10"), "", "I12.0", "SP3 M1"),
    # Specificity
    "cerebral infarction, stroke": (("I63.9", "I64"), "", "I63.9", "SP3 M2"),
    "meningitis, tuberculosis": (("G03.9", "A16.9"), "", "A17.0", "SP3 M2"),
    "hypertension in pregnancy, eclampsia": (("O13", "O15.9"), "", "O15.9", "SP3"),
    "aneurysm of aorta, syphilis": (("I71.9", "A53.9"), "", "A52.0", "SP3 M2"),
    "rheumatic heart disease, mitral stenosis": (("I09.9;I05.0",), "", "I05.0", "SP2 M2"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_remembered_example(name):
    lines, other, code, rules = EXAMPLES[name]
    found = chosen(*lines, other=other)
    assert found.code == code
    taken = [step.rule for step in found.steps]
    assert taken[: len(rules.split())] == rules.split()
    assert set(taken[len(rules.split()) :]) <= {"M3", "M4"}


def test_the_main_injury_stands_beside_the_external_cause():
    found = chosen("T79.4", "S72.0", "V04.1")
    assert (found.code, found.injury) == ("V04.1", "T79.4")
    assert found.steps[-1].rule == "M4"


def test_an_injury_gives_way_to_an_external_cause_in_part_two():
    assert chosen("S06.9", other="W18.9").code == "W18.9"


@pytest.mark.parametrize(
    ("lines", "other", "more", "why"),
    [
        (("S06.9",), "", {}, "external"),
        (("I53.9",), "", {}, "code"),
        (("G01",), "", {}, "asterisk"),
        ((), "", {}, "code"),
        (("H40.9", "N20.0"), "", {}, "relation"),
        (("I26.9",), "", {"pregnancy": True, "sex": "2"}, "maternal"),
        (("T88.6",), "Y40.0", {}, "procedure"),
    ],
)
def test_what_the_rules_do_not_cover_goes_to_a_coder(lines, other, more, why):
    found = chosen(*lines, other=other, **more)
    assert found.code is None
    assert found.queued is not None and found.queued.why == why
    assert found.to_dict()["queued"]["words"] == WHY[why]


def test_a_doubt_names_the_pair():
    doubt = chosen("H40.9", "N20.0").queued
    assert (doubt.effect, doubt.cause) == ("H40.9", "N20.0")


def test_a_line_with_words_and_no_code_is_not_passed_over():
    chain = Chain((Line("心肌梗死", ("I21.9",)), Line("某病"), Line(), Line()))
    assert select(Certificate(None, chain)).queued.why == "code"


def test_nothing_is_due_to_what_began_after_it():
    def chain(below):
        lines = Line(codes=("J18.0",), interval=Interval(3, "month")), Line(codes=("I63.9",), interval=below)
        return Certificate(None, Chain((*lines, Line(), Line())))

    assert select(chain(Interval(1, "year"))).code == "I63.9"
    first = select(chain(Interval(2, "day")))
    assert first.steps[0].rule == "SP5"


def test_the_stated_underlying_cause_is_not_looked_at():
    assert chosen("I21.9", underlying="C34.9").code == "I21.9"


def test_every_step_has_words_in_both_languages():
    for text in (
        *RULES.values(),
        *WHY.values(),
        *(line.why for line in obvious()),
        *(line.why for line in relation().never),
    ):
        assert text.zh and text.en


def test_every_code_of_the_tables_is_of_the_classification():
    lists, pairs = modification(), (*relation().never, *relation().only, *relation().may, *obvious())
    spans = [one for line in pairs for one in (*line.effects, *line.causes, *line.unless)]
    spans += [*lists.ill_defined, *lists.unlikely]
    spans += [one for line in (*lists.linked, *lists.specific) for one in (*line.when, *line.other, *line.also)]
    codes = [one.code for one in icd.every()]
    assert [span for span in set(spans) if not any(span.holds(code) for code in codes)] == []
    for line in (*lists.linked, *lists.specific):
        assert line.to is None or line.to.startswith(".") or icd.exists(line.to)


def test_no_pair_is_both_improbable_and_obvious():
    codes = [one.code for one in icd.every() if len(one.code) == 3][::14]
    for effect in codes:
        for cause in codes:
            if obviously_due(effect, cause):
                assert relation().may_be_due(effect, cause) is not False, (effect, cause)
