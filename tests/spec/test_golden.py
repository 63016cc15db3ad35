title = {"en": "Which value is golden", "zh": "黄金记录取值"}

NUMBER = "11010519491231002X"
WHO = "citizen_number, name"
PERSON = f"{NUMBER}, 李明"
HOUSEHOLD = "public_security.household_registration"
POPULATION = "health.whole_population"
DEGREE = "education.degree"
EMPLOYMENT = "social_security.employment"
RESIDENCE = "social_security.residence"
SCHEME = "health.ncms_enrolment"


def test_the_most_trusted_source_decides(base):
    """Sources stand in an order of trust, an item at a time: the register comes first for the ethnic group."""
    base.collect(POPULATION, f"{WHO}, ethnicity | {PERSON}, 11")
    base.collect(HOUSEHOLD, f"{WHO}, ethnicity | {PERSON}, 01")
    assert base.item(NUMBER, "ethnicity") == "01"


def test_a_value_that_its_own_row_speaks_against_decides_nothing(base):
    """A birth place that never was a region is not golden, even if no other source states one."""
    base.collect(HOUSEHOLD, f"{WHO}, birth_place | {PERSON}, 119999")
    assert base.item(NUMBER, "birth_place") is None


def test_education_only_rises(base):
    """The highest level counts, whoever states it: each source notes the level of some day, and nobody loses one."""
    base.collect(HOUSEHOLD, f"{WHO}, education | {PERSON}, 61")
    base.collect(DEGREE, f"certificate_no, {WHO}, education | 12345678901234567, {PERSON}, 31")
    base.collect(POPULATION, f"{WHO}, education | {PERSON}, 21")
    assert base.item(NUMBER, "education") == "21"


def test_within_a_level_the_order_of_trust_decides(base):
    """A certificate of a bachelor's degree (21) is more exact than "undergraduate" (20), and stands before it."""
    base.collect(HOUSEHOLD, f"{WHO}, education | {PERSON}, 20")
    base.collect(DEGREE, f"certificate_no, {WHO}, education | 12345678901234567, {PERSON}, 21")
    assert base.item(NUMBER, "education") == "21"


def test_a_job_that_has_ended_is_no_workplace(base):
    """The insurance knows only a job that has ended; the whole-population record knows the present one."""
    base.collect(HOUSEHOLD, f"{WHO} | {PERSON}")
    base.collect(EMPLOYMENT, f"{WHO}, employer_name, paid_on, ended_on | {PERSON}, 第一中学, 2013-05-31, 2013-05-31")
    assert base.item(NUMBER, "workplace") is None
    base.collect(POPULATION, f"{WHO}, workplace | {PERSON}, 第二中学")
    assert base.item(NUMBER, "workplace") == "第二中学"


def test_what_a_trusted_source_says_is_over_is_not_believed_of_another(base):
    """A less trusted source that still names the job which has ended is behind."""
    base.collect(HOUSEHOLD, f"{WHO} | {PERSON}")
    base.collect(EMPLOYMENT, f"{WHO}, employer_name, paid_on, ended_on | {PERSON}, 第一中学, 2013-05-31, 2013-05-31")
    base.collect(POPULATION, f"{WHO}, workplace | {PERSON}, 第一中学")
    assert base.item(NUMBER, "workplace") is None


def test_a_row_that_lasts_stands_before_rows_that_have_ended(base):
    """Of two jobs the one that goes on is the workplace, even if the other one was paid for later."""
    base.collect(HOUSEHOLD, f"{WHO} | {PERSON}")
    head = f"participation_no, {WHO}, employer_name, paid_on, ended_on"
    ended, lasting = (
        f"E0000001, {PERSON}, 第一中学, 2013-05-31, 2013-05-31",
        f"E0000002, {PERSON}, 第二中学, 2013-04-30,",
    )
    base.collect(EMPLOYMENT, f"{head} | {ended} | {lasting}")
    assert base.item(NUMBER, "workplace") == "第二中学"


def test_an_end_to_come_has_not_ended(base):
    """A residence that ends after the day it was noted is the present one."""
    base.collect(HOUSEHOLD, f"{WHO} | {PERSON}")
    base.collect(
        RESIDENCE, f"{WHO}, residence_address, updated_on, ended_on | {PERSON}, 和平路1号, 2013-05-31, 2013-12-31"
    )
    assert base.item(NUMBER, "residence") == "和平路1号"


def test_the_address_of_an_enrolment_needs_the_register(base):
    """The rural scheme keeps the address of the first enrolment: somebody lives there only while it is the registered one."""
    head = f"household_no, member_no, {WHO}, registered_address"
    base.collect(HOUSEHOLD, f"{head} | 130100000001, 1, {PERSON}, 和平路1号")
    base.collect(SCHEME, f"year, {WHO}, address | 2012, {PERSON}, 和平路1号")
    assert base.item(NUMBER, "residence") == "和平路1号"
    base.collect(HOUSEHOLD, f"{head} | 130100000001, 1, {PERSON}, 友谊街2号")
    assert base.item(NUMBER, "residence") is None
