"""check_digit: the number or code checks out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from quanmin.standards import identity
from quanmin.standards.columns import Columns, Mask
from quanmin.standards.rules.rule import Row, Rule
from quanmin.text import Text

SCHEMES: dict[str, Callable[[str], bool]] = {
    "citizen_number": lambda text: isinstance(identity.parse(text), identity.Parsed),
    "uscc": identity.is_credit_code,
    "organisation_code": identity.is_organisation_code,
    "drug_code": identity.is_drug_code,
    "institution_code": identity.is_institution_code,
}


@dataclass(frozen=True, kw_only=True)
class CheckDigit(Rule):
    """The whole number is sound by its `scheme`: form, parts (a citizen number's birth date) and check character."""

    kind: ClassVar[str] = "check_digit"

    scheme: str

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            raise ValueError(f"rule {self.id}: scheme is one of {', '.join(SCHEMES)}, not {self.scheme}")
        if self.code is None and self.scheme == "citizen_number":
            object.__setattr__(self, "code", "E01")
        super().__post_init__()

    def statement(self) -> Text:
        """The rule in words."""
        label = self.labels[0]
        return Text(f"{label.zh}的格式和校验位正确", f"{label.en} has the right form and check digit")

    def mask(self, columns: Columns) -> Mask:
        """Rows whose number is not sound."""
        if self.scheme == "citizen_number":
            return columns.present(self.element) & ~columns.numbers(self.element).ok
        sound = SCHEMES[self.scheme]
        return columns.where(self.element, lambda text: not sound(text))

    def fails(self, row: Row) -> bool:
        """Whether the row's number is not sound."""
        text = row[self.element]
        return text is not None and not SCHEMES[self.scheme](text)
