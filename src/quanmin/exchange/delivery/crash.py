"""Named points of a delivery at which a test may kill the process; in any other process they do nothing at all.

`QUANMIN_TEST_CRASH=<point>:<n>` kills it (as `kill -9` does) when it reaches the point for the n-th time.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "QUANMIN_TEST_CRASH"

POINTS = (
    "package begun",
    "package cut",
    "package placed",
    "delivery kept",
    "sending",
    "offered",
    "chunk sent",
    "all chunks sent",
    "completed",
    "receipt fetched",
    "acknowledged",
    "offer placed",
    "offer kept",
    "chunk drafted",
    "chunk kept",
    "completion kept",
    "taking",
    "assembled",
    "taken",
    "receipt kept",
    "cleared",
)
"""Every point, the sender's before the receiver's, each in its order."""
CONVERTED = "converted"
"""Between `assembled` and `taken`, where rows came as lines: they are Parquet, and nothing is kept yet."""

ROW_POINTS = (
    "rows set aside",
    "standing kept",
    "feedback made",
    "case kept",
    "feedback posted",
)
"""Points of a receiver that rows which fail come by besides, in their order: until feedback tells their sender."""

_armed: list[tuple[str, int]] = []


def arm(plan: str) -> None:
    """Make ready for `<point>:<n>`; nothing is armed by an empty plan."""
    point, _, count = plan.rpartition(":")
    _armed[:] = [(point, int(count))] if point else []


def crash(point: str) -> None:
    """Here the process may be killed."""
    if not _armed or _armed[0][0] != point:
        return
    left = _armed[0][1] - 1
    _armed[:] = [(point, left)]
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get(VARIABLE, ""))
