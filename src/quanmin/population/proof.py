"""A citizen is who the base says: number, name and a second item must be those of one person; only yes or no is told.

The second item is one that neither the number nor the name implies and that few could guess: an address. It is compared without
regard to width and spaces, inside the gate, by somebody who may verify; each try is in the audit like every verification.
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
        placed = asked.answers(claim.item, lambda known: known is not None and narrow(known) == value)
        return citizen_number.decode(key) if named == placed == [True] else None

    return prove
