"""The decision on what a consumer gets: asked of `trust.decide`, which looks the agreement up for itself."""

from __future__ import annotations

from collections.abc import Sequence

from quanmin import trust
from quanmin.exchange.terms import Terms
from quanmin.lake import Lake
from quanmin.standards.region import NATION
from quanmin.trust.circumstance import Circumstances
from quanmin.trust.policy.role import EXCHANGE_MEMBER


def consumer(terms: Terms) -> trust.Actor:
    """The consumer as who asks: an organisation, known by its signature under the message (assurance 2).

    It answers for no division of its own; the rows are those of the agreement.
    """
    roles = frozenset({EXCHANGE_MEMBER})
    name = f"exchange:{terms.consumer}"
    return trust.Actor(name, roles, terms.consumer, NATION, "organisation", assurance=2, mfa=True)


def decide(
    lake: Lake,
    terms: Terms,
    case: str | None = None,
    *,
    person: str | None = None,
    delivery: str | None = None,
    elements: Sequence[str] | None = None,
) -> trust.Decision:
    """What the consumer of an agreement may read now, of one person (by citizen number) or of all rows that were agreed on.

    `elements` are those that are asked for (default: all that were agreed on); what was not agreed on is withheld, whatever is
    asked. `delivery` is the id of the push for which is read: it stands for the case, since nobody asks. Never raises for an
    agreement that does not stand: the decision then withholds everything. UnknownSubject where `person` is no citizen number.
    """
    actor = consumer(terms)
    facts = Circumstances.open(lake.ledger, lake.settings)
    situation = facts.situation(actor, terms.purpose, terms.dataset, person, exchange=terms.cited)
    wanted = terms.elements if elements is None else tuple(elements)
    asked = case or (delivery if terms.pushes else None)
    return trust.decide(lake.ledger, actor, terms.purpose, terms.dataset, wanted, asked, situation)
