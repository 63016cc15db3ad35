"""The queue worked from the command line, in JSON and in both languages; mistakes have codes and repeat nobody's values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli.app import app
from quanmin.errors import QuanminError
from quanmin.population.review.errors import MergedMeanwhile, NoSuchReview, ReasonMissing, SameReviewer

from .conftest import LI, LI_AGAIN, OTHER_NUMBER, ZHAO

CASE = ("--purpose", "treatment", "--case", "C-1")


@pytest.fixture
def home(desk: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("QUANMIN_HOME", str(desk.lake.settings.home))
    monkeypatch.setenv("COLUMNS", "300")
    return desk


def run(*arguments: str) -> Any:
    """The JSON document that a command prints."""
    result = CliRunner().invoke(app, ["population", *arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["population", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return str(result.output)


def work() -> int:
    """The item about Li's two numbers."""
    run("review", "gather")
    items = run("review", "list", "--about", "double")["items"]
    [review] = [i["review"] for i in items if run("review", "show", str(i["review"]))["records"] == [2, 1]]
    return int(review)


def test_the_queue_from_gathering_to_undoing(home: Any) -> None:
    assert run("review", "gather")["new"] == {"link": 0, "contested": 1, "double": 2}
    review = str(work())
    shown = run("review", "show", review, *CASE)
    assert {one["item"]: one["marks"] for one in shown["items"]}["citizen_number"] == ["near"]
    decided = run("review", "decide", review, "same", "--reason", "核对了户口簿", "--reviewer", "zhang")
    assert (decided["state"], decided["answer"]) == ("closed", "same")
    assert run("show", LI_AGAIN["number"], *CASE)["merged"]["number"] == LI_AGAIN["number"]
    assert run("verify", LI_AGAIN["number"], LI["name"])["merged"] is True
    assert "merged" not in run("verify", LI["number"], LI["name"])
    assert "merged" not in run("verify", LI_AGAIN["number"], "王五")
    told = run("history", LI_AGAIN["number"], *CASE)
    assert ([one["event"] for one in told["reviews"]], len(told["before"])) == (["merged"], 1)
    assert run("review", "stats")[-1]["states"]["closed"] == 1
    assert run("review", "undo", review, "--reason", "号码有误")["state"] == "open"
    assert "merged" not in run("show", LI_AGAIN["number"], *CASE)
    assert run("review", "list", "--state", "closed")["items"] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "新增 一人两号 待审核 期限 相近 已办结 号码 并入 其他号码 审核变更 并入了另一号码 该号码已并入 Kappa"),
        (
            "en",
            "new|two numbers|open|due|close|closed|was merged into|Other numbers|changed by review|another one of|Kappa",
        ),
    ],
)
def test_people_are_told_in_their_language(
    home: Any, language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = str(work())
    monkeypatch.setenv("QUANMIN_LANGUAGE", language)
    told = said("review", "gather") + said("review", "list") + said("review", "show", review)
    told += said("review", "decide", review, "same", "--reason", "r")
    told += said("show", LI_AGAIN["number"]) + said("history", LI_AGAIN["number"])
    told += said("verify", LI_AGAIN["number"], LI["name"]) + said("review", "stats")
    assert [word for word in words.split("|" if language == "en" else None) if word not in told] == []
    assert not [row for row in (LI, LI_AGAIN, OTHER_NUMBER, ZHAO) if row["number"] in told]


def test_mistakes_have_codes_and_tell_nobodys_values(home: Any) -> None:
    review = str(work())
    for arguments, kind in [
        (("decide", "99999", "same", "--reason", "r"), NoSuchReview),
        (("show", "99999"), NoSuchReview),
        (("decide", review, "same"), ReasonMissing),
        (("undo", review), ReasonMissing),
    ]:
        with pytest.raises(kind) as refused:
            CliRunner().invoke(app, ["population", "review", *arguments], catch_exceptions=False)
        assert LI["number"] not in refused.value.message("zh")
    run("review", "decide", review, "same", "--reason", "r")
    with pytest.raises(SameReviewer):
        said("review", "decide", review, "same", "--reason", "r")
    stale = home.lake.ledger.create("review_double", "by hand", home.lake.ledger.get(int(review)).data).id
    with pytest.raises(MergedMeanwhile) as error:
        said("review", "decide", str(stale), "different", "--reason", "r")
    assert isinstance(error.value, QuanminError)
    assert error.value.category == "conflict"


@pytest.mark.parametrize(
    "arguments",
    [("list", "--about", "nonsense"), ("list", "--state", "nonsense"), ("decide", "1", "same", "--keep", "up")],
)
def test_words_that_no_option_knows(home: Any, arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, ["population", "review", *arguments]).exit_code == 2


def test_an_undoing_that_the_base_has_not_followed_and_a_split_are_said(home: Any) -> None:
    review = str(work())
    [contested] = [one["review"] for one in run("review", "list", "--about", "contested")["items"]]
    run("review", "decide", review, "same", "--reason", "r")
    run("review", "decide", str(contested), "different", "--reason", "r")
    run("build")
    assert "another person uses this number" in said("show", ZHAO["number"])
    assert "The merge was undone" not in said("show", LI_AGAIN["number"])
    run("review", "undo", review, "--reason", "r")
    assert "The merge was undone" in said("show", LI_AGAIN["number"])
    run("build")
    assert "was merged into" not in said("show", LI_AGAIN["number"])
