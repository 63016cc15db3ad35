"""type: the text is a value of the element's type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.rules.rule import Row, Rule, is_unreadable
from quanmin.text import Text

NAMES: dict[str, Text] = {
    "text": Text("文本", "a text"),
    "code": Text("代码", "a code"),
    "citizen_number": Text("公民身份号码", "a citizen number"),
    "region": Text("行政区划代码", "a region code"),
    "date": Text("日期", "a date"),
    "datetime": Text("日期时间", "a date and time"),
    "integer": Text("整数", "a whole number"),
    "decimal": Text("数值", "a number"),
    "boolean": Text("是或否", "a yes or a no"),
}


@dataclass(frozen=True, kw_only=True)
class TypeRule(Rule):
    """What was sent could be read as `type` (`formats` are the date formats that could have been used)."""

    kind: ClassVar[str] = "type"

    type: str = "text"
    formats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.type not in NAMES:
            raise ValueError(f"rule {self.id}: type is one of {', '.join(NAMES)}, not {self.type}")
        object.__setattr__(self, "formats", tuple(self.formats))
        super().__post_init__()

    def statement(self) -> Text:
        """The rule in words."""
        label, name = self.labels[0], NAMES[self.type]
        return Text(f"{label.zh}须为{name.zh}", f"{label.en} is {name.en}")

    def mask(self, columns: Columns) -> Mask:
        """Rows whose text could not be read."""
        return columns.unreadable(self.element)

    def fails(self, row: Row) -> bool:
        """Whether the row's text could not be read."""
        return is_unreadable(row, self.element)
