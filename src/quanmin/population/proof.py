"""A citizen is who the base says: number, name and a second item must be those of one person; only yes or no is told.

The second item is one that neither the number nor the name implies and that few could guess: an address. It is compared without
regard to width and spaces, inside the gate, by somebody who may verify; each try is in the audit like every verification.
Nobody becomes one who is dead in the base. All three are asked always, so that no answer is quicker than another.
"""

from __future__ import annotations

from quanmin import trust
from quanmin.lake import Lake
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
        decision = trust.decide(lake.ledger, actor, "verification", PERSON, (*COMPARED, claim.item, DEATH))
        key = lead.of(lake, key_of(claim.number))
        asked = reading_of(lake, decision).where(person_key=key)
        name, value = names.normalised(claim.name), narrow(claim.value)
        told = [
            asked.answers("name", lambda known: names.normalised(known) == name),
            asked.answers(claim.item, lambda known: known is not None and value == narrow(known) != ""),
            asked.answers(DEATH, lambda known: known is None),
        ]
        return citizen_number.decode(key) if told == [[True]] * 3 else None

    return prove
