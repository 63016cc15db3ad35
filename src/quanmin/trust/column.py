"""What the policy knows about a column: its grade, how it identifies, and which mask or generalisation fits it.

A table is of the grade of its highest column, and of combinations: a date, a division and a third quasi-identifier asked for
together count one grade higher each. Birth date, sex and five-digit postcode single out 87 % of a population (Sweeney 2000); a
Chinese county has some half a million people on 73,000 pairs of birth date and sex, so that seven share all three, and in a
township nobody does. GB/T 37964-2019 calls such columns quasi-identifiers; the highest grade counts (就高不就低).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from quanmin import standards
from quanmin.standards.item import Item

Form = Literal["person_key", "number", "name", "phone", "address", "region", "date", "code", "other"]

BASE = "linked.person"
_ORIGIN = {"_source": 1, "_batch": 1, "_agreement": 1, "_probability": 1}


HIGHEST = 5


@dataclass(frozen=True)
class Known:
    """Grade 1 to 5 and form of a column; `role` is how it identifies, `third` that it names another person than the row's.

    `values` is the value set of a code.
    """

    grade: int
    form: Form
    role: str = "none"
    third: bool = False
    values: str | None = None


def known(dataset: str, column: str) -> Known | None:
    """What is known about a column of a dataset or of the base; None when nothing is (and it is then withheld)."""
    global _memory
    catalogue = standards.catalogue()
    if _memory.catalogue is not catalogue:
        _memory = Memory(catalogue, {})
    asked = (dataset, column)
    if asked not in _memory.columns:
        if len(_memory.columns) > _MOST:
            _memory.columns.clear()
        _memory.columns[asked] = _known(catalogue, dataset, column)
    return _memory.columns[asked]


class Memory(NamedTuple):
    """What was looked up in a catalogue, which is searched column by column otherwise."""

    catalogue: standards.Catalogue | None
    columns: dict[tuple[str, str], Known | None]


_memory = Memory(None, {})
_MOST = 10_000


def _known(catalogue: standards.Catalogue, dataset: str, column: str) -> Known | None:
    if column == "person_key":
        return Known(HIGHEST, "person_key", "direct")
    if column in ("_batch", "_source", "_row", "bucket", "contested"):
        return Known(1, "other")
    return _item(catalogue, column) if dataset == BASE else _element(catalogue, dataset, column)


def kind_of(dataset: str) -> tuple[str, str]:
    """How a dataset may be opened, and whose it is; the base is closed, and so is what is unknown."""
    if dataset == BASE:
        return "closed", "base"
    found = standards.catalogue().datasets.get(dataset.removeprefix("clean."))
    return (found.open, found.steward) if found is not None else ("closed", "nobody")


def combined(about: Iterable[Known]) -> dict[Known, int]:
    """The grade of each column among the others that are asked for."""
    columns = set(about)
    quasi = {one for one in columns if one.role == "quasi"}
    forms = {one.form for one in quasi}
    telling = {"date", "region"} <= forms and len(forms) > 2
    return {one: min(HIGHEST, one.grade + (telling and one in quasi)) for one in columns}


def grade_of(dataset: str, columns: Iterable[str]) -> int:
    """The grade of a table of these columns: the highest, combinations counted."""
    return max(combined(one for name in columns if (one := known(dataset, name)) is not None).values(), default=HIGHEST)


def place(dataset: str) -> str | None:
    """The column that says in which division a row belongs (`Dataset.place`); None: rows belong nowhere."""
    if dataset == BASE:
        return "person_key"
    found = standards.catalogue().datasets.get(dataset.removeprefix("clean."))
    return found.place if found is not None else None


def is_personal(dataset: str) -> bool:
    """Whether rows of a dataset are about a person each."""
    found = standards.catalogue().datasets.get(dataset.removeprefix("clean."))
    return dataset == BASE or (found is not None and found.person is not None)


def _element(catalogue: standards.Catalogue, dataset: str, column: str) -> Known | None:
    found = catalogue.datasets.get(dataset.removeprefix("clean."))
    element = next((one for one in found.elements if one.name == column), None) if found is not None else None
    if found is None or element is None:
        return None
    direct = element.role == "direct"
    own = {found.person, "name"} if found.person else set()
    third = direct and element.name not in own and element.name.startswith(_OTHERS)
    form = _form(element.name, element.type)
    return Known(HIGHEST if direct else element.grade, form, element.role, third, element.values)


def _item(catalogue: standards.Catalogue, column: str) -> Known | None:
    for suffix, grade in _ORIGIN.items():
        if column.endswith(suffix) and _item(catalogue, column.removesuffix(suffix)) is not None:
            return Known(grade, "other")
    item: Item | None = next((one for one in catalogue.items if one.id == column), None)
    if item is None:
        return None
    about = [_element(catalogue, claim.dataset, claim.element) for claim in item.sources]
    grade = max((one.grade for one in about if one is not None), default=HIGHEST)
    roles = {one.role for one in about if one is not None}
    role = next((one for one in ("direct", "sensitive", "quasi") if one in roles), "none")
    return Known(grade, _form(item.id, item.type), role, False, item.values)


def _form(name: str, kind: str) -> Form:
    if kind == "citizen_number":
        return "number"
    if kind == "region":
        return "region"
    if kind in ("date", "datetime"):
        return "date"
    if kind == "code":
        return "code"
    for ending, form in _ENDINGS.items():
        if name.endswith(ending):
            return form
    return "other"


_OTHERS = ("mother_", "father_", "spouse_", "child_", "handler_")
_ENDINGS: dict[str, Form] = {
    "name": "name",
    "phone": "phone",
    "address": "address",
    "residence": "address",
    "_no": "number",
    "_number": "number",
}
