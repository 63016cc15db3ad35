import pytest

from quanmin.lake.errors import NotReadable

title = {"en": "One number in several sources", "zh": "多源校核"}

HOUSEHOLD = "public_security.household_registration"
POPULATION = "health.whole_population"
COLUMNS = "citizen_number, name, sex, birth_date"
PERSON = "11010519491231002X, 李明, 2, 1949-12-31"


def test_the_number_decides_the_birth_date(base):
    """The citizen number carries the birth date; a source that says otherwise is told so, with code E05."""
    base.collect(HOUSEHOLD, f"{COLUMNS} | {PERSON}")
    base.collect(POPULATION, f"{COLUMNS} | 11010519491231002X, 李明, 2, 1949-12-13")
    assert base.item("11010519491231002X", "birth_date") == "1949-12-31"
    assert base.feedback("health") == ["health.whole_population row 1: birth_date, E05"]


def test_the_number_decides_the_sex(base):
    """The 17th digit of the number tells the sex; a source that says otherwise is told so, with code E04."""
    base.collect(HOUSEHOLD, f"{COLUMNS} | {PERSON}")
    base.collect(POPULATION, f"{COLUMNS} | 11010519491231002X, 李明, 1, 1949-12-31")
    assert base.item("11010519491231002X", "sex") == "2"
    assert base.feedback("health") == ["health.whole_population row 1: sex, E04"]


def test_a_record_joins_by_number_and_name(base):
    """A record whose name is another's is set aside and told, with code E03."""
    base.collect(HOUSEHOLD, f"{COLUMNS} | {PERSON}")
    base.collect(POPULATION, f"{COLUMNS} | 11010519491231002X, 王芳, 2, 1949-12-31")
    report = base.build()
    assert (report["attached"], report["set_aside"], report["errors"]) == (1, 1, {"E03": 1})


def test_a_number_that_the_benchmark_does_not_know(base):
    """A record whose number is not in the benchmark is set aside, with code E02."""
    base.collect(HOUSEHOLD, f"{COLUMNS} | {PERSON}")
    base.collect(POPULATION, f"{COLUMNS} | 440308199901101512, 张伟, 1, 1999-01-10")
    assert base.build()["errors"] == {"E02": 1}


def test_a_wrong_check_digit_is_refused_by_the_benchmark_only(base):
    """In the benchmark a wrong number refuses the row; elsewhere the row is kept, set aside, and told, with code E01."""
    receipt = base.collect(HOUSEHOLD, f"{COLUMNS} | {PERSON} | 440308199901101513, 张伟, 1, 1999-01-10")
    assert (receipt["accepted"], receipt["quarantined"]) == (1, 1)
    receipt = base.collect(POPULATION, f"{COLUMNS} | 440308199901101513, 张伟, 1, 1999-01-10")
    assert (receipt["accepted"], receipt["quarantined"]) == (1, 0)
    assert base.build()["errors"] == {"E01": 1}


def test_a_verification_says_agree_differ_or_unknown(base):
    """A question about a number and a name gets one of three answers, and nothing else."""
    base.collect(HOUSEHOLD, f"{COLUMNS} | {PERSON}")
    assert base.verify("11010519491231002x", "李 明") == "agree"
    assert base.verify("11010519491231002X", "王芳") == "differ"
    assert base.verify("440308199901101512", "张伟") == "unknown"


def test_a_table_is_verified_at_once(base):
    """Each row of a table gets its answer, in order. A birth date that is stated too must be the one in the number."""
    base.collect(HOUSEHOLD, f"{COLUMNS} | {PERSON}")
    asked = """citizen_number,     name, birth_date
            | 11010519491231002X, 李明, 1949-12-31
            | 11010519491231002X, 李明, 1949-12-13
            | 440308199901101512, 张伟, 1999-01-10"""
    assert base.verify_table(asked) == ["agree", "differ", "unknown"]


def test_a_correction_supersedes(base):
    """A corrected file takes the place of the earlier rows with the same key; the base follows."""
    base.collect(POPULATION, f"person_code, {COLUMNS} | P0000001, 11010519491231002X, 王芳, 2, 1949-12-31")
    base.collect(HOUSEHOLD, f"{COLUMNS} | {PERSON}")
    assert base.build()["errors"] == {"E03": 1}
    receipt = base.collect(POPULATION, f"person_code, {COLUMNS} | P0000001, 11010519491231002X, 李明, 2, 1949-12-31")
    assert receipt["supersedes"] == 1
    assert base.build()["errors"] == {}


def test_a_verification_shows_nobody(base):
    """Who may verify may not read: the name is compared inside the gate, and a read for this purpose is refused."""
    base.collect(HOUSEHOLD, f"{COLUMNS} | {PERSON}")
    base.build()
    with pytest.raises(NotReadable):
        base.read("verification", ("person_key", "citizen_number", "name"))
