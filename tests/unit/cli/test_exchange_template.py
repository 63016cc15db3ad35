"""`quanmin exchange template`: what it prints is what the templates say, and a draft is terms that can be read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.exchange import Terms
from quanmin.exchange.template import templates
from quanmin.exchange.template.errors import PeriodBackwards, SameSides, TemplateUnknown
from quanmin.exchange.template.table import markdown

PERIOD = ("--starts", "2026-01-01", "--until", "2026-12-31", "--id", "A-2026-0001")


@pytest.fixture(params=["zh", "en"], autouse=True)
def language(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    monkeypatch.setenv("QUANMIN_LANGUAGE", request.param)
    monkeypatch.setattr(output.out, "width", 400)
    return str(request.param)


def run(*words: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, ["exchange", "template", *words])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.exception


def test_the_list_is_the_templates_in_every_form(language: str) -> None:
    told = json.loads(run("list", "--json"))
    assert [one["number"] for one in told] == [one.number for one in templates()]
    assert told[0]["title"] == templates()[0].title._asdict()
    table = run("list")
    assert all(one.title.get(language) in table and one.dataset in table for one in templates())  # type: ignore[arg-type]
    assert run("list", "--markdown") == markdown()


def test_an_item_is_shown_with_what_the_study_prints(language: str) -> None:
    text = run("show", "21")
    assert "主动交换" in text and templates()[19].use.get(language) in text  # type: ignore[arg-type]
    told = json.loads(run("show", "3", "--json"))
    assert told["source"] == "reconstructed" and told["printed"] == {}


def test_a_draft_is_terms_on_the_screen_and_in_a_file(tmp_path: Path) -> None:
    made = Terms.read(json.loads(run("draft", "12", *PERIOD, "--provider", "social_security")))
    assert (made.id, made.item, made.provider, made.consumer) == ("A-2026-0001", "12", "social_security", "health")
    run("draft", "12", *PERIOD, "--provider", "social_security", "--file", str(tmp_path / "terms.json"))
    assert Terms.read(json.loads((tmp_path / "terms.json").read_bytes())) == made
    assert json.loads(run("draft", "1", *PERIOD, "--form", "ndjson"))["form"] == "ndjson"
    assert "form" not in json.loads(run("draft", "1", *PERIOD, "--form", "parquet"))


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("show", "17"), TemplateUnknown),
        (("draft", "17", *PERIOD), TemplateUnknown),
        (("draft", "1", "--starts", "2026-02-01", "--until", "2026-01-31", "--id", "A-1"), PeriodBackwards),
        (("draft", "1", *PERIOD, "--consumer", "health"), SameSides),
    ],
)
def test_what_cannot_be_is_refused(words: tuple[str, ...], kind: type[Exception]) -> None:
    assert isinstance(run(*words, code=1), kind)
