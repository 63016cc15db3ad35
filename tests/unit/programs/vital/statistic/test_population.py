"""Populations of days: known people on known days, and the 1 Januaries of cohorts."""

from __future__ import annotations

from datetime import date

from quanmin.programs.vital.statistic.population import Cell, Cohort, Person, count, january, person_years

DAY = date(2015, 1, 1)
REGION = "130102"


def test_who_counts_on_a_day() -> None:
    people = [
        Person("1", date(2014, 12, 31), None, REGION),
        Person("1", DAY, None, REGION),
        Person("2", date(1980, 2, 29), date(2014, 12, 31), REGION),
        Person("2", date(1980, 2, 29), DAY, REGION),
        Person("2", date(1900, 5, 5), None, REGION),
        Person("2", None, None, REGION),
        Person("9", date(1980, 1, 1), None, REGION),
    ]
    assert count(people, DAY) == {
        Cell(REGION, "1", 0): 1,
        Cell(REGION, "2", 34): 1,
        Cell(REGION, "2", 100): 1,
    }


def test_a_leap_day_child_is_a_year_older_once_the_first_of_march_is_over() -> None:
    one = [Person("1", date(2012, 2, 29), None, REGION)]
    assert list(count(one, date(2015, 3, 1))) == [Cell(REGION, "1", 2)]
    assert list(count(one, date(2015, 3, 2))) == [Cell(REGION, "1", 3)]


def test_januaries_and_person_years() -> None:
    cohorts = [
        Cohort(REGION, "1", 2000, None, 10),
        Cohort(REGION, "2", 1990, 2014, 4),
        Cohort(REGION, "2", 2014, None, 2),
    ]
    start, end = january(cohorts, 2014), january(cohorts, 2015)
    assert (start.male[13], start.female[23], start.female[0], start.total) == (10, 4, 0, 14)
    assert (end.male[14], end.female[24], end.female[0], end.total) == (10, 0, 2, 12)
    lived = person_years(cohorts, 2014, 2014)
    assert lived.total == 13 and (lived.male[13], lived.male[14]) == (5, 5)
    assert person_years(cohorts, 2013, 2014).total == 13 + (14 + 14) / 2
