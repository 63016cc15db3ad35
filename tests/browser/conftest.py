"""A real server on the small demonstration, and Chromium, for what only a browser can tell."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from quanmin.ledger import Ledger
from quanmin.opendata import Portal
from quanmin.settings import Settings
from quanmin.trust import identity
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import roster

from ..unit.web import open_data

CHROMIUM = "QUANMIN_TEST_CHROMIUM"
WAIT = 60


class Site:
    """The server: its address, and sessions for its people."""

    def __init__(self, home: Path, port: int) -> None:
        self.settings, self.port = Settings(home=home), port
        self.origin = f"http://localhost:{port}"

    def token(self, account: str) -> str:
        """A session of an account, as a password and a code would have begun it."""
        with Ledger.open(self.settings) as ledger:
            registry = identity.Registry.open(ledger, self.settings)
            with ledger.writing() as connection:
                document = accounts.find(registry, account, connection)
                assert document is not None
                place = roster.place_of(registry, connection, document, None)
                return identity.session.begin(registry, connection, account, place, "password+totp", 2, True)


@pytest.fixture(scope="session")
def site(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server of a copy of the demonstration."""
    home = Path(shutil.copytree(made, tmp_path_factory.mktemp("site") / "home"))
    with Ledger.open(Settings(home=home)) as ledger:
        open_data.fill(Portal(Settings(home=home), ledger))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "QUANMIN_HOME": str(home), "QUANMIN_ORIGIN": f"http://localhost:{port}"}
    environment |= {"QUANMIN_WEB_RATE": "1000", "QUANMIN_WEB_BURST": "10000", "QUANMIN_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "quanmin", "serve", "--port", str(port)]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _ready(port, server)
        yield Site(home, port)
    finally:
        server.terminate()
        server.wait(30)


def _ready(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(f"http://localhost:{port}/health/ready", timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError("the server does not answer")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium as the machine has it, by module: its tool keeps a loop of events running, for no other test to find."""
    program = os.environ.get(CHROMIUM) or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not on this machine")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


Opening = Callable[..., Page]


@pytest.fixture
def opening(site: Site, chromium: Browser) -> Iterator[Opening]:
    """Open pages as somebody (or nobody), with or without JavaScript; contexts are closed after the test."""
    contexts: list[BrowserContext] = []

    def opened(account: str | None = None, face: str = "console", **how: object) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", **how}
        context = chromium.new_context(base_url=site.origin, **options)
        contexts.append(context)
        if account is not None:
            path = "/console" if face == "console" else "/"
            cookie = {"name": f"quanmin_{face}", "value": site.token(account), "domain": "localhost", "path": path}
            context.add_cookies([cookie])
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page

    yield opened
    for one in contexts:
        one.close()
