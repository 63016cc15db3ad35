"""Characters of names that stand for one another: variants, traditional forms, and forms that are easily mistaken."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, get_args

Kind = Literal["variant", "traditional", "confusable"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_FILE = Path(__file__).with_name("catalogue") / "variants.csv"


class Variant(NamedTuple):
    """`character` is written for `representative`.

    A variant (异体字) and a traditional form are the same word; a confusable is another word that looks or sounds alike
    and is known to be registered by mistake.
    """

    character: str
    representative: str
    kind: Kind


@cache
def variants() -> tuple[Variant, ...]:
    """Every pair of the built-in table; no representative is itself a character that stands for another."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return tuple(Variant(character, representative, kind) for character, representative, kind in rows)  # type: ignore[arg-type]
