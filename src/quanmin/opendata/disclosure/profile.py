"""Rule profiles as data: what a table must hold to be published, and where each figure comes from.

The sources: ACRO (checks of UK research outputs, defaults), ABS (Australian Bureau of Statistics, rules of its DataLab),
OpenSAFELY (permitted results: redact 1-7, then round to 5; midpoint 6), NHS (Hospital Episode Statistics: 1-7 shown as *).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quanmin.opendata.disclosure.errors import ProfileUnsound, StatisticRefused, UnknownProfile
from quanmin.text import Text, document

Counts = NDArray[np.int64]
Rounding = Literal["none", "nearest", "midpoint"]
REFUSED = ("min", "max", "range")
"""Statistics that are some person's own value."""


class Dominance(NamedTuple):
    """A sum is refused when its `people` largest contributors hold more than `share` of it."""

    people: int
    share: float


@dataclass(frozen=True)
class Profile:
    """The rules of one kind of release. Counts are distinct people; `width` is a share of a value."""

    id: str
    title: Text
    sources: tuple[str, ...]
    smallest: int
    """The least number of people a published cell may have (O1)."""
    rounding: Rounding = "none"
    base: int = 1
    zeros: Literal["shown", "suppressed"] = "suppressed"
    dominance: tuple[Dominance, ...] = ()
    remainder: float = 0.1
    """p %: what is neither the largest nor the second contribution must be this share of the largest (O5)."""
    freedom: int = 10
    """Residual degrees of freedom of a model (O7)."""
    events: int = 10
    """Events between two published steps of a survival curve (O8; ACRO survival_safe_threshold)."""
    beside: int = 10
    """People on either side of a percentile (O6)."""
    width: float = 0.2
    """A suppressed cell's interval must be wider than this share of its value, and than `least_width` (O10)."""

    def __post_init__(self) -> None:
        reason = _unsound(self)
        if reason is not None:
            raise ProfileUnsound(profile=self.id, reason=reason)

    @property
    def least_width(self) -> int:
        """The largest number of people that is suppressed: the interval of a suppressed cell must be wider (O10)."""
        return self.smallest - 1

    @property
    def slack(self) -> tuple[int, int]:
        """How far the true count may lie below and above its rounded one."""
        return {"none": (0, 0), "nearest": (self.base // 2,) * 2, "midpoint": (self.base // 2 - 1, self.base // 2)}[
            self.rounding
        ]

    @property
    def lowest(self) -> int:
        """The least rounded count behind a star: that of one person where zeros are shown."""
        return int(self.rounded(np.array([self.zeros == "shown"], np.int64))[0])

    def rounded(self, counts: Counts) -> Counts:
        """Counts as the profile rounds them: to the nearest multiple, or to the midpoints 3, 9, 15 ... of base 6 (O1, O3)."""
        return rounded(counts, self.rounding, self.base)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        made: dict[str, Any] = document({**asdict(self), "dominance": [list(one) for one in self.dominance]})
        return made


def rounded(counts: Counts, rounding: Rounding, base: int) -> Counts:
    """Counts rounded; midpoint is `ceil(x / 6) * 6 - 3 * (x <> 0)` for base 6 (OpenSAFELY)."""
    if rounding == "midpoint":
        return np.asarray((counts + base - 1) // base * base - base // 2 * (counts != 0))
    return np.asarray((counts + base // 2) // base * base) if rounding == "nearest" else counts


def _unsound(one: Profile) -> Text | None:
    """Why the parameters of a profile undo each other; None when they do not."""
    if one.smallest < 3:
        return Text("最小人数不得低于 3", "the least number of people must be 3 or more")
    if not (
        0 < one.width < 1 and 0 <= one.remainder < 1 and all(0 < d.share <= 1 <= d.people <= 2 for d in one.dominance)
    ):
        return Text(
            "比例须在 0 与 1 之间，支配规则只看前一二位",
            "shares lie between 0 and 1, dominance looks at one or two people",
        )
    if one.freedom < 1 or one.beside < 1 or one.events < 1:
        return Text("自由度、人数与事件数须为正", "degrees of freedom, people and events must be positive")
    if one.rounding == "none":
        return None if one.base == 1 else Text("不取整则基数须为 1", "without rounding the base is 1")
    if one.base < 3 or one.base % 2 != (one.rounding == "nearest"):
        return Text(
            "就近取整须用奇数基数，取中点须用偶数基数", "nearest needs an odd base of 3 or more, midpoint an even one"
        )
    if one.rounding == "midpoint" and one.zeros != "shown":
        return Text("取中点时零须显示", "with midpoints zeros are shown")
    before, first = rounded(np.array([one.smallest - 1, one.smallest], np.int64), one.rounding, one.base)
    if before == first:
        return Text(
            f"隐去至 {one.smallest - 1} 再按 {one.base} 取整，{first} 便只剩一部分取值（已知错误，O2）",
            f"redacting up to {one.smallest - 1} and rounding by {one.base} leaves only some of the counts that round to {first} "
            "(a known mistake, O2)",
        )
    return None


_STRICT = Profile(
    id="strict",
    title=Text("严格：少于 10 人与零均隐去，不取整", "strict: fewer than 10 people and zeros suppressed, no rounding"),
    sources=("ACRO safe_threshold 10, zeros_are_disclosive", "ABS rule of 10; dominance (1, 50 %) and (2, 67 %)"),
    smallest=10,
    dominance=(Dominance(1, 0.5), Dominance(2, 0.67)),
)
_HEALTH = Profile(
    id="health",
    title=Text("卫生：1 至 7 隐去后按 5 取整", "health: 1 to 7 suppressed, then rounded to 5"),
    sources=("OpenSAFELY permitted results", "NHS HES: 1-7 shown as *", "ACRO dominance (2, 90 %), p % 10 %"),
    smallest=8,
    rounding="nearest",
    base=5,
    zeros="shown",
    dominance=(Dominance(2, 0.9),),
)
_RATES = Profile(
    id="health_midpoint6",
    title=Text("卫生率：1 至 6 隐去后取 6 的中点", "health, rates: 1 to 6 suppressed, then midpoint 6"),
    sources=("OpenSAFELY midpoint 6 rounding", "ACRO dominance (2, 90 %), p % 10 %"),
    smallest=7,
    rounding="midpoint",
    base=6,
    zeros="shown",
    dominance=(Dominance(2, 0.9),),
)
PROFILES = {one.id: one for one in (_STRICT, _HEALTH, _RATES)}
"""The profiles that stand ready, by name."""


def profile(name: str) -> Profile:
    """A profile by its name."""
    if name not in PROFILES:
        raise UnknownProfile(profile=name, known=", ".join(PROFILES))
    return PROFILES[name]


def allow(statistic: str) -> None:
    """Raise StatisticRefused for a statistic that is one person's value (O6)."""
    if statistic.lower() in REFUSED:
        raise StatisticRefused(statistic=statistic)
