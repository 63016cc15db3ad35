"""A citizen is who the base says: number, name and a second item must be those of one person; only yes or no is told.

The second item is one that neither the number nor the name implies and that few could guess: an address. It is compared without
regard to width and spaces, inside the gate, by somebody who may verify; each try is in the audit like every verification.
Nobody becomes one who is dead in the base.
"""

from __future__ import annotations

from quanmin import trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.lake.gate import ANSWER_ONLY, Reading
from quanmin.lake.session import Session
from quanmin.population import name as names
from quanmin.population.find import narrow
from quanmin.population.inquiry import COMPARED, key_of, reading_of
from quanmin.population.review import lead
from quanmin.population.tables import PERSON
from quanmin.standards.identity import citizen_number
from quanmin.trust.identity import Claim, Prove

DEATH = "death_date"
ITEMS = ("registered_address", "residence")
"""The items of the base that may be the second one."""


def prover(lake: Lake, actor: trust.Actor) -> Prove:
    """What asks the base for `identity.patient.enrol`: the person's number in the base, or None. Raises what a read raises."""

    def prove(claim: Claim) -> str | None:
        if claim.item not in ITEMS:
            return None
        decision = trust.decide(lake.ledger, actor, "verification", PERSON, (*COMPARED, claim.item))
        key = lead.of(lake, key_of(claim.number))
        asked, name, value = (
            reading_of(lake, decision).where(person_key=key),
            names.normalised(claim.name),
            narrow(claim.value),
        )
        named = asked.answers("name", lambda known: names.normalised(known) == name)
        placed = asked.answers(claim.item, lambda known: known is not None and value == narrow(known) != "")
        if not named == placed == [True]:
            return None
        lives = Living(asked.lake, asked.decision, asked.snapshot, asked.conditions).lives()
        return citizen_number.decode(key) if lives else None

    return prove


class Living(Reading):
    """Asked about somebody whose name and item agree already; the date of death goes to nobody, the yes or no into the proof."""

    def lives(self) -> bool:
        """Whether the base has one such person and no death. NotReadable unless the decision owes an answer only."""
        if ANSWER_ONLY not in self.decision.obligations:
            raise NotReadable(columns=DEATH)
        with Session(self.lake, self._stage(), snapshot=self.snapshot) as session:
            deaths = [death for batch in self._query(session, [DEATH]) for death in batch.column(0).to_pylist()]
        return deaths == [None]
