"""How far reviewers agree: the state of the queue, the share of equal answers, and Cohen's kappa.

kappa = (p_o - p_e) / (1 - p_e), where p_o is the share of pairs of opinions that agree and p_e the share that would agree by
chance, from how often each side gives each answer. J. Cohen, A Coefficient of Agreement for Nominal Scales, Educational and
Psychological Measurement 20(1), 1960, 37-46. Only the sample counts: an item that goes to a second reviewer because the
first was unsure says nothing of how often they agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from quanmin.lake import Lake
from quanmin.ledger import Document
from quanmin.population.review import item
from quanmin.population.review.item import About

SOURCE = "Cohen 1960, Educational and Psychological Measurement 20(1):37-46"


@dataclass(frozen=True)
class Agreement:
    """The figures of one kind of item, or of all (`about` None); `agreement` and `kappa` are None where nothing says."""

    about: About | None
    states: dict[str, int]
    answers: dict[str, int]
    overdue: int
    pairs: int
    agreement: float | None
    kappa: float | None
    source: str = SOURCE

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)


def statistics(lake: Lake) -> list[Agreement]:
    """The figures of each kind of item, then of all."""
    late = Counter(one.kind for one in lake.ledger.overdue())
    by_kind = {about: lake.ledger.find(kind.kind) for about, kind in item.KINDS.items()}
    rows = [_figures(about, documents, late[item.KINDS[about].kind]) for about, documents in by_kind.items()]
    everything = [document for documents in by_kind.values() for document in documents]
    return [*rows, _figures(None, everything, sum(late[kind.kind] for kind in item.KINDS.values()))]


def _figures(about: About | None, documents: Sequence[Document], late: int) -> Agreement:
    states = Counter(document.state for document in documents)
    answers = Counter(item.settled(document) for document in documents)
    pairs = [_pair(document) for document in documents if item.sampled(document) and len(item.opinions(document)) > 1]
    share = sum(a == b for a, b in pairs) / len(pairs) if pairs else None
    return Agreement(
        about,
        {state: states[state] for state in item.STATES},
        {answer: answers[answer] for answer in item.ANSWERS},
        late,
        len(pairs),
        share,
        kappa(pairs),
    )


def _pair(document: Document) -> tuple[str, str]:
    first, second = item.opinions(document)[:2]
    return first.answer, second.answer


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of pairs of answers; None without pairs, and where chance alone would always agree."""
    if not pairs:
        return None
    count = len(pairs)
    observed = sum(a == b for a, b in pairs) / count
    first, second = (Counter(pair[place] for pair in pairs) for place in (0, 1))
    expected = sum(first[answer] * second[answer] for answer in first) / count**2
    return None if expected == 1 else (observed - expected) / (1 - expected)
