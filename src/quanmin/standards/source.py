"""A catalogue file with its lines: a TOML table that knows where it stands, so that every complaint has an address."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from quanmin.standards.errors import (
    CatalogueError,
    MissingKey,
    UnknownKey,
    UnknownWord,
    UnreadableFile,
    WrongShape,
)
from quanmin.text import Text

Value = TypeVar("Value")

_SHAPES: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
_REQUIRED: Any = object()


class Source:
    """One TOML file of a catalogue."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        self.name = path.relative_to(root).as_posix()
        try:
            self.text = path.read_text(encoding="utf-8")
            self.data: dict[str, Any] = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            where = int(line[1]) if line else self.text.count("\n") + 1
            raise UnreadableFile(file=self.name, line=where, reason=str(error).split(" (")[0]) from None
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableFile(file=self.name, line=1, reason=type(error).__name__) from None

    @property
    def top(self) -> Table:
        """The keys before the first table."""
        return Table(self, {key: value for key, value in self.data.items() if not _is_table_list(value)}, "", 0)

    def tables(self, name: str) -> Iterator[Table]:
        """The `[[name]]` tables in their order."""
        found = self.data.get(name, [])
        if not _is_table_list(found):
            raise WrongShape(file=self.name, line=self.line("", 0, name), key=name, expected=f"[[{name}]] tables")
        for index, data in enumerate(found):
            yield Table(self, data, name, index)

    def allow(self, *names: str) -> None:
        """Refuse `[[tables]]` of any other name."""
        for name, value in self.data.items():
            if _is_table_list(value) and name not in names:
                raise UnknownKey(file=self.name, line=self.line(name, 0), key=name)

    def line(self, table: str, index: int, key: str | None = None) -> int:
        """The line (from 1) of a key of the `index`-th `[[table]]`, of its heading, or of a key before any table."""
        lines = self.text.splitlines()
        start = 0
        if table:
            heads = [number for number, line in enumerate(lines) if line.strip() == f"[[{table}]]"]
            start = heads[index] if index < len(heads) else 0
        if key is not None:
            for number, line in enumerate(lines[start:], start):
                if re.match(rf'\s*"?{re.escape(key)}"?\s*=', line) or line.strip() == f"[{key}]":
                    return number + 1
                if number > start and line.startswith("[["):
                    break
        return start + 1


class Table:
    """One table of a file. Keys are taken; `done` refuses those that nobody took."""

    def __init__(self, source: Source, data: dict[str, Any], name: str, index: int) -> None:
        self.source = source
        self.data = data
        self.name = name
        self.index = index
        self._taken: set[str] = set()

    def error(self, kind: type[CatalogueError], key: str | None = None, **fields: object) -> CatalogueError:
        """The error at this table's key (or heading)."""
        where = self.source.line(self.name, self.index, key)
        return kind(file=self.source.name, line=where, **({"key": key} if key else {}), **fields)

    def take(self, key: str, shape: type[Value], default: Any = _REQUIRED) -> Value:
        """The value of `key`, which must be of `shape`; the default if it is not there."""
        self._taken.add(key)
        if key not in self.data:
            if default is _REQUIRED:
                raise self.error(MissingKey, key)
            value: Value = default
            return value
        found = self.data[key]
        if not isinstance(found, shape) or (shape is int and isinstance(found, bool)):
            raise self.error(WrongShape, key, expected=_SHAPES.get(shape, shape.__name__))
        return found

    def number(self, key: str) -> float | None:
        """An optional number."""
        self._taken.add(key)
        value = self.data.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise self.error(WrongShape, key, expected="a number")
        return value

    def texts(self, key: str, default: Any = ()) -> tuple[str, ...]:
        """A list of texts."""
        found = self.take(key, list, list(default) if default is not _REQUIRED else default)
        if not all(isinstance(item, str) for item in found):
            raise self.error(WrongShape, key, expected="a list of texts")
        return tuple(found)

    def text(self, key: str, default: Any = _REQUIRED) -> Text:
        """A text in both languages: `{ zh = "…", en = "…" }`."""
        found = self.take(key, dict, default)
        if isinstance(found, Text):
            return found
        if set(found) != {"zh", "en"} or not all(isinstance(word, str) and word for word in found.values()):
            raise self.error(WrongShape, key, expected='{ zh = "…", en = "…" }')
        return Text(found["zh"], found["en"])

    def word(self, key: str, known: tuple[str, ...], default: Any = _REQUIRED, kind: Any = UnknownWord) -> Any:
        """One of the `known` words."""
        found = self.take(key, str, default)
        if found not in known:
            raise self.error(kind, key, word=found, known=", ".join(known))
        return found

    def rest(self) -> dict[str, Any]:
        """The keys that nobody took yet; they count as taken now."""
        left = {key: value for key, value in self.data.items() if key not in self._taken}
        self._taken.update(left)
        return left

    def done(self) -> None:
        """Refuse keys that nobody took."""
        for key in self.data:
            if key not in self._taken:
                raise self.error(UnknownKey, key)


def _is_table_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
