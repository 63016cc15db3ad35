"""What the policy knows about a column: its grade, and which mask or generalisation fits it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from quanmin import standards

Form = Literal["person_key", "number", "name", "phone", "address", "region", "date", "other"]

BASE = "linked.person"
_ORIGIN = {"_source": 1, "_batch": 1, "_agreement": 1}


@dataclass(frozen=True)
class Known:
    """Grade 1 to 5 and form of a column."""

    grade: int
    form: Form


def known(dataset: str, column: str) -> Known | None:
    """What is known about a column of a dataset or of the base; None when nothing is (and it is then withheld)."""
    if column == "person_key":
        return Known(5, "person_key")
    if column in ("_batch", "_source", "_row", "bucket", "contested"):
        return Known(1, "other")
    return _item(column) if dataset == BASE else _element(dataset, column)


def _element(dataset: str, column: str) -> Known | None:
    address = dataset.removeprefix("clean.")
    catalogue = standards.catalogue()
    if address not in catalogue.datasets:
        return None
    element = next((one for one in catalogue.dataset(address).elements if one.name == column), None)
    if element is None:
        return None
    direct = element.role == "direct"
    return Known(5 if direct else element.grade, _form(element.name, element.type))


def _item(column: str) -> Known | None:
    for suffix, grade in _ORIGIN.items():
        if column.endswith(suffix) and _item(column.removesuffix(suffix)) is not None:
            return Known(grade, "other")
    item = next((one for one in standards.catalogue().items if one.id == column), None)
    if item is None:
        return None
    grades = [_element(claim.dataset, claim.element) for claim in item.sources]
    return Known(max((one.grade for one in grades if one is not None), default=5), _form(item.id, item.type))


def _form(name: str, kind: str) -> Form:
    if kind == "citizen_number":
        return "number"
    if kind == "region":
        return "region"
    if kind in ("date", "datetime"):
        return "date"
    for ending, form in _ENDINGS.items():
        if name.endswith(ending):
            return form
    return "other"


_ENDINGS: dict[str, Form] = {
    "name": "name",
    "phone": "phone",
    "address": "address",
    "residence": "address",
    "_no": "number",
    "_number": "number",
}
