"""What is asked to be certified: the newborn, the parents, who takes the certificate, the evidence at hand.

Fields: domain reference of the certificate's registers (签发登记本, 补发登记表). A JSON document under the ledger's seal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from inspect import get_annotations
from typing import Any, TypeVar

from quanmin.programs.vital.errors import FieldMissing
from quanmin.text import Text

CHINA = "156"
EVIDENCE: dict[str, Text] = {
    "no_father_declaration": Text("母亲不提供父亲信息的声明", "the mother's declaration that no father is stated"),
    "parentage_declaration": Text("亲子关系声明", "declaration of parentage"),
    "parentage_test": Text("亲子鉴定证明", "test of parentage"),
    "delivery_record": Text("完整的分娩记录", "full record of the delivery"),
    "explanation": Text("逾期办理书面说明", "written explanation of the delay"),
    "mandate": Text("领证委托书", "mandate of whoever takes the certificate"),
    "age_statement": Text("母亲年龄核实说明", "statement that the mother's age was checked"),
    "name_statement": Text("新生儿姓氏说明", "statement on the surname"),
    "recovered_sheet": Text("收回的原证", "the old sheet, handed in"),
    "loss_declaration": Text("遗失声明", "declaration of loss"),
    "parents_documents": Text("父母身份证件", "the parents' identity documents"),
    "stub_copy": Text("存根或档案复印件", "copy of the stub or the file"),
    "household_reply": Text("户口登记情况回执", "reply of the household register"),
}
"""What may be asked for; each is given with a reference (a number, a place in the archive)."""


@dataclass(frozen=True)
class Newborn:
    """The child. `order` is its place among `plurality` children of one birth; weight in grams, length in centimetres."""

    name: str
    sex: str
    birth_date: date
    birth_time: str
    place: str
    place_type: str
    weeks: int
    weight: int
    length: float
    days: int = 0
    order: int = 1
    plurality: int = 1
    country: str = CHINA


@dataclass(frozen=True)
class Parent:
    """Mother or father. `document_type` of CV02.01.101, `nationality` of GB/T 2659, `ethnicity` of GB/T 3304 or None."""

    name: str
    document_type: str
    document_number: str
    birth_date: date
    nationality: str = CHINA
    ethnicity: str | None = None
    address: str = ""
    residence: str | None = None


@dataclass(frozen=True)
class Recipient:
    """Who takes the certificate: `relation` is mother, father or other (who needs a mandate)."""

    name: str
    relation: str
    document_type: str = ""
    document_number: str = ""


@dataclass(frozen=True)
class Application:
    """All of it. No father means that the mother states none; no mother, that nobody knows her."""

    newborn: Newborn
    mother: Parent | None
    father: Parent | None
    recipient: Recipient
    record_no: str = ""
    delivery: str | None = None
    attendant: str = ""
    parity: int | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return {name: _plain(one) for name, one in asdict(self).items()}

    @property
    def reference(self) -> str:
        """By whom the newborn is told apart: the mother's document, the day and the order among the children of the birth."""
        return f"{self.birth}|{self.newborn.order}"

    @property
    def birth(self) -> str:
        """By what one delivery is told apart."""
        return f"{self.of_mother}|{self.newborn.birth_date.isoformat()}"

    @property
    def of_mother(self) -> str:
        """By what a mother is told apart."""
        return "" if self.mother is None else mother_of(self.mother.document_type, self.mother.document_number)


def mother_of(document_type: str, document_number: str) -> str:
    """By what a mother is told apart, from her document."""
    return f"{document_type}|{''.join(document_number.split()).upper()}"


Made = TypeVar("Made")


def read(document: Mapping[str, Any]) -> Application:
    """An application from its JSON document. FieldMissing names the element that is missing, unknown or of no such type."""
    own = dict(document)
    evidence = own.get("evidence", {})
    if not isinstance(evidence, Mapping) or not all(isinstance(one, str) for one in evidence.values()):
        raise FieldMissing(element="application.evidence", rule="type")
    mother, father = own.get("mother"), own.get("father")
    own["newborn"] = _read(Newborn, own.get("newborn"), "newborn")
    own["mother"] = None if mother is None else _read(Parent, mother, "mother")
    own["father"] = None if father is None else _read(Parent, father, "father")
    own["recipient"] = _read(Recipient, own.get("recipient"), "recipient")
    return _made(Application, own, "application")


def _read(kind: type[Made], given: Any, name: str) -> Made:
    if not isinstance(given, Mapping):
        raise FieldMissing(element=name, rule="required")
    own = dict(given)
    if isinstance(own.get("birth_date"), str):
        try:
            own["birth_date"] = date.fromisoformat(own["birth_date"])
        except ValueError:
            raise FieldMissing(element=f"{name}.birth_date", rule="date") from None
    return _made(kind, own, name)


_TYPES: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,), "date": (date,)}


def _made(kind: type[Made], own: dict[str, Any], name: str) -> Made:
    known = get_annotations(kind)
    for given in own:
        if given not in known:
            raise FieldMissing(element=f"{name}.{given}", rule="unknown")
    for element, value in own.items():
        wanted = _TYPES.get(known[element].removesuffix(" | None"))
        optional = known[element].endswith("| None") and value is None
        if wanted is not None and not optional and (not isinstance(value, wanted) or isinstance(value, bool)):
            raise FieldMissing(element=f"{name}.{element}", rule="type")
    try:
        return kind(**own)
    except TypeError:
        missing = next((one for one in known if one not in own), name)
        raise FieldMissing(element=f"{name}.{missing}", rule="required") from None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value.isoformat() if isinstance(value, date) else value
