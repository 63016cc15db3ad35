"""Clusters for whoever computes on one.

Sail is always there. Apache Spark is when QUANMIN_TEST_SPARK holds the address of its Spark Connect server (`.ci/run`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

SPARK = "QUANMIN_TEST_SPARK"


@pytest.fixture(scope="module")
def sail() -> Iterator[str]:
    """A Sail server of this process."""
    server = pytest.importorskip("pysail.spark").SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    host, port = server.listening_address
    yield f"sc://{host}:{port}"
    server.stop()


@pytest.fixture(params=["sail", "spark"])
def cluster(request: pytest.FixtureRequest) -> str:
    """The address of each kind of cluster."""
    if request.param == "sail":
        return str(request.getfixturevalue("sail"))
    address = os.environ.get(SPARK)
    if not address:
        pytest.skip(f"{SPARK} is not set")
    return address
