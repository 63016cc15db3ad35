"""How the server begins, what it says while its store is away, and that it comes back by itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from quanmin.ledger import Ledger
from quanmin.ledger.errors import LedgerUnreachable
from quanmin.web import place

from .conftest import Browser

Browse = Callable[..., Browser]


def test_beginning_imports_nothing_that_only_some_pages_need() -> None:
    heavy = {"pandas", "splink", "altair", "matplotlib"}
    code = f"import sys, quanmin.web; sys.exit(' '.join({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == ""


@pytest.mark.parametrize("path", ["/zh/", "/en/about", "/console/zh/sign-in", "/console/en/"])
def test_a_store_that_is_away_is_said_and_comes_back_alone(
    home: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    browser = browse(home)
    opening = place.Lake.open

    def away(_settings: object) -> object:
        raise LedgerUnreachable(reason="OperationalError")

    monkeypatch.setattr(place.Lake, "open", away)
    browser.present("whoever", "console")
    answer = browser.get(path)
    assert answer.status_code == 503 and answer.headers["retry-after"]
    if path.startswith("/console"):
        assert "QM-LEDGER-" in answer.text
    else:  # how the installation is set up is nobody else's business
        assert "QM-WEB-011" in answer.text and "QUANMIN_LEDGER" not in answer.text
    assert browser.get("/health/ready").status_code == 503 and browser.get("/health/live").status_code == 200
    monkeypatch.setattr(place.Lake, "open", opening)
    assert browser.get(path).status_code in (200, 303) and browser.get("/health/ready").status_code == 200


def test_a_ledger_that_fails_meanwhile_is_said_without_its_words(
    home: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browse(home).sign_in("demo-operator")
    assert browser.get("/console/zh/").status_code == 200

    def failing(_self: Ledger) -> object:
        raise OperationalError("SELECT secret_words", {}, Exception("secret_words"))

    monkeypatch.setattr(Ledger, "reading", failing)
    monkeypatch.setattr(Ledger, "writing", failing)
    answer = browser.get("/console/zh/")
    assert answer.status_code == 503 and "QM-WEB-011" in answer.text and "secret_words" not in answer.text
    monkeypatch.undo()
    assert browser.get("/console/zh/").status_code == 200


def test_told_to_stop_it_answers_what_is_under_way(home: Path, tmp_path: Path) -> None:
    port = _free()
    environment = {**os.environ, "QUANMIN_HOME": str(home), "QUANMIN_ORIGIN": f"http://localhost:{port}"}
    log = tmp_path / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "quanmin", "serve", "--port", str(port)], env=environment, stderr=out
        )
    _answers(port)
    server.send_signal(signal.SIGTERM)
    assert server.wait(30) in (0, -signal.SIGTERM)
    text = log.read_text("utf-8")
    assert f"http://localhost:{port}/" in text and "Traceback" not in text


def test_a_port_that_is_taken_is_said_in_one_line(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = {**os.environ, "QUANMIN_HOME": str(home), "QUANMIN_LANGUAGE": "en"}
        done = subprocess.run(
            [sys.executable, "-m", "quanmin", "serve", "--port", str(port)],
            env=environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 14 and "QM-WEB-012" in done.stderr and "Traceback" not in done.stderr


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(port: int) -> None:
    until = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/health/ready", timeout=30):
                return
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.2)
