"""What terms must be before anybody reviews them: each rule with an error of its own, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from quanmin import standards
from quanmin.errors import QuanminError
from quanmin.exchange.agreement.errors import (
    BasisMissing,
    CaseUnasked,
    DatasetClosed,
    DatasetUnknown,
    DivisionOutside,
    DivisionOver,
    ElementsUnfit,
    IdentifierUnneeded,
    ModeUnfit,
    OnwardUnconsented,
    PeriodWrong,
    ProviderWithout,
    PurposeUnfit,
    RowsUnfit,
    SidesUnfit,
)
from quanmin.exchange.terms import CONTENTS, FORMS, FREQUENCIES, INITIATIVES, MODES, OPERATIONS, Terms
from quanmin.standards.dataset import Share
from quanmin.standards.region import NATION
from quanmin.trust.column import BASE, HIGHEST, grade_of, kind_of, known, place
from quanmin.trust.policy.rows import chain

PURPOSES = ("sharing", "public_health", "emergency", "supervision", "verification")
"""Purposes of agreements, as `exchange.cedar` permits them."""
_OTHERS = ("sharing", "emergency", "supervision")
"""Purposes that may need to name others than whom a record is about: mother and father of a newborn, who handled a funeral."""
_HEALTH = ("health", "cdc", "food_drug", "base")
"""Whose data everyday public health is about (`guard.health`)."""
YEARS = 10
LIMIT = 500


class Shared(NamedTuple):
    """What can be shared: a dataset of the standards, or the base; `elements` by name with type and value set."""

    id: str
    share: Share
    providers: tuple[str, ...]
    elements: Mapping[str, tuple[str, str | None]]


def shared(dataset: str, authority: str) -> Shared:
    """What the catalogue says; DatasetUnknown. The platform has what was collected, and alone the base."""
    catalogue = standards.catalogue()
    if dataset == BASE:
        items = {one.id: (str(one.type), one.values) for one in catalogue.items}
        return Shared(BASE, "conditional", (authority,), items)
    found = catalogue.datasets.get(dataset)
    if found is None:
        raise DatasetUnknown(dataset=dataset)
    elements = {one.name: (str(one.type), one.values) for one in found.elements}
    having = tuple(dict.fromkeys((*senders(dataset), authority)))
    return Shared(dataset, found.share, having, elements)


def senders(dataset: str) -> tuple[str, ...]:
    """The agencies that have a dataset of the standards: its steward, and who sends it; none for the base."""
    found = standards.catalogue().datasets.get(dataset)
    return (found.steward, *found.senders) if found is not None else ()


def check(terms: Terms, today: date) -> None:
    """Raise the first thing that is wrong."""
    for rule in RULES:
        rule(terms, today)


def faults(terms: Terms, today: date) -> list[QuanminError]:
    """Everything that is wrong, one error a rule."""
    found: list[QuanminError] = []
    for rule in RULES:
        try:
            rule(terms, today)
        except DatasetUnknown as error:
            return [*found, error]  # the others ask the dataset
        except QuanminError as error:
            found.append(error)
    return found


def unconsented(terms: Terms) -> None:
    """Where no provider answers, nothing may be passed on (政务数据共享条例: not without the provider's consent)."""
    if terms.onward:
        raise OnwardUnconsented()


def _dataset(terms: Terms, _today: date) -> None:
    if shared(terms.dataset, terms.authority).share == "closed":
        raise DatasetClosed(dataset=terms.dataset)


def _sides(terms: Terms, _today: date) -> None:
    if terms.provider == terms.consumer:
        raise SidesUnfit()


def _provider(terms: Terms, _today: date) -> None:
    """An agency that sends the dataset, as a whole or in a division; or the platform, by its own name."""
    having = shared(terms.dataset, terms.authority).providers
    agency = standards.catalogue().body(terms.provider)
    sending = agency is not None and agency.kind in senders(terms.dataset)
    if terms.provider not in having and not sending:
        raise ProviderWithout(agency=terms.provider, dataset=terms.dataset, known=", ".join(having))


def _standing(terms: Terms, today: date) -> None:
    """Divisions of the sides are some on the first day of the terms that is still to come."""
    known, begins = standards.catalogue(), max(terms.starts, today)
    for side in (terms.provider, terms.consumer):
        agency = known.body(side)
        own = agency.division if agency is not None else None
        if own is not None and not known.regions.valid_on(own, begins):
            after = ", ".join(known.regions.successors(own)) or "-"
            raise DivisionOver(member=side, division=own, day=begins.isoformat(), successors=after)


def _division(terms: Terms, _today: date) -> None:
    """An agency of a division gives rows of it only. Files go as they are: of them the consumer looks at every row."""
    agency = standards.catalogue().body(terms.provider)
    limited = terms.answers or terms.content != "file"
    if agency is None or agency.division is None or not limited or place(terms.dataset) is None:
        return
    if terms.region is None or agency.division not in chain(terms.region):
        raise DivisionOutside(member=terms.provider, division=agency.division, region=terms.region or "-")


def _purpose(terms: Terms, _today: date) -> None:
    fits = terms.purpose in PURPOSES
    if terms.purpose == "public_health" and kind_of(terms.dataset)[1] not in _HEALTH:
        fits = False
    if not fits:
        raise PurposeUnfit(purpose=terms.purpose, known=", ".join(PURPOSES))


def _elements(terms: Terms, _today: date) -> None:
    having = shared(terms.dataset, terms.authority).elements
    wrong = [one for one in terms.elements if one not in having]
    twice = len(set(terms.elements)) != len(terms.elements)
    if wrong or twice or not terms.elements:
        raise ElementsUnfit(dataset=terms.dataset, elements=str(len(wrong)) if wrong else "-")


def _identifiers(terms: Terms, _today: date) -> None:
    if terms.purpose in _OTHERS:
        return
    about = ((name, known(terms.dataset, name)) for name in terms.elements)
    others = [name for name, one in about if one is not None and one.role == "direct" and one.third]
    if others:
        raise IdentifierUnneeded(purpose=terms.purpose, elements=", ".join(others))


def _period(terms: Terms, today: date) -> None:
    longest = timedelta(days=366 * YEARS)
    if not terms.starts <= terms.until or terms.until < today or terms.until - terms.starts > longest:
        raise PeriodWrong(years=YEARS)


def _mode(terms: Terms, _today: date) -> None:
    choices = {"mode": MODES, "initiative": INITIATIVES, "frequency": FREQUENCIES, "content": CONTENTS, "form": FORMS}
    for name, known_ in choices.items():
        if getattr(terms, name) not in known_:
            raise ModeUnfit(reason=f"{name}: {', '.join(known_)}")
    for reason, wrong in _clashes(terms):
        if wrong:
            raise ModeUnfit(reason=reason)


def _clashes(terms: Terms) -> list[tuple[str, bool]]:
    asked = set(terms.operations)
    comparing = terms.purpose == "verification"
    return [
        (f"operations: {', '.join(OPERATIONS)}", not asked <= set(OPERATIONS) or len(asked) < len(terms.operations)),
        ("request: operations", terms.answers and not asked),
        ("push: operations", not terms.answers and bool(asked)),
        ("push: frequency on_request", terms.pushes and terms.frequency == "on_request"),
        ("request: initiative provider", not terms.pushes and terms.initiative == "provider"),
        ("verification: verify", comparing and (terms.pushes or asked != {"verify"})),
        ("form: full, change", terms.form != FORMS[0] and not terms.supplies),
        ("file: region, where", terms.pushes and terms.content == "file" and bool(terms.region or terms.where)),
    ]


def _case(terms: Terms, _today: date) -> None:
    shows = bool({"lookup", "query"} & set(terms.operations))
    if terms.answers and shows and not terms.case and grade_of(terms.dataset, terms.elements) == HIGHEST:
        raise CaseUnasked()


def _basis(terms: Terms, _today: date) -> None:
    for name in ("legal_basis", "item", "title_zh", "title_en"):
        value = getattr(terms, name)
        if not value.strip() or len(value) > LIMIT:
            raise BasisMissing(field=name, limit=LIMIT)


def _rows(terms: Terms, _today: date) -> None:
    if terms.region is not None:
        unknown = not standards.catalogue().regions.ever_valid(terms.region) and terms.region != NATION
        if unknown or place(terms.dataset) is None:
            raise RowsUnfit(dataset=terms.dataset, reason="region")
    having = shared(terms.dataset, terms.authority).elements
    if (
        terms.where and terms.answers and terms.dataset == BASE
    ):  # one person's row is found by key, which tells no codes
        raise RowsUnfit(dataset=terms.dataset, reason="where")
    for name, codes in terms.where.items():
        kind, values = having.get(name, ("", None))
        fits = _CODES.get(kind)
        if not codes or fits is None or not fits(codes, values):
            raise RowsUnfit(dataset=terms.dataset, reason=f"where {name}" if name in having else "where")


def _in_set(codes: tuple[str, ...], values: str | None) -> bool:
    return values is not None and set(codes) <= set(standards.catalogue().value_sets[values].codes)


def _regions(codes: tuple[str, ...], _values: str | None) -> bool:
    return all(standards.catalogue().regions.ever_valid(one) for one in codes)


def _truths(codes: tuple[str, ...], _values: str | None) -> bool:
    return set(codes) <= {"true", "false"}


_CODES: Mapping[str, Callable[[tuple[str, ...], str | None], bool]] = {
    "code": _in_set,
    "region": _regions,
    "boolean": _truths,
}
RULES: tuple[Callable[[Terms, date], None], ...] = (
    _dataset,
    _sides,
    _provider,
    _standing,
    _division,
    _purpose,
    _elements,
    _identifiers,
    _period,
    _mode,
    _case,
    _basis,
    _rows,
)
