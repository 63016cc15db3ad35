"""Why somebody could (not) see something, and what somebody may see: nothing of a person is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import StringConstraints

from quanmin import standards
from quanmin.text import Text
from quanmin.trust import PURPOSES, Actor, audit, explanation, subject
from quanmin.trust.column import BASE
from quanmin.trust.errors import UnknownSubject
from quanmin.trust.identity.duty import ADMINISTRATORS
from quanmin.trust.policy.expected import datasets
from quanmin.trust.policy.role import ROLES
from quanmin.trust.purpose import OBLIGATIONS
from quanmin.web.ask import Ask
from quanmin.web.console.trust.area import Word, shown
from quanmin.web.console.trust.policies import OUTCOMES
from quanmin.web.face import Face
from quanmin.web.form import Field
from quanmin.web.view import Answer

MYSELF = "-"
NONE: Sequence[str] = ()
FACTS = {**explanation.FACTS, "person": Text("问的是某一个人", "one person is asked about")}
Who = Annotated[str, Query(max_length=40)]
Facts = Annotated[Sequence[Annotated[str, StringConstraints(max_length=20)]], Query(alias="fact", max_length=20)]
Region = Annotated[str, Query(max_length=6, pattern=r"^[0-9]*$")]
Yes = Annotated[bool, Query()]
Decision = Annotated[str, Query(max_length=80)]


def purposes() -> dict[str, Text]:
    """Every purpose by its words."""
    return {name: one.title for name, one in PURPOSES.items()}


def dataset_words() -> dict[str, Text]:
    """Every dataset, and the base, by its title."""
    known = standards.catalogue().datasets
    return {
        name: known[name].title if name != BASE else Text("人口库（汇聚）", "the population base")
        for name in datasets()
    }


def _fields(ask: Ask, who: str, region: str, purpose: str = "", dataset: str = "", elements: str = "") -> list[Field]:
    person = Field(
        "who", Text("谁", "Who"), "choice", choices=[(MYSELF, Text("本人", "myself")), *ROLES.items()], value=who
    )
    if ask.holds(*ADMINISTRATORS):
        hint = Text("角色（如 clinician）或账号；“-”为本人", "a role such as clinician, or an account; - is yourself")
        person = Field("who", Text("谁", "Who"), limit=40, hint=hint, value=who)
    place = Field("region", Text("角色的管辖区域", "Division of a role"), needed=False, limit=6, value=region)
    if not purpose:
        return [person, place]
    return [
        person,
        place,
        Field("purpose", Text("用途", "Purpose"), "choice", choices=list(purposes().items()), value=purpose),
        Field("dataset", Text("数据集", "Dataset"), "choice", choices=list(dataset_words().items()), value=dataset),
        Field(
            "elements",
            Text("数据元", "Elements"),
            needed=False,
            limit=400,
            value=elements,
            hint=Text("以空格分隔；空为全部", "separated by blanks; none: all of them"),
        ),
    ]


def _actor(ask: Ask, who: str, region: str, one_factor: bool) -> Actor:
    """Whom it is about: oneself, a role, or (for administrators) an account. UnknownSubject."""
    if who == MYSELF:
        return ask.who
    if who not in ROLES and not ask.holds(*ADMINISTRATORS):
        raise UnknownSubject(kind=Text("角色", "role"), name=who)
    return subject.named(ask.registry, who, region or None, one_factor)


def install(face: Face) -> None:
    """Register the pages."""
    words = {"outcomes": OUTCOMES, "facts": FACTS, "purposes": purposes(), "datasets": dataset_words()}

    @face.page("/trust/explain", "console/trust/explain.html")
    def explain(
        ask: Ask,
        who: Who = MYSELF,
        purpose: Word = "",
        dataset: Word = "",
        elements: Annotated[str, Query(max_length=400)] = "",
        region: Region = "",
        fact: Facts = NONE,
        one_factor: Yes = False,
        decision: Decision = "",
    ) -> Answer:
        """Why somebody may see which columns of a dataset: policies, facts, and what is missing."""
        found, ledger = None, ask.lake.ledger
        if decision:
            found = explanation.of_decision(ledger, decision)
        elif purpose and dataset:
            actor = _actor(ask, who, region, one_factor)
            found = explanation.why(ledger, actor, purpose, dataset, elements.split(), subject.given(fact))
        if found is not None:
            _note(ask, "explain", purpose=found.purpose, dataset=found.dataset)
        fields = _fields(ask, who, region, purpose or "treatment", dataset or BASE, elements)
        given = {
            "given": fact,
            "one_factor": one_factor,
            "decision": decision,
            "fields": fields,
            "takes": subject.GIVEN,
        }
        data = {"explanation": found.to_dict() if found is not None else None}
        return shown(ask, Text("为什么能看或不能看", "Why it is (not) shown"), data, **words, **given)

    @face.page("/trust/see", "console/trust/see.html")
    def see(ask: Ask, who: Who = MYSELF, region: Region = "", fact: Facts = NONE, one_factor: Yes = False) -> Answer:
        """What somebody may see, as one table."""
        actor = _actor(ask, who, region, one_factor)
        rows = explanation.may_see(ask.lake.ledger, actor, subject.given(fact))
        _note(ask, "see")
        given = {"given": fact, "one_factor": one_factor, "fields": _fields(ask, who, region), "takes": subject.GIVEN}
        data = {"actor": actor.id, "roles": sorted(actor.roles), "rows": rows}
        return shown(ask, Text("能看什么", "What may be seen"), data, obligations=OBLIGATIONS, **words, **given)


def _note(ask: Ask, action: str, **fields: str) -> None:
    audit.append(ask.lake.ledger, "trust", ask.who.id, {"action": action, **fields})
