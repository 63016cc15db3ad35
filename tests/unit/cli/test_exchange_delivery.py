"""`quanmin exchange send | deliveries | delivery | folder`: what an operator does with deliveries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.unit.exchange.delivery.network import Pair, pair
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.cli.exchange import delivery as verbs
from quanmin.errors import QuanminError


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    with pair(tmp_path) as made:
        monkeypatch.setenv("QUANMIN_HOME", str(made.provider.settings.home))
        monkeypatch.setenv("QUANMIN_MEMBER", made.provider.member)

        @contextmanager
        def opened(_settings: Any) -> Iterator[Any]:
            yield made.provider

        monkeypatch.setattr(verbs, "opened", opened)
        yield made


def said(*words: str) -> Any:
    found = CliRunner().invoke(app, ["exchange", *words, "--json"], catch_exceptions=True)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return json.loads(found.stdout)


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "births.csv").write_bytes(b"a\n1\n")
    return str(tmp_path / "births.csv")


def test_a_file_is_sent_listed_and_shown(two: Pair, file: str) -> None:
    made = said("send", two.terms.id, file)
    assert (made["state"], made["file"], made["event"]) == ("prepared", "births.csv", 1)
    two.run()
    [row] = said("deliveries", "--agreement", two.terms.id)
    assert (row["delivery"], row["state"], row["direction"]) == (made["delivery"], "acknowledged", "out")
    shown = said("delivery", "show", made["delivery"])
    assert [one["action"] for one in shown["timeline"]] == ["create", "send", "sent", "acknowledge"]
    assert shown["receipt"].count(".") == 2
    assert said("deliveries", "--state", "parked") == []


def test_it_is_parked_retried_resent_and_cancelled(two: Pair, file: str) -> None:
    number = said("send", two.terms.cited, file)["delivery"]
    assert said("delivery", "park", number, "--reason", "wait")["state"] == "parked"
    assert said("delivery", "retry", number)["state"] == "sending"
    two.run()
    assert said("delivery", "resend", number, "--reason", "lost")["state"] == "sending"
    two.run()
    other = said("send", two.terms.id, file, "--answers", number)
    assert (other["content"], other["answers"]) == ("correction", number)
    said("delivery", "park", other["delivery"], "--reason", "wrong")
    assert said("delivery", "cancel", other["delivery"], "--reason", "wrong")["state"] == "cancelled"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("delivery", "show", "nothing"), "QM-EXCHANGE-071"),
        (("delivery", "retry", "nothing"), "QM-EXCHANGE-071"),
        (("send", "A-0", __file__), "QM-EXCHANGE-021"),
    ],
)
def test_what_is_not_there_is_told(two: Pair, words: tuple[str, ...], code: str) -> None:
    with pytest.raises(QuanminError) as caught:
        said(*words)
    assert caught.value.code == code


def test_people_read_tables_in_their_language(two: Pair, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output.out, "width", 300)
    number = said("send", two.terms.id, file)["delivery"]
    for language, word in (("zh", "待发送"), ("en", "prepared")):
        monkeypatch.setenv("QUANMIN_LANGUAGE", language)
        for words in (("deliveries",), ("delivery", "show", number)):
            assert word in CliRunner().invoke(app, ["exchange", *words]).stdout
    found = CliRunner().invoke(app, ["exchange", "delivery", "park", number, "--reason", "wait"])
    assert found.stdout.strip() == f"{number}: parked"


def test_a_folder_is_looked_after(two: Pair, tmp_path: Path) -> None:
    assert said("folder", str(tmp_path / "box")) == {"sent": 0, "known": 0, "refused": 0, "brought": 0}
    own = tmp_path / "box" / "to_platform" / two.terms.id
    (own / "x.csv").write_bytes(b"a\n")
    assert said("folder", str(tmp_path / "box"), "--renamed")["sent"] == 1
    found = CliRunner().invoke(app, ["exchange", "folder", str(tmp_path / "box")])
    assert found.stdout.strip() in ("0 sent, 0 known, 0 refused, 0 brought", "发出 0，已有 0，拒绝 0，取回 0")
