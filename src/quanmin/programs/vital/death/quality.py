"""How good certified causes are: the share of ill-defined and otherwise unusable underlying causes by place and certifier.

The classes stand in `unusable.toml`. A death without a code, or with one that there is not, is `uncoded`. Of many deaths few
codes differ, so that a code is classified once (`classify`) and deaths are counted by columns (`shares`); `shares_of` is the
plain reference, row by row.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death.errors import ByUnknown
from quanmin.programs.vital.death.limit import TABLE, limits
from quanmin.text import Text

if TYPE_CHECKING:
    import pyarrow as pa

    from quanmin.lake import Lake

UNCODED = "uncoded"
USABLE = "usable"
BY = ("region", "institution_code", "certifier_code", "death_place", "diagnosis_basis")
"""Elements of `health.death` by which the shares are told."""


@dataclass(frozen=True)
class Unusable:
    """A class of codes that say too little."""

    id: str
    title: Text
    codes: tuple[icd.Span, ...]


class Share(NamedTuple):
    """Deaths of one place or certifier (`of`, None where it is not stated): all, and those in each class, by its id."""

    of: str | None
    deaths: int
    classes: dict[str, int]

    @property
    def unusable(self) -> int:
        """Deaths whose cause says too little, or is not there."""
        return sum(self.classes.values())

    @property
    def share(self) -> float:
        """The part of all deaths that they are."""
        return self.unusable / self.deaths if self.deaths else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "of": self.of,
            "deaths": self.deaths,
            "unusable": self.unusable,
            "share": self.share,
            "classes": self.classes,
        }


@cache
def classes() -> tuple[Unusable, ...]:
    """The classes as they are shipped."""
    with (TABLE / "unusable.toml").open("rb") as file:
        told = tomllib.load(file)["class"]
    return tuple(
        Unusable(one["id"], Text(one["title"]["zh"], one["title"]["en"]), icd.spans(one["codes"])) for one in told
    )


def title(class_id: str) -> Text:
    """A class in words."""
    if class_id == UNCODED:
        return Text("无编码或编码不存在", "no code, or none that there is")
    return next(one.title for one in classes() if one.id == class_id)


@lru_cache(maxsize=65_536)
def classify(text: str | None) -> str:
    """The class of an underlying cause as it is written: an id of `classes`, `uncoded`, or `usable`."""
    code = icd.normalised(text or "")
    if code is None or icd.entry(code) is None:
        return UNCODED
    if limits().manifestation(code):
        return "impossible"
    return next((one.id for one in classes() if icd.within(code, one.codes)), USABLE)


def shares_of(deaths: Iterable[tuple[str | None, str | None]]) -> list[Share]:
    """The shares of deaths given as pairs of whose they are and the underlying cause, most deaths first: the plain way."""
    return _counted((of, code, 1) for of, code in deaths)


def shares(codes: pa.ChunkedArray | pa.Array, of: pa.ChunkedArray | pa.Array) -> list[Share]:
    """The same by columns: `codes` and `of` are text, null where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pa.table({"of": pc.cast(of, pa.string()), "code": pc.cast(codes, pa.string())})
    counted = table.group_by(["of", "code"]).aggregate([([], "count_all")])
    columns = (counted.column(name).to_pylist() for name in ("of", "code", "count_all"))
    return _counted(zip(*columns, strict=True))


def measure(lake: Lake, by: str = "region") -> list[Share]:
    """The shares of the deaths in the lake, corrected rows once, by an element of `BY`; nothing where there are no deaths."""
    if by not in BY:
        raise ByUnknown(element=by, known=", ".join(BY))
    with lake.session("deaths") as session:
        if not session.exists("clean.health.death"):
            return []
        query = f"SELECT {by}, underlying_cause_code, count(*) FROM {session.live('health.death')} AS d GROUP BY ALL"
        return _counted(session.connection.execute(query).fetchall())


def whole(found: Iterable[Share]) -> Share:
    """Several shares as one, of no place."""
    counts, deaths = Counter[str](), 0
    for one in found:
        counts.update(one.classes)
        deaths += one.deaths
    return Share(None, deaths, _listed(counts))


def _counted(deaths: Iterable[tuple[str | None, str | None, int]]) -> list[Share]:
    counted = defaultdict[str | None, Counter[str]](Counter)
    for of, code, count in deaths:
        counted[of][classify(code)] += count
    made = (Share(of, found.total(), _listed(found)) for of, found in counted.items())
    return sorted(made, key=lambda one: (-one.deaths, one.of is None, one.of or ""))


def _listed(found: Counter[str]) -> dict[str, int]:
    """The classes in their order, zeros too."""
    return {name: found[name] for name in (*(one.id for one in classes()), UNCODED)}
