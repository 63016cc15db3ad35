"""Take the pictures of the manual from the demonstration's pages: `QUANMIN_HOME=quanmin-home/demo python scripts/pictures.py`.

The demonstration must have been run with `--sign-ins`; Chromium must be on the machine. Values of its people are masked.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from quanmin import readers_demo
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import identity
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import roster

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
SIZE = {"width": 1100, "height": 760}
SHOWN = (
    ("home", None, "/zh/"),
    ("statistics", None, "/en/statistics"),
    ("overview", "demo-operator", "/console/zh/"),
    ("receipt", "demo-operator", "/console/zh/collect/batches/3"),
    ("standards", "demo-operator", "/console/en/standards/datasets/health.birth"),
    ("review", "demo-reviewer", "/console/zh/review"),
    ("feedback", "demo-operator", "/console/en/feedback"),
    ("trust", "demo-security", "/console/zh/trust/policies"),
    ("operations", "demo-operator", "/console/en/operations/health"),
)


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The server of the demonstration, at a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    origin = f"http://localhost:{port}"
    environment = {**os.environ, "QUANMIN_ORIGIN": origin, "QUANMIN_LOG_LEVEL": "error"}
    server = subprocess.Popen([sys.executable, "-m", "quanmin", "serve", "--port", str(port)], env=environment)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{origin}/health/ready", timeout=10).close()
                break
            except OSError:
                time.sleep(0.2)
        yield origin
    finally:
        server.terminate()
        server.wait(30)


def session(lake: Lake, account: str) -> str:
    """A session of an account."""
    registry = identity.Registry.open(lake.ledger, lake.settings)
    with lake.ledger.writing() as connection:
        document = accounts.find(registry, account, connection)
        if document is None:
            raise SystemExit("run quanmin demo --sign-ins first")
        place = roster.place_of(registry, connection, document, None)
        return identity.session.begin(registry, connection, account, place, "password+totp", 2, True)


def opened(browser: Browser, origin: str, lake: Lake, account: str | None) -> Page:
    """A page of somebody."""
    context = browser.new_context(base_url=origin, viewport=SIZE)
    if account is not None:
        token = session(lake, account)
        context.add_cookies([{"name": "quanmin_console", "value": token, "domain": "localhost", "path": "/console"}])
    return context.new_page()


def person(page: Page, number: str) -> None:
    """Look somebody up without a case number, so that values are masked."""
    page.goto("/console/en/population")
    form = page.locator('main form[action$="/population/person"]')
    form.locator("input[name=number]").fill(number)
    form.locator("select[name=purpose]").select_option("supervision")
    form.locator("button[type=submit]").click()
    page.wait_for_load_state("networkidle")


def main() -> None:
    """All of them."""
    settings = Settings()
    program = shutil.which("chromium") or shutil.which("google-chrome")
    PICTURES.mkdir(exist_ok=True)
    with serving(settings) as origin, Lake.open(settings) as lake, sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, account, path in SHOWN:
            page = opened(browser, origin, lake, account)
            page.goto(path)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / f"{name}.png")
        page = opened(browser, origin, lake, "demo-reviewer")
        person(page, readers_demo.somebody(lake))
        page.screenshot(path=PICTURES / "person.png")
        browser.close()


if __name__ == "__main__":
    main()
