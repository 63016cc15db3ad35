"""The parameters of a call, read with their kinds: as JSON or as the texts of a form or of an address."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from quanmin.opendata.ckan.errors import ValuesWrong
from quanmin.text import Text

MISSING = Text("缺少该值", "Missing value")
NO_NUMBER = Text("须为 {least} 至 {most} 的整数", "Must be a whole number of {least} to {most}")
NO_TEXT = Text("须为文字", "Must be a text")
NO_FLAG = Text("须为 true 或 false", "Must be true or false")
NO_LIST = Text("须为文字的列表", "Must be a list of texts")
ODD = Text("含有控制字符", "Holds control characters")
_YES, _NO = ("true", "yes", "t", "y", "1", "on"), ("false", "no", "f", "n", "0", "off", "")
_LONGEST = 18  # digits of a number


class Given:
    """What a call gives; whoever reads a part gets it of its kind or ValuesWrong."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def __contains__(self, name: object) -> bool:
        return self.values.get(name) is not None if isinstance(name, str) else False

    def text(self, name: str, default: str = "") -> str:
        """A text; of several the last, as an address may repeat it."""
        value = self.values.get(name)
        if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            value = value[-1]
        if value is None:
            return default
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)[:100]
        if not isinstance(value, str):
            raise ValuesWrong.of({name: [NO_TEXT]})
        return value

    def needed(self, name: str) -> str:
        """A text that must be there."""
        found = self.text(name).strip()
        if not found:
            raise ValuesWrong.of({name: [MISSING]})
        if any(ord(sign) < 32 or 0xD800 <= ord(sign) < 0xE000 for sign in found):
            raise ValuesWrong.of({name: [ODD]})
        return found

    def number(self, name: str, default: int, least: int = 0, most: int = 2**53) -> int:
        """A whole number within bounds."""
        value = self.values.get(name)
        if isinstance(value, list) and value:
            value = value[-1]
        if value is None or value == "":
            return default
        wrong = ValuesWrong.of({name: [NO_NUMBER.format(least=least, most=most)]})
        if isinstance(value, str):
            plain = value.strip().removeprefix("-")
            if not (plain.isascii() and plain.isdigit() and len(plain) <= _LONGEST):
                raise wrong
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise wrong
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        said = str(value).strip().lower()[:10]
        if said in _YES or said in _NO:
            return said in _YES
        raise ValuesWrong.of({name: [NO_FLAG]})

    def texts(self, name: str) -> list[str]:
        """A list of texts, also as JSON or as the one text."""
        value = self.parsed(name)
        value = [value] if isinstance(value, str) else value
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValuesWrong.of({name: [NO_LIST]})
        return value

    def parsed(self, name: str) -> Any:
        """A value that an address or a form gives as JSON; a text that is none stays one."""
        value = self.values.get(name)
        if isinstance(value, str) and value[:1] in '[{"':
            return parsed(value, name)
        return value


def parsed(text: str, name: str) -> Any:
    """A text as JSON; ValuesWrong."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ValuesWrong.at(name, "不是有效的 JSON", "Not valid JSON") from None


def _refuse(_name: str) -> None:
    raise ValueError("not a number of JSON")


def several(values: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Pairs as an object: a name that is repeated has the list of its values."""
    found: dict[str, Any] = {}
    for name, value in values:
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found
