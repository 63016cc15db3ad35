"""The questions on the command line: one JSON document, or tables in either language; mistakes repeat nobody's values."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli.app import app
from quanmin.errors import QuanminError
from quanmin.lake.errors import NotReadable
from quanmin.population.errors import TooVague, UnusableCriterion
from quanmin.population.statistics import PARTS
from quanmin.trust.errors import CaseMissing

LI, WANG = "11010519491231002X", "440524188001010014"
CASE = ("--purpose", "treatment", "--case", "C-1")


@pytest.fixture
def base(office: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    office.send(
        office.bench,
        {"number": LI, "name": "李峰", "registered_address": "望都县胜利巷"},
        {"number": WANG, "name": "王芳"},
    )
    office.send("health.birth", {"number": LI, "name": "李峯", "certificate_no": "A000000001"})
    office.send("health.birth", {"number": WANG, "name": "李峯", "certificate_no": "A000000002"})
    office.build()
    monkeypatch.setenv("QUANMIN_HOME", str(office.lake.settings.home))
    monkeypatch.setenv("COLUMNS", "300")
    return office


def run(*arguments: str) -> Any:
    """The JSON document that a question prints."""
    result = CliRunner().invoke(app, ["population", *arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def told(language: str, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("QUANMIN_LANGUAGE", language)
    result = CliRunner().invoke(app, ["population", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return str(result.output)


def test_find_by_name_and_by_birth(base: Any) -> None:
    assert [(one["person"], one["match"]) for one in run("find", "--name", "李峯", *CASE)["people"]] == [
        (LI, "variant")
    ]
    assert [one["person"] for one in run("find", "--born", "1949", "--sex", "女", *CASE)["people"]] == [LI]
    assert [one["person"] for one in run("find", "--born", "1949-12-31", *CASE)["people"]] == [LI]
    assert [one["person"] for one in run("find", "--born", "1949-12-31")["people"]] == [None]


def test_the_digest_of_a_photo_is_in_the_json_and_not_in_the_table(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = {"number": LI, "name": "李峰", "photo": "DIGEST"}
    base.send("public_security.photo_reference", photo)
    base.build()
    [found] = run("find", "--name", "李峰", *CASE)["people"]
    assert "DIGEST" in [one["value"] for one in found["items"]]
    assert "DIGEST" not in told("en", "find", "--name", "李峰", *CASE, monkeypatch=monkeypatch)


def test_identifiers_from_a_number_and_from_an_identifier(base: Any) -> None:
    [person] = run("identifiers", "A000000001", "--dataset", "health.birth", *CASE)["people"]
    assert (person["person"], "A000000001" in [one["value"] for one in person["identifiers"]]) == (LI, True)
    assert run("identifiers", LI, *CASE)["people"] == [person]
    assert {"dataset": "health.birth", "element": "certificate_no"}.items() <= run("identifiers", "--list")[3].items()


def test_history_and_statistics(base: Any) -> None:
    found = run("history", LI, *CASE)
    assert [change["event"] for change in found["changes"]] == ["entered"]
    assert {record["dataset"] for record in found["records"]} == {base.bench, "health.birth"}
    figures = run("statistics", "coverage", "errors", "--purpose", "supervision")
    assert {row["dataset"]: row["records"] for row in figures["coverage"]} == {base.bench: 2, "health.birth": 2}
    assert sorted(row["code"] for row in figures["errors"]) == ["E03", "E13"]
    assert set(run("statistics")) == {"snapshot", "purpose", "minimum", *PARTS}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_speak_the_language(base: Any, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    zh = "姓名 异体字 李峰 出生医学证明编号 号码与姓名不一致 入库 已挂接 有效 覆盖率 不公布 1人"
    en = "Name|variant characters|李峰|Birth certificate number|Number and name|entered|attached|live|covered|not told"
    words = {"zh": zh.split(), "en": [*en.split("|"), "people found: 1"]}
    said = "".join(
        told(language, *question, monkeypatch=monkeypatch)
        for question in (
            ("find", "--name", "李峯", *CASE),
            ("identifiers", "A000000001", "--dataset", "health.birth", *CASE),
            ("identifiers", "A000000002", "--dataset", "health.birth", *CASE),
            ("identifiers", "--list"),
            ("history", LI, *CASE),
            ("statistics",),
        )
    )
    assert [word for word in words[language] if word not in said] == []


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("find", "--name", "李峰"), CaseMissing),
        (("find", "--sex", "1"), TooVague),
        (("find", "--born", "31.12.1949"), UnusableCriterion),
        (("find", "--born", "李峰峰峰"), UnusableCriterion),
        (("identifiers", "A000000001", "--dataset", "health.birth"), CaseMissing),
        (("history", LI, "--purpose", "statistics"), NotReadable),
        (("statistics", "--purpose", "verification"), NotReadable),
    ],
)
def test_a_mistake_repeats_nobodys_values(base: Any, arguments: tuple[str, ...], kind: type[QuanminError]) -> None:
    with pytest.raises(kind) as caught:
        CliRunner().invoke(app, ["population", *arguments], catch_exceptions=False)
    for language in ("zh", "en"):
        said = caught.value.message(language) + caught.value.next_step(language)
        assert not any(value in said for value in ("李峰", LI, "31.12", "A000000001"))


@pytest.mark.parametrize(
    "arguments", [("identifiers",), ("identifiers", "X", "--element", "e"), ("statistics", "income")]
)
def test_wrong_usage_is_told(base: Any, arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, ["population", *arguments]).exit_code == 2


def test_the_examples_of_the_manual_run(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command of the manual's questions, as it stands there, finds what it is about."""
    text = (Path(__file__).resolve().parents[3] / "docs" / "population.md").read_text("utf-8")
    lines = re.findall(r"^quanmin population ((?:find|identifiers|history|statistics)\b.*)$", text, re.M)
    assert {line.split()[0] for line in lines} == {"find", "identifiers", "history", "statistics"} and len(lines) == 9
    for line in lines:
        assert len(told("en", *shlex.split(line), monkeypatch=monkeypatch).splitlines()) > 2, line
