"""A small catalogue of simulated documents, and one record to be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from quanmin.ledger import Ledger
from quanmin.opendata.catalogue import Catalogue
from quanmin.settings import Settings
from quanmin.synth import open_catalogue

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def make() -> Make:
    """A good document; keywords change its parts (`zh`, `en`: title; `about`: description), None takes one away."""

    def made(number: int = 1, zh: str = "高血压患病率", en: str = "", about: str = "", **parts: Any) -> dict[str, Any]:
        document = {
            "@type": "dcat:Dataset",
            "dct:identifier": f"id-{number:06}",
            "quanmin:name": f"record-{number}",
            "dct:title": {"zh": zh, "en": en or f"record {number}"},
            "dct:description": {"zh": about or "说明", "en": "words"},
            "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫生健康委", "en": "Health"}},
            "quanmin:access": "public",
        }
        names = {key.replace("__", ":"): value for key, value in parts.items()}
        return {key: value for key, value in (document | names).items() if value is not None}

    return made


@pytest.fixture
def catalogue(ledger: Ledger, tmp_path: Path) -> Catalogue:
    """An empty catalogue on each kind of ledger."""
    return Catalogue.open(ledger, tmp_path / "index")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue on SQLite, for what does not depend on the database."""
    with Ledger.open(Settings(home=tmp_path / "own")) as ledger:
        yield Catalogue.open(ledger, tmp_path / "index")


@pytest.fixture(scope="session")
def simulated() -> list[dict[str, Any]]:
    """Documents of the generator."""
    return list(open_catalogue.documents(1_500, seed=7))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, simulated: list[dict[str, Any]]) -> Iterator[Catalogue]:
    """A catalogue of the simulated documents; only to be read."""
    home = tmp_path_factory.mktemp("large")
    with Ledger.open(Settings(home=home)) as ledger:
        made = Catalogue.open(ledger, home / "index")
        made.publish_all(simulated, "officer")
        made.rebuild()
        yield made
