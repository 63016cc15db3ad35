"""A client that is not ours, the one of the manual: it calls a node over TLS in a process of its own and verifies the answer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tests.unit.exchange.agreement.cremations import DATASET, KEYS, fill, number

from quanmin.exchange.member import enrolment
from quanmin.exchange.member.member import Key

from .conftest import exchanging


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Civil affairs has cremations, and an agreement about them with health."""
    with exchanging(tmp_path_factory.mktemp("exchange")) as made:
        fill(made.agency.lake)
        made.terms = made.agree(provider="civil_affairs", consumer="health", dataset=DATASET, operations=["query"])
        yield made


PROGRAM = Path(__file__).parents[3] / "docs" / "exchange_api.md"


def program() -> str:
    """The client of the manual."""
    section = PROGRAM.read_text("utf-8").partition("\n## A client of one's own")[2]
    [code] = re.findall(r"```python\n(.*?)```", section, re.S)
    return str(code)


def test_the_client_of_the_manual_has_nothing_of_ours() -> None:
    assert "import quanmin" not in program() and "from quanmin" not in program()


@pytest.mark.parametrize("operation", ["query", "verify"])
def test_a_client_that_is_not_ours_asks_and_verifies_the_answer(exchange: Any, tmp_path: Path, operation: str) -> None:
    signing, sealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    _registered(exchange, signing, sealing)
    keys = {one.use: one for one in exchange.agency.directory().member("civil_affairs").keys}
    place = Path(enrolment.folder(exchange.platform.settings)) / "tls"
    told = {
        "origin": exchange.agency_listener.origin,
        "server_name": enrolment.server_name("civil_affairs"),
        "root": str(place / enrolment.ROOT),
        "certificate": str(place / enrolment.CERTIFICATE),
        "certificate_key": str(place / enrolment.KEY),
        "member": "health",
        "peer": "civil_affairs",
        "key_id": "health/signature/9",
        "signing": signing.private_bytes_raw().hex(),
        "sealing": sealing.private_bytes_raw().hex(),
        "peer_signature": keys["signature"].public,
        "peer_encryption": keys["encryption"].public,
        "peer_encryption_id": keys["encryption"].id,
        "agreement": exchange.terms.cited,
        "case": "C-1",
        "question": {"operation": operation, "keys": [{"citizen_number": number(KEYS[0])}]},
    }
    (tmp_path / "client.json").write_text(json.dumps(told), "utf-8")
    command = [sys.executable, "-W", "error", "-c", program()]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout)
    if operation == "query":
        assert [row["citizen_number"] for row in answer["records"][0]["rows"]] == [number(KEYS[0])]
    else:  # not agreed on: the refusal is signed, too
        assert answer["code"] == "QM-EXCHANGE-062"


def _registered(exchange: Any, signing: Ed25519PrivateKey, sealing: X25519PrivateKey) -> None:
    """Civil affairs knows these keys as those of health."""
    directory, since = exchange.agency.directory(), datetime.now(UTC) - timedelta(minutes=1)
    publics = signing.public_key().public_bytes_raw().hex(), sealing.public_key().public_bytes_raw().hex()
    own = (
        Key("health/signature/9", "signature", "ed25519", publics[0], since),
        Key("health/encryption/9", "encryption", "x25519", publics[1], since),
    )
    member = replace(directory.member("health"), keys=own)
    known = replace(directory, members={**directory.members, "health": member})
    exchange.agency.directory._held = (time.monotonic() + 3600, known)
