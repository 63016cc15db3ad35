"""What a check of one row found, and how it is told."""

from __future__ import annotations

from typing import Literal, NamedTuple

from quanmin.text import Text

Verdict = Literal["pass", "fail", "operator"]
VERDICTS: dict[Verdict, Text] = {
    "pass": Text("通过", "passes"),
    "fail": Text("未通过", "fails"),
    "operator": Text("由运营者负责", "the operator's"),
}


class Finding(NamedTuple):
    """A verdict and the evidence for it: counts, limits and names of settings, never a person or a secret."""

    verdict: Verdict
    evidence: Text


def judged(sound: bool, zh: str, en: str) -> Finding:
    """A pass or a fail."""
    return Finding("pass" if sound else "fail", Text(zh, en))


def left(zh: str, en: str) -> Finding:
    """The operator's."""
    return Finding("operator", Text(zh, en))


NO_ACCOUNTS = Finding(
    "fail",
    Text(
        "尚无账号：能打开运行目录者即为本机管理员（quanmin identity found）",
        "no accounts: whoever opens the home is the local administrator (quanmin identity found)",
    ),
)
"""The answer of every row about people as long as nobody has an account."""
