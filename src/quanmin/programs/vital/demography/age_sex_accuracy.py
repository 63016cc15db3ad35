"""The age-sex accuracy index of the United Nations (1952; Manual II, 1955): how smooth five-year groups are.

Age ratio: 100 times a group by the mean of its neighbours; its score is the mean distance from 100. Sex ratio: males per 100
females; its score is the mean step from group to group. Index = 3 · sex ratio score + age ratio scores of both sexes.
Real histories (wars, famines, migration) are read as errors too, and small populations score high by chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from quanmin.programs.vital.demography.errors import AgesShort, NoExposure
from quanmin.programs.vital.demography.number import Floats, counts
from quanmin.text import Text


@dataclass(frozen=True)
class Accuracy:
    """The scores and the ratios that they are made of; `age_ratios` begin at the second group and end before the last."""

    sex_ratio_score: float
    male_age_ratio_score: float
    female_age_ratio_score: float
    sex_ratios: tuple[float, ...]
    male_age_ratios: tuple[float, ...]
    female_age_ratios: tuple[float, ...]

    @property
    def value(self) -> float:
        """The joint index."""
        return 3 * self.sex_ratio_score + self.male_age_ratio_score + self.female_age_ratio_score

    @property
    def grade(self) -> Text:
        """The classes of the United Nations: below 20, to 40, above."""
        if self.value < 20:
            return Text("准确", "accurate")
        return Text("不准确", "inaccurate") if self.value <= 40 else Text("很不准确", "highly inaccurate")


def accuracy(males: Any, females: Any) -> Accuracy:
    """Of closed five-year groups from 0-4 on [ages], usually to 70-74; the open group is left out by the caller.

    Raises `AgesShort` (fewer than three groups), `NoExposure` (a group with nobody), and what `counts` raises.
    """
    women = counts("females", females)
    men = counts("males", males, len(women))
    if len(men) < 3:
        raise AgesShort(name="UN age-sex", first=0, last=14)
    empty = (men == 0) | (women == 0)
    if empty.any():
        raise NoExposure(row=int(np.flatnonzero(empty)[0]) + 1)
    sex, male, female = 100 * men / women, _age_ratios(men), _age_ratios(women)
    return Accuracy(
        float(np.abs(np.diff(sex)).mean()),
        float(np.abs(male - 100).mean()),
        float(np.abs(female - 100).mean()),
        tuple(sex.tolist()),
        tuple(male.tolist()),
        tuple(female.tolist()),
    )


def _age_ratios(people: Floats) -> Floats:
    return 200 * people[1:-1] / (people[:-2] + people[2:])
