"""Vital statistics in the console: for whom, in both languages, as page, twin and file, and no small count in any of them."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from .conftest import Browser

STATISTICIAN, CITIZENS_DOCTOR = "demo-statistician", "demo-doctor"
AT = "/console/en/vital"
WHERE = "region=130000&year=2015"


@pytest.fixture
def desk(province: Browser) -> Browser:
    return province.sign_in(STATISTICIAN)


def twin(desk: Browser, path: str) -> dict[str, Any]:
    answer = desk.get(f"{AT}/{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("page", ["statistics", "indicators", "certifiers"])
@pytest.mark.parametrize(("language", "title"), [("zh", "生命统计"), ("en", "the nation")])
def test_the_pages_are_there_in_both_languages(desk: Browser, page: str, language: str, title: str) -> None:
    answer = desk.get(f"/console/{language}/vital/{page}?{WHERE}")
    assert answer.status_code == 200
    assert "<h1>" in answer.text and "河北省" in answer.text
    assert title in answer.text or language == "zh"


@pytest.mark.parametrize("page", ["statistics", "indicators", "certifiers"])
def test_without_a_choice_the_newest_year_is_shown(desk: Browser, page: str) -> None:
    answer = desk.get(f"{AT}/{page}")
    years = re.findall(r'<option value="(\d{4})"( selected)?', answer.text)
    assert answer.status_code == 200 and [year for year, here in years if here] == [max(year for year, _ in years)]


@pytest.mark.parametrize(
    "page", ["statistics", "indicators", "certifiers", "statistics.json", "statistics/figures.csv"]
)
def test_only_whoever_may_count_sees_them(province: Browser, page: str) -> None:
    assert province.sign_out().get(f"{AT}/{page}").status_code in (303, 401, 403)
    assert province.sign_in(CITIZENS_DOCTOR).get(f"{AT}/{page}").status_code == 403


def test_the_twin_tells_each_figure_with_its_parts(desk: Browser) -> None:
    found = twin(desk, f"statistics.json?{WHERE}")
    assert (found["region"], found["period"], found["minimum"]) == ("130000", "2015", 10)
    for one in found["figures"]:
        assert {"numerator", "denominator", "sources", "notes", "marks", "snapshot", "population_base"} <= set(one)


def test_the_page_tells_registration_by_school_entry_with_its_source_and_what_moves_it(desk: Browser) -> None:
    [one] = [
        each for each in twin(desk, f"statistics.json?{WHERE}")["figures"] if each["id"] == "birth_completeness_school"
    ]
    assert "clean.education.pupil" in one["sources"] and any("moved" in note["en"] for note in one["notes"])
    for language in ("zh", "en"):
        page = desk.get(f"/console/{language}/vital/statistics?{WHERE}").text
        assert one["title"][language] in page and all(note[language] in page for note in one["notes"])


def test_no_small_count_is_in_twin_or_file(desk: Browser) -> None:
    found = twin(desk, f"statistics.json?{WHERE}")
    names = ("births", "deaths", "male", "female", "people")
    told = [row[name] for table in found["tables"].values() for row in table for name in names if name in row]
    assert [one for one in told if one is not None and 0 < one < 10] == []
    for table in ("leading_causes", "births_by_month", "areas"):
        text = desk.get(f"{AT}/statistics/{table}.csv?{WHERE}").text
        told = [row[name] for row in rows(text) for name in names if row.get(name)]
        assert [one for one in told if one != "*" and 0 < float(one) < 10] == []


def test_files_are_the_tables(desk: Browser) -> None:
    found = twin(desk, f"statistics.json?{WHERE}")
    answer = desk.get(f"{AT}/statistics/pyramid.csv?{WHERE}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert [row["age"] for row in rows(answer.text)] == [row["age"] for row in found["tables"]["pyramid"]]
    assert desk.get(f"{AT}/statistics/nothing.csv?{WHERE}").status_code == 404
    assert len(rows(desk.get(f"{AT}/statistics/figures.csv?{WHERE}").text)) == len(found["figures"])


def test_the_form_keeps_what_was_chosen_and_leads_up_and_down(desk: Browser) -> None:
    page = desk.get(f"{AT}/statistics?{WHERE}").text
    assert re.search(r'<option value="2015" selected', page) and 'value="130000"' in page
    assert "region=000000" in page and "region=130100" in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("statistics?region=139999&year=2015", 404),
        ("statistics?region=130000&year=1990", 422),
        ("statistics?region=130000&year=2015&span=2", 422),
        ("statistics?region=abc", 422),
        ("indicators?region=139999&year=2015", 404),
        ("certifiers?region=139999&year=2015", 404),
    ],
)
def test_what_there_is_not_is_said(desk: Browser, path: str, status: int) -> None:
    answer = desk.get(f"{AT}/{path}")
    assert answer.status_code in (status, 400 if status == 422 else status)


def test_an_indicator_has_its_definition_and_a_file(desk: Browser) -> None:
    found = twin(desk, f"indicators.json?{WHERE}&indicator=crude_birth_rate&by=area")
    assert (found["indicator"], found["by"]) == ("crude_birth_rate", "area")
    assert found["sources"] == ["clean.health.birth", "linked.person"] and found["unit"]["en"] == "per 1,000"
    assert found["title"] == {"zh": "粗出生率", "en": "crude birth rate"}
    file = rows(desk.get(f"{AT}/indicators.csv?{WHERE}&indicator=crude_birth_rate&by=area").text)
    assert len(file) == len(found["rows"])
    odd = twin(desk, f"indicators.json?{WHERE}&indicator=nothing&by=nothing")
    assert (odd["indicator"], odd["by"]) == ("crude_death_rate", "year")


def test_certifiers_are_told_in_twin_and_file(desk: Browser) -> None:
    found = twin(desk, f"certifiers.json?{WHERE}")
    file = rows(desk.get(f"{AT}/certifiers.csv?{WHERE}").text)
    assert len(file) == len(found["rows"]) > 0
    assert all(row["deaths"] == "*" or int(row["deaths"]) >= 10 for row in file)


def test_the_area_of_the_base_leads_there(desk: Browser) -> None:
    assert '/console/en/vital/statistics"' in desk.get("/console/en/population/statistics").text
