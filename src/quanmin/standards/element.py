"""A data element: one column of a dataset, with everything a standard says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from quanmin.text import Text

Type = Literal["text", "code", "citizen_number", "region", "date", "datetime", "integer", "decimal", "boolean"]
TYPES: tuple[Type, ...] = get_args(Type)

Role = Literal["direct", "quasi", "sensitive", "none"]
ROLES: tuple[Role, ...] = get_args(Role)

DATE_FORMATS: tuple[str, ...] = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y年%m月%d日")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a dataset.

    `standard` is the WS 363 identifier where it is known. `values` names a value set (system and version). `role` says
    how the element identifies a person, `grade` (1 to 5) how much harm its disclosure does. `accepts` lists date formats
    in strptime's letters (default `DATE_FORMATS`); `missing` lists texts that mean "no value" beside the empty one.
    Lengths count characters; `minimum` and `maximum` are inclusive and in the unit of the title.
    """

    name: str
    title: Text
    type: Type = "text"
    standard: str | None = None
    values: str | None = None
    role: Role = "none"
    grade: int = 1
    required: bool = False
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    aliases: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def date_formats(self) -> tuple[str, ...]:
        """The date formats that the element accepts, the preferred one first."""
        return self.accepts or DATE_FORMATS
