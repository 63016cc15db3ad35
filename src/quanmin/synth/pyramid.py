"""Age and sex of the people, and how they die.

Source of the counts: National Bureau of Statistics of China, tabulation of the 2010 population census (1 November 2010),
national, by sex and five-year age group, persons; the typed columns add up to the published totals (682,329,104 males,
650,481,765 females), which a test holds. Births after the census: NBS annual statistical communiques, births of the year
(10,000 persons) and the sex ratio at birth (males to 100 females) they state. Inside an age group days of birth are even.

Deaths follow the law of Gompertz and Makeham with an extra hazard in the first weeks of life, fitted to the life
expectancy that NBS computed from the same census (72.38 years for men, 77.37 for women) and its infant mortality (13.1
per thousand); a test holds both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quanmin.synth.day import NEVER, day_of
from quanmin.synth.stream import Floats, Ints, Weighted

CENSUS_DAY = day_of(2010, 11, 1)
AS_OF = day_of(2015, 12, 31)
"""The day at which the simulated files are written: the year of the deck whose population base this follows."""

MALES = (
    (41_062_566, 38_464_665, 40_267_277, 51_904_830, 64_008_573, 50_837_038, 49_521_822, 60_391_104, 63_608_678)
    + (53_776_418, 40_363_234, 41_082_938, 29_834_426, 20_748_471, 16_403_453, 11_278_859, 5_917_502, 2_199_810)
    + (530_872, 117_716, 8_852)
)
FEMALES = (
    (34_470_044, 32_416_884, 34_641_185, 47_984_284, 63_403_945, 50_176_814, 47_616_381, 57_634_855, 61_145_286)
    + (51_818_135, 38_389_937, 40_229_536, 28_832_856, 20_364_811, 16_568_944, 12_573_274, 7_455_696, 3_432_118)
    + (1_047_435, 252_263, 27_082)
)
BIRTHS = {2010: (15_920, 117.94), 2011: (16_040, 117.78), 2012: (16_350, 117.70), 2013: (16_400, 117.60)} | {
    2014: (16_870, 115.88),
    2015: (16_550, 113.51),
}
"""Births of the year in thousands, and males to 100 females."""

MALE, FEMALE = 1, 2


class _Cell(NamedTuple):
    sex: int
    first: int
    days: int
    people: float


def _cells() -> list[_Cell]:
    cells = []
    for sex, counts in ((MALE, MALES), (FEMALE, FEMALES)):
        for group, count in enumerate(counts):
            first = CENSUS_DAY - round((group + 1) * 5 * 365.25)
            cells.append(_Cell(sex, first, round(5 * 365.25), count))
    for year, (thousands, ratio) in BIRTHS.items():
        first = max(day_of(year), CENSUS_DAY)
        days = day_of(year + 1) - first
        births = thousands * 1000 * days / (day_of(year + 1) - day_of(year))
        male = ratio / (ratio + 100)
        cells += [_Cell(MALE, first, days, births * male), _Cell(FEMALE, first, days, births * (1 - male))]
    return cells


_CELLS = _cells()
_DRAW = Weighted([cell.people for cell in _CELLS], bits=20)
_SEX = np.array([cell.sex for cell in _CELLS], dtype=np.int8)
_START = np.array([cell.first for cell in _CELLS], dtype=np.int32)
_DAYS = np.array([cell.days for cell in _CELLS], dtype=np.float64)


def births(rng: np.random.Generator, count: int) -> tuple[np.ndarray, Ints]:
    """Sex (1 male, 2 female) and day of birth of `count` people counted in 2010 or born since."""
    cell = _DRAW.draw(rng, count)
    return _SEX[cell], (_START[cell] + (rng.random(count) * _DAYS[cell])).astype(np.int32)


class Mortality(NamedTuple):
    """Hazard at age x in years: `makeham + gompertz * exp(growth * x) + infant / decay * exp(-x / decay)`."""

    makeham: float
    gompertz: float
    growth: float
    infant: float
    decay: float = 0.08

    def cumulated(self, ages: Floats) -> Floats:
        """The hazard summed from birth to each age."""
        old = self.gompertz / self.growth * np.expm1(self.growth * ages)
        return np.asarray(self.makeham * ages + old + self.infant * -np.expm1(-ages / self.decay))


MORTALITY = {MALE: Mortality(4.0e-4, 6.07e-5, 0.0905, 0.0127), FEMALE: Mortality(2.0e-4, 2.48e-5, 0.0975, 0.0127)}

_AGES = np.concatenate([np.arange(0, 2, 1 / 365.25), np.arange(2, 125, 1 / 12)])
_HAZARD = {sex: law.cumulated(_AGES) for sex, law in MORTALITY.items()}


def deaths(rng: np.random.Generator, sex: np.ndarray, born: Ints) -> Ints:
    """Day of death between the census (or birth) and AS_OF, NEVER for who is alive on AS_OF."""
    start = (np.maximum(CENSUS_DAY, born) - born) / 365.25
    died = np.full(len(born), NEVER, dtype=np.int32)
    for code, hazard in _HAZARD.items():
        rows = np.flatnonzero(sex == code)
        reached = np.interp(start[rows], _AGES, hazard) + rng.standard_exponential(len(rows))
        age = np.interp(reached, hazard, _AGES)
        day = born[rows] + np.floor(age * 365.25).astype(np.int32)
        died[rows] = np.where(day <= AS_OF, day, NEVER)
    return died
