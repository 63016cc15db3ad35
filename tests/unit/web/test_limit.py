"""Who asks too often waits; nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from quanmin.web.limit import KNOWN, Buckets

from .conftest import Browser


def test_who_asks_too_often_is_told_when_to_come_back(home: Path, browse: Callable[..., Browser]) -> None:
    browser = browse(home, web_rate=1, web_burst=3)
    answers = [browser.get("/zh/sign-in").status_code for _ in range(5)]
    assert answers[:3] == [200, 200, 200] and answers[4] == 429
    refused = browser.get("/zh/sign-in")
    assert "QM-WEB-005" in refused.text and 1 <= int(refused.headers["retry-after"]) <= 60


def test_the_bucket_fills_up_again() -> None:
    now = [0.0]
    buckets = Buckets(2, 4, lambda: now[0])
    assert [buckets.take("a") for _ in range(5)] == [0, 0, 0, 0, 1]
    assert buckets.take("b") == 0
    now[0] = 1.0
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]
    for number in range(KNOWN + 10):
        buckets.take(str(number))
    assert len(buckets) == KNOWN
