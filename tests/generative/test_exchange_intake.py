"""Random histories of deliveries, feedback, corrections and recalls against a plain model of who holds which rows.

Whatever happens, sent = accepted + quarantined + pending; the provider is told of exactly the errors that stand; and a case is
closed exactly when none of its errors does.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from tests.unit.exchange.delivery.network import pair
from tests.unit.exchange.intake.conftest import MONTHLY, TERMS, World
from tests.unit.exchange.intake.test_collecting import rows

from quanmin.exchange.intake import correction, delivered, kept, recall
from quanmin.ledger import Document

Kind = Literal["right", "doubtful", "broken"]
"""A row without errors, one that is accepted with an error, and one that is refused."""
Rows = tuple[tuple[int, Kind], ...]
CELLS: dict[Kind, str] = {"right": "9,1", "doubtful": "1,9", "broken": "x,1"}


def text(rows: Rows) -> str:
    return "".join(f"2026-{month:02},Tuberculosis,{CELLS[kind]},110000\n" for month, kind in rows)


@dataclass
class Sent:
    """A delivery in the model: its rows, and the batch that holds them (of the same rows, one batch)."""

    document: Document
    rows: Rows
    batch: int
    recalled: bool = False


@dataclass
class Model:
    """Who holds what: plain lists."""

    sent: list[Sent] = field(default_factory=list)
    batches: int = 0

    def add(self, document: Document, rows: Rows) -> None:
        same = [one.batch for one in self.sent if one.rows == rows and not one.recalled]
        self.batches += not same
        self.sent.append(Sent(document, rows, same[0] if same else self.batches))

    def held(self) -> list[Sent]:
        """Of each batch the first delivery that stands."""
        found: dict[int, Sent] = {}
        for one in self.sent:
            if not one.recalled:
                found.setdefault(one.batch, one)
        return list(found.values())

    def count(self, *kinds: Kind) -> int:
        return sum(kind in kinds for one in self.held() for _, kind in one.rows)

    def standing(self) -> set[tuple[str, str]]:
        """Delivery and row of every error that stands: no later batch has an accepted row of its month."""
        found = set()
        for one in self.held():
            for place, (month, kind) in enumerate(one.rows, 1):
                later = [other for other in self.held() if other.batch > one.batch]
                replaced = any(m == month and k != "broken" for other in later for m, k in other.rows)
                if kind != "right" and not replaced:
                    found.add((str(one.document.ref), str(place)))
        return found


months = st.integers(1, 5)
kinds: st.SearchStrategy[Kind] = st.sampled_from(("right", "doubtful", "broken"))
some = st.dictionaries(months, kinds, min_size=1, max_size=4).map(lambda rows: tuple(rows.items()))
steps = st.one_of(
    st.tuples(st.just("send"), some),
    st.tuples(st.just("send"), some),
    st.tuples(st.just("correct"), st.integers(0, 9)),
    st.tuples(st.just("recall"), st.integers(0, 9)),
)


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example is two installations: it is not shrunk
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=2, max_size=7))
def test_whatever_is_sent_corrected_and_recalled_both_sides_know_what_stands(history: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pair(Path(folder) / "homes", TERMS) as made:
        world, model = World(made, Path(folder)), Model()
        for step, given_ in history:
            happen(world, model, step, given_)
            world.tell()
            world.tell()
            check(world, model)


def happen(world: World, model: Model, step: str, given_: object) -> None:
    """One step on both sides and in the model."""
    if step == "send" and isinstance(given_, tuple):
        model.add(world.send(text(given_)), given_)
        return
    if not model.sent or not isinstance(given_, int):
        return
    chosen = model.sent[given_ % len(model.sent)]
    if step == "recall" and not chosen.recalled:
        event("recalled")
        found = recall.recall(world.cdc, str(chosen.document.ref), "wrong_data")
        assert found.state == "confirmed"
        chosen.recalled = True
    elif step == "correct":
        wrong = tuple((month, "right") for month, kind in chosen.rows if kind != "right")
        if wrong:
            event("corrected")
            right: Rows = wrong  # type: ignore[assignment]
            model.add(world.send(text(right), "correction", chosen.document.ref), right)


def check(world: World, model: Model) -> None:
    """What holds after every step."""
    stored = {zone: rows(world.health.lake, f"{zone}.{MONTHLY}") for zone in ("clean", "quarantine")}
    assert stored == {"clean": model.count("right", "doubtful"), "quarantine": model.count("broken")}
    for one in delivered.sent(world.cdc.ledger):
        document = world.cdc.ledger.get(one.document)
        pending = 0 if "receipt" in document.data else one.rows
        counts = [int(document.data.get(name, 0)) for name in ("accepted", "quarantined")]
        assert one.rows == sum(counts) + (pending or 0)
    assert told(world) == model.standing()
    found = correction.progress(world.health)
    assert sum(one.open + one.corrected for one in found) == len(model.standing())
    for one_ in found:
        assert one_.told == one_.open + one_.corrected + one_.disputed + one_.upheld + one_.closed
        assert one_.state == ("open" if one_.open + one_.corrected else "closed")


def told(world: World) -> set[tuple[str, str]]:
    """What the provider takes for standing, from the feedback it has."""
    found: set[tuple[str, str]] = set()
    for one in kept.listing(world.cdc):
        for line in kept.show(world.cdc, one.delivery).lines:
            name = (line["delivery"], line["row"])
            assert (name in found) == (line["state"] == "closed"), "told once, and closed once"
            (found.add if line["state"] == "open" else found.discard)(name)
    return found
