"""A real server on loopback with a small catalogue, an editor's token and the clients people have."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from ckanapi import RemoteCKAN
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc.jwk import OKPKey

from quanmin.lake import Lake
from quanmin.opendata import Portal
from quanmin.settings import Settings
from quanmin.trust import identity
from quanmin.trust.identity import account, mandate, organisation, token
from quanmin.web import application

BY = account.FOUNDING


@dataclass
class House:
    """A server: its address and home, the portal it shows, and keys of its services."""

    settings: Settings
    portal: Portal
    registry: identity.Registry
    keys: dict[str, str]

    @property
    def origin(self) -> str:
        """Where it answers."""
        return self.settings.origin

    def signed(self, service: str = "editor") -> str:
        """A service token, good for one call."""
        return token.sign(self.keys[service], service, self.registry.site.name, datetime.now(UTC))

    def client(self, service: str | None = "editor", **more: Any) -> RemoteCKAN:
        """A client with a token that lasts, or (None) without one."""
        if service is None:
            return RemoteCKAN(self.origin, **more)
        made = RemoteCKAN(self.origin, apikey=self.signed(service)).action.api_token_create()
        return RemoteCKAN(self.origin, apikey=made["token"], **more)

    def command(self, *arguments: str, service: str | None = None, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run `ckanapi`."""
        key = ["-a", self.client(service).apikey] if service else []
        folder = Path(sys.executable).parent
        environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
        words = [str(folder / "ckanapi"), *arguments, "-r", self.origin, *key]
        return subprocess.run(words, input=given, capture_output=True, text=True, timeout=120, env=environment)

    def post(self, *names: str, **parts: Any) -> None:
        """Datasets of the house, published without CKAN; a server that did not do it sees them within a second."""
        self.portal.catalogue.publish_all([document(name, **parts) for name in names], "officer")
        time.sleep(1.1)


def document(name: str, **parts: Any) -> dict[str, Any]:
    """A record with nearly everything that a record can have."""
    made = {
        "@type": "dcat:Dataset",
        "dct:identifier": f"id.{name}",
        "quanmin:name": name,
        "dct:title": {"zh": f"湖北省高血压患病率 {name}", "en": f"Prevalence of hypertension {name}"},
        "dct:description": {"zh": "按县和月份分列。", "en": "By county and month."},
        "dcat:keyword": {"zh": ["高血压", "慢病"], "en": ["hypertension"]},
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫生健康委员会", "en": "Health Commission"}},
        "dcat:contactPoint": {"vcard:fn": "数据处", "vcard:hasEmail": "data@example.org"},
        "quanmin:access": "public",
        "dcat:theme": ["HEAL", "SOCI"],
        "quanmin:area": ["public_health"],
        "dct:accrualPeriodicity": "MONTHLY",
        "dct:temporal": [{"dcat:startDate": "2025-01-01", "dcat:endDate": "2025-12-31"}],
        "dct:modified": "2026-11-01",
        "dcat:version": "2.1",
        "dcat:distribution": [
            {
                "dct:identifier": "csv",
                "dct:title": {"zh": "数据", "en": "data"},
                "dcat:accessURL": f"/datasets/{name}",
                "dcat:downloadURL": f"/files/{'ab' * 32}.csv",
                "dct:format": "csv",
                "dct:license": "cc-by",
                "dcat:byteSize": 12,
                "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": "ab" * 32},
                "adms:status": "completed",
            }
        ],
    }
    return made | parts


@pytest.fixture(scope="session")
def _begin() -> Iterator[Callable[..., House]]:
    stops: list[Callable[[], None]] = []

    def begin(home: Path, **more: Any) -> House:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = Settings(
            home=home, origin=f"http://127.0.0.1:{port}", language="zh", web_rate=10_000, web_burst=100_000, **more
        )
        lake = Lake.open(settings)
        registry = identity.Registry.open(lake.ledger, settings)
        house = House(settings, Portal(settings, lake.ledger), registry, _hired(registry))
        server = uvicorn.Server(uvicorn.Config(application(settings, "portal"), port=port, log_config=None))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)

        def stop() -> None:
            server.should_exit = True
            thread.join(30)
            lake.close()

        stops.append(stop)
        return house

    yield begin
    for one in stops:
        one()


@pytest.fixture(scope="session")
def house(_begin: Callable[[Path], House], tmp_path_factory: pytest.TempPathFactory) -> House:
    """The server that tests share; each writes datasets of its own."""
    return _begin(tmp_path_factory.mktemp("ckan") / "home")


@pytest.fixture
def other(_begin: Callable[[Path], House], tmp_path: Path) -> House:
    """Another, empty one."""
    return _begin(tmp_path / "other")


def _hired(registry: identity.Registry) -> dict[str, str]:
    """Organisations, and services: an editor of all, one of a bureau, one of elsewhere, and one that is no editor."""
    with registry.ledger.writing() as connection:
        for name, title, above in (
            ("nation", "国家平台", None),
            ("health", "卫生健康委员会", "nation"),
            ("health-bureau", "规划处", "health"),
            ("education", "教育部门", "nation"),
        ):
            organisation.create(registry, BY, connection, name, title, "000000", above)
        posts = (
            ("editor", "health", "catalogue_editor"),
            ("bureau", "health-bureau", "catalogue_editor"),
            ("school", "education", "catalogue_editor"),
            ("clerk", "health", "statistician"),
        )
        return {name: _service(registry, connection, name, place, role) for name, place, role in posts}


def _service(registry: identity.Registry, connection: Any, name: str, place: str, role: str) -> str:
    ledger, until = registry.ledger, (registry.ledger.now() + timedelta(days=90)).date()
    made = account.create(registry, BY, connection, name, "service", place, None, None)
    for step in ("confirm", "activate", "enrol"):
        ledger.act(made.id, step, None, BY, connection=connection)
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    given = OKPKey.import_key(public)
    kept = {"key": json.dumps(given.as_dict(private=False), sort_keys=True), "kid": given.thumbprint()}
    for sort, data in (("post", {"role": role, "organisation": place}), ("service_key", kept)):
        one = mandate.create(registry, BY, connection, sort, name, until, None, data)  # type: ignore[arg-type]
        ledger.act(one.id, "found", None, BY, connection=connection)
    return private
