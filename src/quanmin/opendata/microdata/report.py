"""What was measured on a release: what holds, who might be found, what was lost. It is evidence: no times, no values.

- Risk of a record (El Emam 2013, "Guide to the De-Identification of Personal Health Information"): the prosecutor knows that
  the person is in the table, 1 / persons of the class; the journalist does not, 1 / people of the population in it (given, or
  estimated as persons / sampled share, or taken for the persons where nothing is known); the marketer wants many, the share of
  records that would be found on average.
- Loss: NCP, mean over all cells of (leaves covered - 1) / (leaves - 1), a row left out counts 1 (Xu et al. 2006, KDD); DM, sum of
  squared class sizes, a row left out counts as all rows (Bayardo and Agrawal 2005, ICDE); AECS, mean class size / k (LeFevre
  2006, ICDE).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from quanmin.opendata.microdata.coding import Coded
from quanmin.opendata.microdata.grouping import Codes, Counts, totals
from quanmin.opendata.microdata.plan import Plan
from quanmin.opendata.microdata.rule import Cells, Mask, distances, persons
from quanmin.text import Text, document

LOCAL = Text(
    "局部重编码：同一个值在不同的行里泛化程度不同，组合细化攻击可能得手；未经双人例外批准不得发布。",
    "local recoding: one value is generalised differently in different rows, which combinatorial refinement attacks use; "
    "not to be released without an exception by two people.",
)
WEAK = Text(
    "规则弱于行级数据的要求（k≥10；有敏感列时 l≥3、t≤0.3）；未经双人例外批准不得发布。",
    "the rule is weaker than row-level data asks for (k >= 10; with sensitive columns l >= 3 and t <= 0.3); "
    "not to be released without an exception by two people.",
)


@dataclass(frozen=True)
class Risk:
    """The chance that a record is led back to its person, 0 to 1: the highest and the mean of the prosecutor, and so on."""

    prosecutor: float
    prosecutor_mean: float
    journalist: float
    marketer: float


@dataclass(frozen=True)
class Loss:
    """What the release lost: `ncp` 0 to 1, `dm` in rows squared, `aecs` in k."""

    ncp: float
    dm: int
    aecs: float


@dataclass(frozen=True)
class Held:
    """What holds for one sensitive column in every class: distinct values, exp of the entropy, the distance from the whole."""

    distinct: int
    entropy: float
    distance: float


@dataclass(frozen=True)
class Report:
    """Rows and persons released, what each class holds at least, risk, loss, and how many classes have so many persons."""

    method: str
    levels: Mapping[str, int]
    rows: int
    released: int
    suppressed: int
    persons: int
    classes: int
    k: int
    sensitive: Mapping[str, Held]
    risk: Risk
    loss: Loss
    histogram: Mapping[int, int]
    checks: int
    warnings: tuple[Text, ...] = ()

    @property
    def needs_exception(self) -> bool:
        """Whether the release is not allowed by itself."""
        return bool(self.warnings)

    def to_dict(self) -> dict[str, Any]:
        """As a JSON document."""
        found: dict[str, Any] = document({name: value for name, value in vars(self).items() if name not in _INNER})
        found["sensitive"] = {name: asdict(one) for name, one in self.sensitive.items()}
        found["histogram"] = {str(size): count for size, count in self.histogram.items()}
        return found | {"risk": asdict(self.risk), "loss": asdict(self.loss), "needs_exception": self.needs_exception}


_INNER = ("sensitive", "histogram", "risk", "loss")


def held(coded: Coded, plan: Plan, classes: Codes, count: int, kept: Mask) -> dict[str, Held]:
    """What the kept classes hold of each sensitive column."""
    cells = [Cells.of(tally, classes, count) for tally in coded.values]
    far = distances(cells, plan, kept)
    return {
        name: Held(
            int(one.distinct()[kept].min()), float(one.entropy()[kept].min()), float(max(distance[kept].max(), 0.0))
        )
        for name, one, distance in zip(plan.sensitive, cells, far, strict=True)
    }


def measured(
    coded: Coded,
    plan: Plan,
    classes: tuple[Codes, int],
    kept: Mask,
    method: str,
    levels: Mapping[str, int],
    ncp: float,
    checks: int,
    warnings: Iterable[Text] = (),
) -> Report:
    """The report on classes, of which `kept` are released; `ncp` is that of the method."""
    groups, count = classes
    rows = totals(groups, count, coded.rows)
    people, bound = coded.persons(groups, count), persons(coded, groups, count)
    own, own_rows = people[kept], rows[kept]
    released, lost = int(own_rows.sum()), int(rows[~kept].sum())
    sizes, many = np.unique(own, return_counts=True)
    warned = (*warnings, *([WEAK] if plan.below_policy else []))
    return Report(
        method=method,
        levels=dict(levels),
        rows=coded.total,
        released=released,
        suppressed=lost,
        persons=coded.everybody,
        classes=len(own),
        k=int(bound[kept].min()),
        sensitive=held(coded, plan, groups, count, kept),
        risk=_risk(own, own_rows, bound[kept], plan),
        loss=Loss(ncp, int((own_rows.astype(object) ** 2).sum()) + lost * coded.total, released / len(own) / plan.k),
        histogram=dict(zip(sizes.tolist(), many.tolist(), strict=True)),
        checks=checks,
        warnings=warned,
    )


def _risk(own: Counts, rows: Counts, bound: Counts, plan: Plan) -> Risk:
    """Of each class the persons, the rows, and what k was held against."""
    found, whole = 1.0 / own, rows.sum()
    outside = np.maximum(bound, own) if plan.population is not None else own / (plan.sampled or 1.0)
    mean = float((rows * found).sum() / whole)
    return Risk(float(found.max()), mean, float((1.0 / outside).max()), float((rows / outside).sum() / whole))
