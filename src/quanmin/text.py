"""One user-visible string, in Chinese and in English.

Everything a user may read is a `Text`: catalogue titles, error titles, rule descriptions, table headings. The language is
chosen where the string is shown, never where it is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Text(NamedTuple):
    """A string in both languages; `text.get("zh")` is the Chinese one."""

    zh: str
    en: str

    def get(self, language: Language) -> str:
        """The string in `language`."""
        return self.zh if language == "zh" else self.en

    def format(self, **fields: object) -> Text:
        """Both strings with `{field}` replaced (an address or a count, never a person's value); a `Text` in its language."""

        def said(language: Language) -> dict[str, object]:
            return {name: value.get(language) if isinstance(value, Text) else value for name, value in fields.items()}

        return Text(self.zh.format(**said("zh")), self.en.format(**said("en")))


def document(value: Any) -> Any:
    """A value as it stands in a JSON document: every text an object of both languages (JSON would make a named tuple a list)."""
    if isinstance(value, Text):
        return value._asdict()
    if isinstance(value, Mapping):
        return {name: document(one) for name, one in value.items()}
    return [document(one) for one in value] if isinstance(value, list | tuple) else value
