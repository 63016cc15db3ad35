"""Entries of several threads in one transaction: in order, all kept, and a failure told to everybody who waited."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from quanmin.ledger import Ledger
from quanmin.trust import audit


def test_many_at_once_are_like_one_after_another(ledger: Ledger) -> None:
    audit.append(ledger, "read", "a", {"n": 0})
    audit.append_all(ledger, [("read", "b", {"n": 1}), ("decide", "c", {"n": 2})])
    audit.append(ledger, "read", "d", {"n": 3})
    assert [(one.sequence, one.fields["actor"], one.fields["n"]) for one in audit.entries(ledger)] == [
        (1, "a", 0),
        (2, "b", 1),
        (3, "c", 2),
        (4, "d", 3),
    ]
    assert audit.verify(ledger) == audit.Verdict(4)


def test_threads_share_transactions(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    groups, append_all, full = list[int](), audit.append_all, threading.Event()

    def noted(ledger: Ledger, entries: Any) -> None:
        groups.append(len(entries))
        if len(groups) == 1:
            full.wait(5)  # the first transaction lasts until the others have gathered
        append_all(ledger, entries)

    monkeypatch.setattr(audit, "append_all", noted)
    joint = audit.Joint(ledger)
    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(joint.append, "read", "a", {"n": n}) for n in range(8)]
        while len(joint._waiting) < 7:
            time.sleep(0.001)
        full.set()
        for one in work:
            one.result()
    assert groups == [1, 7]
    assert sorted(one.fields["n"] for one in audit.entries(ledger)) == list(range(8))
    assert audit.verify(ledger).sound


def test_a_failure_is_told_to_whom_it_concerns_and_to_nobody_else(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    joint = audit.Joint(ledger)
    with monkeypatch.context() as patch:
        patch.setattr(audit, "append_all", lambda *_: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            joint.append("read", "a", {})
    joint.append("read", "b", {})
    assert [one.fields["actor"] for one in audit.entries(ledger)] == ["b"]
