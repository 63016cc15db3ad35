"""The desk where a citizen gets an account: number, name and a second item are asked of the base, which says yes or no."""

from __future__ import annotations

from quanmin import standards
from quanmin.population.errors import NotBuilt
from quanmin.population.proof import ITEMS, prover
from quanmin.population.tables import PERSON
from quanmin.text import Text
from quanmin.trust import identity, work
from quanmin.trust.identity import patient
from quanmin.web.ask import Ask
from quanmin.web.console.trust.area import shown
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, View

TITLE = Text("居民开户", "Enrol a citizen")
ROLE = "verifier"
_TITLES = [(item.id, item.title) for item in standards.catalogue().items if item.id in ITEMS]
FIELDS = (
    Field("number", Text("公民身份号码", "Citizen number"), "secret", limit=30),
    Field("name", Text("姓名", "Name"), "secret", limit=60),
    Field("item", Text("第二核实项", "Second item"), "choice", choices=_TITLES),
    Field("value", Text("第二核实项的内容", "What the citizen says of it"), "secret", limit=200),
)


def install(face: Face) -> None:
    """Register the pages."""
    template = "console/trust/patients.html"

    @face.page("/trust/patients", template, roles=(ROLE,))
    def desk(ask: Ask) -> Answer:
        """What to ask the citizen for."""
        return shown(ask, TITLE, {"items": [name for name, _ in _TITLES]}, fields=FIELDS, codes=None)

    @face.form("/trust/patients/enrol", FIELDS, page=desk, template=template, roles=(ROLE,))
    def enrol(ask: Ask, posted: Posted) -> Answer:
        """Make the account of a citizen who was proven; shows both halves of the code."""
        work.require(ask.lake.ledger, ask.who, ROLE)
        if PERSON not in ask.lake.snapshot().tables:
            raise NotBuilt()
        claim = identity.Claim(*(posted[name] for name in ("number", "name", "item", "value")))
        asked = prover(ask.lake, ask.who)
        name, halves = patient.enrol(ask.registry, asked, claim, f"desk of {ask.who.id}")
        made = shown(ask, TITLE, {"account": name, "halves": list(halves)}, fields=(), codes=halves)
        return View(made.title, made.data, made.more)
