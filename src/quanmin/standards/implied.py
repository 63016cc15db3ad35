"""The rules that elements imply, so that a dataset file need not say them again.

A declared rule with the same id replaces the implied one (to soften its severity, say). The parameters by kind, which are
also the keys of a `[[rule]]` table and the fields of the rule class:

    required            -
    required_when       when (element), values (texts; empty: whenever `when` is present)
    type                type, formats (of dates)
    pattern             pattern
    length              least, most
    value_set           values (a ValueSet; in a file, its name)
    range               minimum, maximum
    date_order          elements = [earlier, later], least_years
    consistency         elements = [target, when], values (of `when`), allowed (of the target; empty: it must be absent)
    derived             elements = [element, citizen number], what: "sex" | "birth_date"
    check_digit         scheme: "citizen_number" | "uscc" | "drug_code" | "institution_code"
    region              regions (a RegionTable; not in files), on (a date element; None: valid on any day)
    unique_in_batch     elements together, optional (those of them whose absence is a value like others)
    unique_in_dataset   elements together, optional
    reference           dataset, to (its elements, in order)
    expression          expression (over element names)

How hard the number is taken depends on the source. The benchmark says who exists: a row without a good number is refused.
Every other source keeps the row, is told (E12, E01), and the row waits to be linked by something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from quanmin.standards.dataset import Dataset
from quanmin.standards.element import Element
from quanmin.standards.region import RegionTable
from quanmin.standards.rules import KINDS, Rule
from quanmin.standards.value_set import ValueSet

KEY_RULE = "key.unique_in_batch"


def implied_rules(dataset: Dataset, value_sets: Mapping[str, ValueSet], regions: RegionTable) -> Iterator[Rule]:
    """The rules that the elements and the key of `dataset` imply, in the order of the elements."""
    for element in dataset.elements:
        for kind, severity, code, parameters in _of_element(element, dataset, value_sets, regions):
            yield _make(dataset, f"{element.name}.{kind}", kind, (element.name,), severity, code, parameters)
    yield from _of_number(dataset)
    yield from _not_to_come(dataset)
    yield _make(dataset, KEY_RULE, "unique_in_batch", dataset.key, "reject", "E07", {})


def _of_element(
    element: Element, dataset: Dataset, value_sets: Mapping[str, ValueSet], regions: RegionTable
) -> Iterator[tuple[str, str, str | None, dict[str, Any]]]:
    """Kind, severity, code and parameters of each rule that one element implies."""
    person = element.name == dataset.person
    on_number = "reject" if person and dataset.benchmark else "warn"
    if element.required:
        yield "required", on_number if person else "reject", "E12", {}
    if element.type not in ("text", "citizen_number"):
        dated = element.type in ("date", "datetime")
        formats = {"formats": element.date_formats} if element.type == "date" else {}
        code = "E14" if dated else "E11" if element.type in ("code", "region") else None
        yield "type", "reject", code, {"type": element.type, **formats}
    if element.pattern is not None:
        yield "pattern", "reject", None, {"pattern": element.pattern}
    if element.min_length is not None or element.max_length is not None:
        yield "length", "reject", None, {"least": element.min_length or 0, "most": element.max_length}
    if element.values is not None:
        yield "value_set", "reject", "E11", {"values": value_sets[element.values]}
    if element.minimum is not None or element.maximum is not None:
        yield "range", "reject", None, {"minimum": element.minimum, "maximum": element.maximum}
    if element.type == "citizen_number":
        yield "check_digit", on_number, "E01", {"scheme": "citizen_number"}
    if element.type == "region":
        yield "region", "warn", "E10", {"regions": regions}


def _of_number(dataset: Dataset) -> Iterator[Rule]:
    """The agreement of sex and birth date with the person's number."""
    if dataset.person is None:
        return
    names = {element.name for element in dataset.elements}
    for name, code in (("sex", "E04"), ("birth_date", "E05")):
        if name in names:
            yield _make(dataset, f"{name}.derived", "derived", (name, dataset.person), "warn", code, {"what": name})


def _not_to_come(dataset: Dataset) -> Iterator[Rule]:
    """Neither the event nor the person's birth lies in the future."""
    names = {element.name for element in dataset.elements if element.type in ("date", "datetime")}
    births = ("birth_date",) if dataset.person is not None else ()
    for name in dict.fromkeys((*births, dataset.event_date)):
        if name in names:
            yield _make(dataset, f"{name}.range", "range", (name,), "reject", "E14", {"maximum": "today"})


def _make(
    dataset: Dataset,
    rule_id: str,
    kind: str,
    elements: tuple[str, ...],
    severity: str,
    code: str | None,
    parameters: dict[str, Any],
) -> Rule:
    labels = tuple(dataset.element(name).title for name in elements)
    return KINDS[kind](
        id=rule_id,
        elements=elements,
        severity=severity,  # type: ignore[arg-type]
        code=code,
        labels=labels,
        **parameters,
    )
