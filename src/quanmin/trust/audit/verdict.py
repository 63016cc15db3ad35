"""What a verification found, and the heads it compares with on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from quanmin.text import Text
from quanmin.trust.audit.stamp import Stamped

Damage = Literal["changed", "removed", "reordered", "added", "forked", "forged", "unfindable", "stamp"]
DAMAGE: dict[Damage, Text] = {
    "changed": Text("内容被改", "changed"),
    "removed": Text("被删除或截断", "removed or cut off"),
    "reordered": Text("顺序被改", "reordered"),
    "added": Text("被插入", "added"),
    "forked": Text("出现两个互相矛盾的已签树头", "two signed heads contradict each other"),
    "forged": Text("树头签名不符", "a head's signature does not hold"),
    "stamp": Text("时间戳不成立", "the time stamp of a head does not hold"),
    "unfindable": Text("检索索引不符", "what entries are found by does not fit them"),
}
PLACES = 20  # of a clock that ran backwards: so many are told


class Verdict(NamedTuple):
    """How many entries hold, and where the first damage is.

    `sequence` to `until` is the narrowest range that the damage is known to lie in; without `until` it is that entry. `backwards`
    are entries whose time is before that of the entry before them: the log holds, but a clock was set back. With `stamp` the log
    holds, and the time stamp of the head over so many entries does not.
    """

    entries: int
    sequence: int | None = None
    damage: Damage | None = None
    until: int | None = None
    backwards: tuple[int, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether the whole log holds."""
        return self.damage is None


def timed(verdict: Verdict, stamps: Iterable[Stamped]) -> Verdict:
    """A verdict that also knows the first time stamp that does not hold; damage of the log itself goes first."""
    wrong = next((one for one in stamps if one.flaw not in (None, "unchecked")), None)
    return verdict._replace(sequence=wrong.size, damage="stamp") if wrong and verdict.sound else verdict


class Known(NamedTuple):
    """A root that the first `size` entries must have; `signed` when its signature was checked."""

    size: int
    root: bytes
    signed: bool = False


class Checks:
    """Known roots, compared one after another while the tree grows."""

    def __init__(self, known: Iterable[Known]) -> None:
        self.waiting = sorted(known, key=lambda one: one.size)
        self.good: list[Known] = []
        self.bad: list[Known] = []

    @property
    def sizes(self) -> list[int]:
        """Where the tree must stop to be compared."""
        return sorted({one.size for one in self.waiting})

    def at(self, size: int, root: Callable[[], bytes]) -> None:
        """The tree has `size` entries now."""
        while self.waiting and self.waiting[0].size <= size:
            one = self.waiting.pop(0)
            (self.good if one.root == root() else self.bad).append(one)

    def covered(self) -> int:
        """Up to which entry a checked signature vouches for the log."""
        return max((one.size for one in self.good if one.signed), default=0)

    def judge(self, total: int) -> Verdict:
        """After the last entry."""
        if self.bad:
            first = self.bad[0]
            before = max((one.size for one in self.good if one.size < first.size), default=0)
            two = first.signed and any(one.signed and one.size >= first.size for one in self.good)
            return Verdict(total, before + 1, "forked" if two else "changed", first.size)
        if self.waiting:
            return Verdict(total, total + 1, "removed", self.waiting[-1].size)
        return Verdict(total)
