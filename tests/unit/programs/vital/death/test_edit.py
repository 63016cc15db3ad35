"""Every edit finds what it is for, at the right line, and leaves a right certificate alone."""

import datetime as dt
from dataclasses import replace

import pytest

from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death.certificate import Certificate, Day, day_of
from quanmin.programs.vital.death.chain import Chain, Interval, Line
from quanmin.programs.vital.death.edit import EDITS, edits, refused
from quanmin.programs.vital.death.form import FORMS, Deadline, demanded, form, late
from quanmin.programs.vital.death.limit import limits
from quanmin.programs.vital.death.quality import classes

TODAY = dt.date(2026, 9, 1)
RIGHT = Certificate(
    number="S1",
    chain=Chain.of("I61.9", "I10", other="E11.9"),
    sex="1",
    birth=dt.date(1950, 3, 1),
    death=Day(2026, 8, 20),
    filled=dt.date(2026, 8, 21),
    version="2026",
    underlying="I61.9",
)


def found(**changes):
    return [(one.rule, one.line or one.element) for one in edits(replace(RIGHT, **changes), TODAY)]


def of(*lines, other="", **more):
    return {"chain": Chain.of(*lines, other=other), "underlying": None, **more}


def timed(*intervals):
    lines = [Line(codes=(code,), interval=one) for code, one in zip(("J18.0", "I63.9", "I10"), intervals, strict=False)]
    lines += [Line()] * (4 - len(lines))
    return {"chain": Chain(tuple(lines))}


WRONG = [
    ("chain.empty", "a", of()),
    ("chain.gap", "b", of("I61.9", "", "I10")),
    ("chain.gap", "a", of("", "I10")),
    ("chain.uncoded", "b", {"chain": Chain((Line("脑出血", ("I61.9",)), Line("高血压"), Line(), Line()))}),
    ("chain.duplicate", "II", of("I61.9", "I10", other="I61.9")),
    ("chain.duplicate", "b", of("I61.9", "i61.900x001")),
    ("code.exists", "b", of("I61.9", "I53.9")),
    ("code.exists", "II", of("I61.9", other="elephant")),
    ("code.exists", "underlying_cause_code", {"underlying": "N18.0"}),
    ("code.sex", "a", of("C56")),
    ("code.sex", "a", of("C61", sex="2")),
    ("code.age", "a", of("P22.0")),
    ("code.age", "a", of("C61", birth=dt.date(2010, 1, 1))),
    ("code.age", "a", of("R95")),
    ("code.age", "b", of("O72.1", "O15.9", sex="2", birth=dt.date(2020, 1, 1), pregnancy=True)),
    ("code.age", "b", of("T60.0", "X68", birth=dt.date(2024, 1, 1))),
    ("code.asterisk", "b", of("I63.9", "I68.0")),
    ("code.asterisk", "underlying_cause_code", {"underlying": "G01"}),
    ("underlying.ill_defined", "a", of("R99")),
    ("underlying.ill_defined", "b", of("J18.9", "R54")),
    ("underlying.injury", "underlying_cause_code", {"underlying": "S06.9"}),
    ("cause.external_missing", "a", of("S06.9")),
    ("interval.order", "b", timed(Interval(3, "month"), Interval(2, "day"))),
    ("interval.order", "c", timed(Interval(1, "day"), None, Interval(1, "hour"))),
    ("interval.life", "a", timed(Interval(99, "year"))),
    ("death_date.missing", "death_date", {"death": None}),
    ("death_date.day_unknown", "death_date", {"death": Day(2026, 8)}),
    ("death_date.before_birth", "death_date", {"birth": dt.date(2026, 8, 21)}),
    ("death_date.before_birth", "death_date", {"birth": dt.date(2026, 9, 1), "death": Day(2026, 8)}),
    ("death_date.future", "death_date", {"death": Day(2026, 9, 2)}),
    ("death_date.future", "death_date", {"death": Day(2026, 10)}),
    ("filled_on.before_death", "filled_on", {"filled": dt.date(2026, 8, 19)}),
    ("filled_on.future", "filled_on", {"filled": dt.date(2026, 9, 2)}),
    ("filled_on.late", "filled_on", {"death": Day(2026, 8, 1)}),
    ("form.version", "form_version", {"version": "2013"}),
    ("form.version", "form_version", {"version": "1996"}),
    ("pregnancy.sex", "pregnancy", {"pregnancy": True}),
    ("pregnancy.age", "pregnancy", {"pregnancy": True, "sex": "2"}),
    ("pregnancy.missing", "pregnancy", of("O72.1", sex="2", birth=dt.date(1996, 1, 1))),
]


def test_a_right_certificate_has_no_finding():
    assert found() == []


@pytest.mark.parametrize(("rule", "where", "changes"), WRONG, ids=[f"{rule}-{n}" for n, (rule, *_) in enumerate(WRONG)])
def test_an_edit_finds_its_mistake(rule, where, changes):
    assert (rule, where) in found(**changes)


def test_every_edit_is_tested():
    assert {rule for rule, _, _ in WRONG} == set(EDITS)


FINE = [
    ("interval.order", timed(Interval(1, "day"), Interval(1, "day"))),
    ("interval.order", timed(Interval(36, "hour"), Interval(1, "day"))),
    ("interval.life", timed(Interval(77, "year"))),
    ("death_date.before_birth", {"birth": dt.date(2026, 8, 20)}),
    ("death_date.before_birth", {"birth": dt.date(2026, 8, 25), "death": Day(2026, 8)}),
    ("filled_on.before_death", {"filled": dt.date(2026, 8, 2), "death": Day(2026, 8)}),
    ("filled_on.late", {"death": Day(2026, 8, 6)}),
    ("cause.external_missing", of("S06.9", other="V03.1")),
    ("pregnancy.missing", of("O96.0", sex="2", birth=dt.date(1996, 1, 1))),
    ("code.sex", of("C56", sex="0")),
]


@pytest.mark.parametrize(("rule", "changes"), FINE, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(FINE)])
def test_an_edit_leaves_what_may_be_so(rule, changes):
    assert rule not in [name for name, _ in found(**changes)]


def test_a_reject_refuses_and_a_warning_does_not():
    assert refused(edits(replace(RIGHT, death=Day(2027, 1, 1)), TODAY))
    assert not refused(edits(replace(RIGHT, **of("R99")), TODAY))


def test_there_are_the_83_asterisk_categories_that_who_counts():
    assert len(limits().asterisk) == 83
    assert all(icd.exists(code) for code in limits().asterisk)
    titled = {one.code for one in icd.every() if len(one.code) == 3 and one.title.endswith("classified elsewhere")}
    assert titled - limits().asterisk == {"F54"}


def test_an_asterisk_code_is_refused_as_the_underlying_cause_only():
    assert refused(edits(replace(RIGHT, underlying="G01"), TODAY))
    assert not refused(edits(replace(RIGHT, **of("I63.9", "I68.0")), TODAY))


def test_a_leap_day_is_a_day():
    death = {"death": Day(2024, 2, 29), "filled": dt.date(2024, 3, 1), "version": "2013"}
    assert found(**death) == []
    assert day_of("2023-02-29") is None
    born = replace(RIGHT, birth=dt.date(2004, 2, 29), death=Day(2026, 2, 28))
    assert born.years() == 21
    assert replace(born, death=Day(2026, 3, 1)).years() == 22


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-05-03", Day(2026, 5, 3)),
        ("20260503", Day(2026, 5, 3)),
        ("2026年05月03日", Day(2026, 5, 3)),
        ("2026-05", Day(2026, 5)),
        ("2026年05月", Day(2026, 5)),
        ("2026-13", None),
        ("0000-01", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_days_and_months(text, day):
    assert day_of(text) == day


def test_a_mark_makes_the_day_unknown():
    row = {"death_date": "2026-08-01", "death_day_unknown": "1", "birth_date": "1950-03-01"}
    assert Certificate.read(row).death == Day(2026, 8)
    assert Certificate.read(row | {"death_day_unknown": "0"}).death == Day(2026, 8, 1)


def test_forms_follow_each_other():
    assert demanded(dt.date(2013, 12, 31)) is None
    assert demanded(dt.date(2026, 6, 30)) is form("2013")
    assert demanded(dt.date(2026, 7, 1)) is form("2026")
    for one in FORMS:
        assert set(one.needs) <= set(one.has)


@pytest.mark.parametrize(
    ("document", "number", "lacks"),
    [
        ("01", "x", []),
        ("01", "", ["citizen_number"]),
        ("居民户口簿", None, ["citizen_number"]),
        ("", "", ["document_type", "citizen_number"]),
        ("03", "", []),  # a foreigner: the number of the passport is that of the certificate
        ("无", "", []),  # a newborn or a body without any document
    ],
)
def test_a_citizen_number_is_needed_of_citizens(document, number, lacks):
    texts = dict.fromkeys(form("2026").needs, "x") | {"document_type": document, "citizen_number": number}
    assert list(form("2026").lacks(texts)) == lacks
    assert list(form("2013").lacks({})) == list(form("2013").needs)


def test_the_deadline_can_be_set():
    slow = replace(RIGHT, death=Day(2026, 8, 7), filled=dt.date(2026, 8, 20))
    assert late(slow) == 0
    assert late(slow, Deadline(7)) == 6
    assert late(slow, Deadline(7, working=True)) == 2  # Friday the 7th; seven working days end on Tuesday the 18th
    assert late(replace(slow, death=None)) is None


def test_a_certificate_goes_to_json_and_back():
    whole = replace(RIGHT, **timed(Interval(5, "day"), Interval(3, "month"), None), pregnancy=False, death=Day(2026, 8))
    assert Certificate.from_dict(whole.to_dict()) == whole


def test_every_code_of_the_tables_is_of_the_classification():
    spans = [one for _, codes in limits().sexes for one in codes]
    spans += [one for limit in limits().ages for one in limit.codes]
    spans += [one for each in classes() for one in each.codes]
    codes = [one.code for one in icd.every()]
    assert [span for span in set(spans) if not any(span.holds(code) for code in codes)] == []
