"""Reads one dataset file: `datasets/<id>.toml`.

Everything that the file names must be there: value sets, elements, agencies, areas. What is wrong is told with its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from quanmin.standards.dataset import FREQUENCIES, OPENS, SHARES, Dataset, Telling, fold_title
from quanmin.standards.division import TYPES as TELLING
from quanmin.standards.element import ROLES, TYPES, Element
from quanmin.standards.errors import (
    BadGrade,
    BadPattern,
    BadRule,
    DuplicateElement,
    DuplicateName,
    MisnamedDataset,
    UnknownElement,
    UnknownKey,
    UnknownName,
    UnknownRuleKind,
    UnknownType,
    UnknownValueSet,
    WrongShape,
)
from quanmin.standards.frame import Agency, Area, Subsystem
from quanmin.standards.implied import implied_rules
from quanmin.standards.region import RegionTable
from quanmin.standards.rules import KINDS, Rule
from quanmin.standards.source import Source, Table
from quanmin.standards.value_set import ValueSet
from quanmin.text import Text


@dataclass(frozen=True)
class Surroundings:
    """What a dataset file may name."""

    areas: Mapping[str, Area]
    subsystems: Mapping[str, Subsystem]
    agencies: Mapping[str, Agency]
    value_sets: Mapping[str, ValueSet]
    regions: RegionTable
    error_codes: Mapping[str, Text]


def read_dataset(source: Source, around: Surroundings) -> Dataset:
    """The dataset of one file, with its implied and declared rules."""
    source.allow("element", "rule")
    top = source.top
    elements = tuple(_element(table, around) for table in source.tables("element"))
    _refuse_double_titles(source, elements)
    dataset = _head(top, elements, around)
    _check_place(source, top, dataset, around)
    top.done()
    rules = {rule.id: rule for rule in implied_rules(dataset, around.value_sets, around.regions)}
    declared: set[str] = set()
    for table in source.tables("rule"):
        rule = _rule(table, dataset, around)
        if rule.id in declared:
            raise table.error(DuplicateName, "id", word=rule.id)
        declared.add(rule.id)
        rules[rule.id] = rule
    return replace(dataset, rules=tuple(rules.values()))


def _head(top: Table, elements: tuple[Element, ...], around: Surroundings) -> Dataset:
    """The keys before the first table."""
    steward = top.take("steward", str)
    return Dataset(
        id=top.take("id", str),
        version=top.take("version", str),
        title=top.text("title"),
        area=top.word("area", tuple(around.areas), kind=UnknownName),
        subsystem=top.take("subsystem", str, None),
        steward=steward,
        senders=top.texts("senders", (steward,)),
        key=top.texts("key"),
        person=top.take("person", str, None),
        event_date=top.take("event_date", str, None),
        benchmark=top.take("benchmark", bool, False),
        frequency=top.word("frequency", FREQUENCIES, "monthly"),
        share=top.word("share", SHARES, "conditional"),
        open=top.word("open", OPENS, "closed"),
        legal_basis=top.text("legal_basis") if "legal_basis" in top.data else None,
        division=_telling(top),
        mappings=top.take("mappings", dict, {}),
        elements=elements,
    )


def _telling(top: Table) -> Telling | None:
    """`division`: the element and how many of its first digits tell it."""
    found = top.take("division", dict, None)
    if found is None:
        return None
    if set(found) != {"element", "digits"} or not isinstance(found["element"], str) or found["digits"] not in (2, 4, 6):
        raise top.error(WrongShape, "division", expected="{ element, digits } with 2, 4 or 6 digits")
    return Telling(found["element"], found["digits"])


def _check_place(source: Source, top: Table, dataset: Dataset, around: Surroundings) -> None:
    """Refuse a head that names what is not there."""
    if dataset.id != source.path.stem or not dataset.id.startswith(f"{dataset.steward}."):
        raise top.error(MisnamedDataset, "id", word=dataset.id)
    if dataset.subsystem is not None:
        subsystem = around.subsystems.get(dataset.subsystem)
        if subsystem is None or subsystem.area != dataset.area:
            raise top.error(UnknownName, "subsystem", word=dataset.subsystem)
    for key, agencies in (("steward", (dataset.steward,)), ("senders", dataset.senders)):
        for agency in agencies:
            if agency not in around.agencies:
                raise top.error(UnknownName, key, word=agency)
    if not dataset.key:
        raise top.error(WrongShape, "key", expected="a list of at least one element")
    types = {element.name: element.type for element in dataset.elements}
    for name in dataset.key:
        if name not in types:
            raise top.error(UnknownElement, "key", word=name)
    for key, holder, kinds in (
        ("person", dataset.person, ("citizen_number",)),
        ("event_date", dataset.event_date, ("date", "datetime")),
    ):
        if holder is not None and types.get(holder) not in kinds:
            raise top.error(UnknownElement, key, word=holder)
    _check_telling(top, dataset)


def _check_telling(top: Table, dataset: Dataset) -> None:
    """Refuse an element that cannot tell a division: unknown, of another type, or a number of varying length."""
    if dataset.division is None:
        return
    name = dataset.division.element
    found = next((one for one in dataset.elements if one.name == name and one.type in TELLING), None)
    if found is None:
        raise top.error(UnknownElement, "division", word=name)
    if found.type == "integer" and not _of_one_length(found.minimum, found.maximum, dataset.division.digits):
        raise top.error(WrongShape, "division", expected="a whole number whose minimum and maximum are of one length")


def _of_one_length(low: float | None, high: float | None, digits: int) -> bool:
    if not isinstance(low, int) or not isinstance(high, int) or low <= 0:
        return False
    return len(str(low)) == len(str(high)) >= digits


def _element(table: Table, around: Surroundings) -> Element:
    """One `[[element]]`."""
    element = Element(
        name=table.take("name", str),
        title=table.text("title"),
        type=table.word("type", TYPES, "text", kind=UnknownType),
        standard=table.take("standard", str, None),
        values=table.take("values", str, None),
        role=table.word("role", ROLES, "none"),
        grade=table.take("grade", int, 1),
        required=table.take("required", bool, False),
        pattern=table.take("pattern", str, None),
        min_length=table.take("min_length", int, None),
        max_length=table.take("max_length", int, None),
        minimum=table.number("minimum"),
        maximum=table.number("maximum"),
        aliases=table.texts("aliases"),
        accepts=table.texts("accepts"),
        missing=table.texts("missing"),
    )
    table.done()
    if not re.fullmatch(r"[a-z][a-z0-9_]*", element.name):
        raise table.error(WrongShape, "name", expected="lower-case letters, digits and _")
    if not 1 <= element.grade <= 5:
        raise table.error(BadGrade, "grade")
    if element.values is not None and element.values not in around.value_sets:
        raise table.error(UnknownValueSet, "values", word=element.values)
    if (element.type == "code") != (element.values is not None):
        raise table.error(WrongShape, "type", expected='"code" with a value set, or another type without one')
    if element.pattern is not None:
        _compile(table, element.pattern)
    return element


def _compile(table: Table, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error:
        raise table.error(BadPattern, "pattern") from None


def _refuse_double_titles(source: Source, elements: tuple[Element, ...]) -> None:
    """A column title may mean one element only."""
    owner: dict[str, str] = {}
    for index, element in enumerate(elements):
        titles = {element.name, *element.title, *element.aliases, *([element.standard] if element.standard else [])}
        for title in titles:
            if owner.setdefault(fold_title(title), element.name) != element.name:
                raise DuplicateElement(file=source.name, line=source.line("element", index), word=title)
        if sum(other.name == element.name for other in elements) > 1 and element is not elements[index - 1]:
            second = [place for place, other in enumerate(elements) if other.name == element.name][1]
            raise DuplicateElement(file=source.name, line=source.line("element", second, "name"), word=element.name)


def _rule(table: Table, dataset: Dataset, around: Surroundings) -> Rule:
    """One `[[rule]]`: the common keys, then the parameters of its kind."""
    kind = table.word("kind", tuple(KINDS), kind=UnknownRuleKind)
    elements = table.texts("elements")
    names = {element.name for element in dataset.elements}
    _known(table, "elements", elements, names)
    common: dict[str, Any] = {
        "id": table.take("id", str, f"{elements[0]}.{kind}" if elements else kind),
        "elements": elements,
        "severity": table.word("severity", ("reject", "warn"), "reject"),
        "labels": tuple(dataset.element(name).title for name in elements),
    }
    code = table.take("code", str, None)
    if code is not None and code not in around.error_codes:
        raise table.error(UnknownName, "code", word=code)
    title = table.text("title", None) if "title" in table.data else None
    common |= {"code": code} | ({"title": title} if title else {})
    rule = _build(table, kind, common, _parameters(table, kind, around))
    for key in ("when", "on"):
        _known(table, key, (value,) if isinstance(value := getattr(rule, key, None), str) else (), names)
    _known(table, "expression" if kind == "expression" else "elements", rule.reads, names)
    return rule


def _parameters(table: Table, kind: str, around: Surroundings) -> dict[str, Any]:
    """The keys that only this kind has, as its class takes them."""
    own = {field.name for field in fields(KINDS[kind])} - {field.name for field in fields(Rule)}
    found: dict[str, Any] = {}
    for key, value in table.rest().items():
        if key not in own or (kind == "region" and key == "regions"):
            raise table.error(UnknownKey, key)
        found[key] = tuple(value) if isinstance(value, list) else value
    if kind == "value_set":
        if found.get("values") not in around.value_sets:
            raise table.error(UnknownValueSet, "values", word=found.get("values"))
        found["values"] = around.value_sets[found["values"]]
    if kind == "region":
        found["regions"] = around.regions
    if kind == "pattern":
        _compile(table, str(found.get("pattern", "")))
    return found


def _build(table: Table, kind: str, common: dict[str, Any], parameters: dict[str, Any]) -> Rule:
    try:
        return KINDS[kind](**common, **parameters)
    except (TypeError, ValueError, SyntaxError) as error:
        raise table.error(BadRule, reason=str(error).removeprefix(f"{KINDS[kind].__name__}.__init__() ")) from None


def _known(table: Table, key: str, elements: tuple[str, ...], names: set[str]) -> None:
    for name in elements:
        if name not in names:
            raise table.error(UnknownElement, key, word=name)
