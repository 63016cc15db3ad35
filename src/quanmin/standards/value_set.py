"""A value set: the codes an element may hold, always with the system and version they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from quanmin.text import Text


@dataclass(frozen=True)
class ValueSet:
    """Codes of one version of one code system.

    `aliases` maps spellings that senders are known to use to the code they mean. `width` is the length to which shorter
    all-digit codes are padded with zeros ("1" means "01"); 0 pads nothing. `source` says where the codes come from.
    """

    system: str
    version: str
    title: Text
    codes: Mapping[str, Text]
    aliases: Mapping[str, str] = field(default_factory=dict)
    width: int = 0
    source: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """System and version, as datasets name it: `GB/T 2261.1-2003`."""
        return f"{self.system}-{self.version}"

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Every accepted spelling and its code: codes, unpadded codes, aliases, titles that only one code has."""
        counts = Counter(word for title in self.codes.values() for word in set(title))
        found = {word: code for code, title in self.codes.items() for word in title if counts[word] == 1}
        if self.width:
            found.update({code.lstrip("0"): code for code in self.codes if code.isdigit() and code.strip("0")})
        found.update(self.aliases)
        found.update({code: code for code in self.codes})
        return found

    def normalise(self, text: str) -> str | None:
        """The code that `text` means, None if it means none."""
        return self.spellings.get(text.strip())
