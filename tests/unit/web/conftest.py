"""Browsers of the small demonstration (`made`, in tests/conftest.py) as the pages are asked without a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import identity
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import roster
from quanmin.web import application

from . import vital_matters

ORIGIN = "http://localhost:8000"


class Browser:
    """A browser of an installation. It follows no redirect, and says of a form that it comes from a page of the site."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.settings = Settings(home=home, **{"web_rate": 10_000, "web_burst": 100_000, **settings})
        made = application(self.settings)
        self.client = TestClient(
            made, ORIGIN, follow_redirects=False, raise_server_exceptions=False, client=("127.0.0.1", 1)
        )
        self.client.headers["accept"] = "text/html,*/*"

    def sign_in(self, account: str, face: str = "console") -> Browser:
        """Be somebody from now on: a session of the account, as a password and a code would have begun it."""
        with Ledger.open(self.settings) as ledger:
            registry = identity.Registry.open(ledger, self.settings)
            with ledger.writing() as connection:
                document = accounts.find(registry, account, connection)
                assert document is not None, f"no account {account}"
                place = roster.place_of(registry, connection, document, None)
                token = identity.session.begin(registry, connection, account, place, "password+totp", 2, True)
        self.present(token, face)
        return self

    def present(self, token: str, face: str = "console") -> None:
        """Send this token from now on."""
        path = "/console" if face == "console" else "/"
        self.client.cookies.set(f"quanmin_{face}", token, domain="localhost.local", path=path)

    def sign_out(self) -> Browser:
        """Be nobody."""
        self.client.cookies.clear()
        return self

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Ask for a page."""
        return self.client.get(path, **more)

    def post(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Send a form."""
        headers = {"sec-fetch-site": "same-origin", **more.pop("headers", {})}
        return self.client.post(path, data=fields or {}, headers=headers, **more)

    def close(self) -> None:
        """Let the server go."""
        self.client.close()


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "home"))


@pytest.fixture
def browse() -> Iterator[Callable[..., Browser]]:
    """Make browsers of a home; they are closed after the test."""
    opened: list[Browser] = []

    def browsing(home: Path, **settings: Any) -> Browser:
        opened.append(Browser(home, **settings))
        return opened[-1]

    yield browsing
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def _reading(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(Path(shutil.copytree(made, tmp_path_factory.mktemp("pages") / "home")))
    yield browser
    browser.close()


@pytest.fixture
def province(_reading: Browser) -> Iterator[Browser]:
    """A browser, signed out, of a copy that tests only read."""
    yield _reading.sign_out()
    _reading.sign_out()


@pytest.fixture(scope="session")
def _vital(made: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    home = Path(shutil.copytree(made, tmp_path_factory.mktemp("vital") / "home"))
    return home, vital_matters.fill(home)


@pytest.fixture
def vital(_vital: tuple[Path, dict[str, Any]], tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A copy of it with holders, blanks and certificates that a test may change, and where each is."""
    home, found = _vital
    return Path(shutil.copytree(home, tmp_path / "vital")), found


@pytest.fixture(scope="session")
def _vital_reading(_vital: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(Path(shutil.copytree(_vital[0], tmp_path_factory.mktemp("vital-pages") / "home")))
    yield browser
    browser.close()


@pytest.fixture
def county(_vital_reading: Browser) -> Iterator[Browser]:
    """A browser, signed out, of a copy of it that tests only read."""
    yield _vital_reading.sign_out()
    _vital_reading.sign_out()


@pytest.fixture
def vital_found(_vital: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    """Where each of its matters is."""
    return _vital[1]
