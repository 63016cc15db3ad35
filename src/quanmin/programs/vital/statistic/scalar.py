"""The figures of a region and period that are one number each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from quanmin.errors import Invalid
from quanmin.programs.vital.demography import (
    age_sex_accuracy,
    fertility,
    growth_balance,
    heaping,
    lost_years,
    mortality,
)
from quanmin.programs.vital.demography.ratio import Ratio, rate, share
from quanmin.programs.vital.demography.separation import Sex
from quanmin.programs.vital.demography.uncertainty import interval
from quanmin.programs.vital.statistic import cohort, standard
from quanmin.programs.vital.statistic.figure import Basis, Counted, Said, doubtful, nothing, of_ratio, of_value, unsaid
from quanmin.programs.vital.statistic.hiding import FINEST
from quanmin.programs.vital.statistic.population import grouped
from quanmin.programs.vital.statistic.tally import CODES, FIVE, GROUPS, Tally
from quanmin.text import Text

_PEOPLE, _BORN, _DEAD = "linked.person", "clean.health.birth", "clean.health.death"
_PERSONS, _EVENTS = Text("人", "people"), Text("例", "events")
_THOUSAND, _HUNDRED_THOUSAND = Text("‰", "per 1,000"), Text("1/10万", "per 100,000")
_PERCENT, _YEARS, _NONE = Text("%", "%"), Text("年", "years"), Text("", "")
_PLACE_OF_BIRTH = Text(
    "出生按出生地归属，并非母亲居住地", "births count where they happened, not where the mother lives"
)
_POISSON = Text("区间为 95% 精确泊松区间", "limits are exact Poisson ones, 95 %")
_CHIANG = Text(
    "简略寿命表（联合国规则），区间按 Chiang 1984，95%", "abridged life table (UN rules), limits by Chiang 1984, 95 %"
)
_RETROSPECTIVE = Text(
    "人口按现居住地倒推，迁出者不在内", "populations are told backwards from present residence, without those who left"
)
SEX_TITLES: dict[Sex, Text] = {
    "male": Text("男", "male"),
    "female": Text("女", "female"),
    "both": Text("合计", "both sexes"),
}
_TFR, _GRR = Text("总和生育率", "total fertility rate"), Text("粗再生育率", "gross reproduction rate")
_NRR, _MEAN_AGE = Text("净再生育率", "net reproduction rate"), Text("平均生育年龄", "mean age at childbearing")
_IMR, _NMR = Text("婴儿死亡率", "infant mortality rate"), Text("新生儿死亡率", "neonatal mortality rate")
_U5MR = Text("5岁以下儿童死亡率", "under-five mortality rate")
_MMR = Text("孕产妇死亡率", "maternal mortality ratio")
_DAUGHTERS = Text("女孩", "daughters")


def figures(tally: Tally, basis: Basis) -> tuple[Counted, ...]:
    """Every figure, in the order in which they are shown."""
    parts = (_people, _rates, _fertility, _early, _expectation, _ages, _completeness, _quality, _lost)
    return tuple(one for part in parts for one in part(tally, basis))


def _ratio(make: Callable[[], Ratio]) -> Ratio | None:
    """A ratio, or None where its denominator is nothing."""
    try:
        return make()
    except Invalid:
        return None


def _number(make: Callable[[], float]) -> float | None:
    try:
        return make()
    except Invalid:
        return None


def _people(tally: Tally, basis: Basis) -> Iterator[Counted]:
    notes = (_RETROSPECTIVE,)
    for name, title, value in (
        ("population_start", Text("期初人口", "population at the beginning"), tally.start.total),
        ("population_end", Text("期末人口", "population at the end"), tally.end.total),
        ("person_years", Text("人年数（平均人口）", "person-years (mean population)"), tally.exposure.total),
    ):
        yield of_value(Said(name, title, _PERSONS, (_PEOPLE,), notes), value, basis)
    births, deaths = (Text("出生数", "births"), (_BORN,)), (Text("死亡数", "deaths"), (_DEAD,))
    yield of_value(Said("births", births[0], _EVENTS, births[1], (_PLACE_OF_BIRTH,)), tally.born, basis)
    yield of_value(Said("deaths", deaths[0], _EVENTS, deaths[1]), tally.died, basis)


def _rates(tally: Tally, basis: Basis) -> Iterator[Counted]:
    lived, born, died = tally.exposure.total, tally.born, tally.died
    cbr = Said("crude_birth_rate", Text("粗出生率", "crude birth rate"), _THOUSAND, (_BORN, _PEOPLE), (_POISSON,))
    cdr = Said("crude_death_rate", Text("粗死亡率", "crude death rate"), _THOUSAND, (_DEAD, _PEOPLE), (_POISSON,))
    yield of_ratio(cbr, _ratio(lambda: rate(cbr.id, born, lived, 1_000)), basis)
    yield of_ratio(cdr, _ratio(lambda: rate(cdr.id, died, lived, 1_000)), basis)
    growth = Text("自然增长率", "rate of natural increase")
    said = Said("natural_increase", growth, _THOUSAND, (_BORN, _DEAD, _PEOPLE), counted=False)
    told = min(born, died) >= basis.minimum
    value = 1_000 * (born - died) / lived if lived and told else None
    yield of_value(said, value, basis, parts=(born - died if told else None, lived))


def _fertility(tally: Tally, basis: Basis) -> Iterator[Counted]:
    sources, notes = (_BORN, _PEOPLE), (_PLACE_OF_BIRTH,)
    found = None
    if tally.born:
        try:
            found = fertility.fertility(tally.mothers(), tally.women())
        except Invalid:
            found = None
    boys, girls = tally.of_sexes
    gfr = Said("general_fertility_rate", Text("一般生育率", "general fertility rate"), _THOUSAND, sources, notes)
    yield of_ratio(gfr, _ratio(lambda: rate(gfr.id, tally.born, float(tally.women().sum()), 1_000)), basis)
    table, part = tally.tables.get("female"), girls / (boys + girls) if boys + girls else 0.0
    told = tally.born >= basis.minimum
    net = found.net_reproduction(part, table) if found and table else None
    every: tuple[tuple[str, Text, Text, float | None], ...] = (
        ("total_fertility_rate", _TFR, Text("孩", "children"), found.total if found else None),
        ("gross_reproduction_rate", _GRR, _DAUGHTERS, found.gross_reproduction(part) if found else None),
        ("net_reproduction_rate", _NRR, _DAUGHTERS, net),
        ("mean_age_at_birth", _MEAN_AGE, Text("岁", "years"), _number(lambda: found.mean_age) if found else None),
    )
    for name, title, unit, value in every:
        said = Said(name, title, unit, sources, notes, counted=False)
        parts = (tally.born, float(tally.women().sum())) if told else (None, None)
        marks = doubtful(tally.born < 100)
        yield of_value(said, value if told else None, basis, parts=parts, marks=marks)
    ratio = Said(
        "sex_ratio_at_birth", Text("出生性别比（女=100）", "sex ratio at birth (girls = 100)"), _NONE, (_BORN,)
    )
    yield of_ratio(ratio, _ratio(lambda: fertility.sex_ratio_at_birth(boys, girls)), basis)


def _early(tally: Tally, basis: Basis) -> Iterator[Counted]:
    """Deaths of children and mothers. Where ages had to be joined, those of children would tell what is in the joined ones."""
    born, fine = tally.born, tally.level == FINEST
    infants, children = tally.dying(lambda one: one.age == 0), tally.dying(lambda one: one.age in (0, 1))
    newborn = tally.dying(lambda one: bool(one.neonatal) and one.age == 0)
    apart = fine and not 0 < infants - newborn < basis.minimum
    every: tuple[tuple[str, Text, Text, int, Callable[[float, float], Ratio], bool], ...] = (
        ("infant_mortality", _IMR, _THOUSAND, infants, mortality.infant_mortality, fine),
        ("neonatal_mortality", _NMR, _THOUSAND, newborn, mortality.neonatal_mortality, apart),
        ("under_five_mortality", _U5MR, _THOUSAND, children, mortality.under_five_mortality, fine),
        ("maternal_mortality", _MMR, _HUNDRED_THOUSAND, _mothers(tally), mortality.maternal_mortality, True),
    )
    for name, title, unit, count, make, told in every:
        said = Said(name, title, unit, (_DEAD, _BORN), (_POISSON,))
        yield of_ratio(said, _ratio(partial(make, count, born)), basis) if told else unsaid(said, basis)


def _mothers(tally: Tally) -> int:
    return tally.dying(lambda one: one.maternal)


def _expectation(tally: Tally, basis: Basis) -> Iterator[Counted]:
    for age in (0, 65):
        for sex, words in SEX_TITLES.items():
            title = Text(f"{age}岁预期寿命 · {words.zh}", f"life expectancy at {age}, {words.en}")
            said = Said(f"life_expectancy_{age}_{sex}", title, _YEARS, (_DEAD, _PEOPLE), (_CHIANG,), counted=False)
            table, died = tally.tables.get(sex), tally.dead(sex)
            if table is None:
                yield nothing(said, basis)
                continue
            if died.sum() < basis.minimum or age not in tally.level:
                yield unsaid(said, basis)
                continue
            low, high = interval(table, died)
            place = GROUPS.starts.index(age)
            limits = float(low[place]), float(high[place])
            parts = float(died[place:].sum()), float(tally.lived(sex)[place:].sum())
            few = bool(tally.exposure.of(CODES[sex]).sum() < 5_000) or limits[1] - limits[0] > 2
            yield of_value(said, float(table.ex[place]), basis, limits, parts, doubtful(few))


def _ages(tally: Tally, basis: Basis) -> Iterator[Counted]:
    single, sources = tally.end.of("both"), (_PEOPLE,)
    males, females = (grouped(tally.end.of(sex), FIVE)[:15] for sex in ("1", "2"))
    for name, title, make in (
        (
            "whipple",
            Text("惠普尔指数（1 为无偏好）", "Whipple's index (1: no preference)"),
            lambda: heaping.whipple(single).value,
        ),
        (
            "myers",
            Text("迈尔斯指数（0 为无偏好）", "Myers' index (0: no preference)"),
            lambda: heaping.myers(single).value,
        ),
        (
            "age_sex_accuracy",
            Text("联合国年龄性别准确性指数", "UN age-sex accuracy index"),
            lambda: age_sex_accuracy.accuracy(males, females).value,
        ),
    ):
        yield of_value(Said(name, title, _NONE, sources, counted=False), _number(make), basis)


def balance(tally: Tally) -> growth_balance.GrowthBalance:
    """The growth balance of the base at both ends of the period and the certificates between. Raises NoLine."""
    first, second = (grouped(one.of("both"), FIVE) for one in (tally.start, tally.end))
    died = tally.dead()
    five = [float(died[0] + died[1]), *died[2:].tolist()]
    return growth_balance.growth_balance(first, second, five, tally.last - tally.first + 1)


def _completeness(tally: Tally, basis: Basis) -> Iterator[Counted]:
    note = Text(
        "广义增长平衡法（5-75 岁）；迁移和年龄误报会使线弯曲，请看图",
        "generalised growth balance, ages 5-75; look at its points",
    )
    said = Said(
        "death_completeness",
        Text("死亡登记完整性", "completeness of death registration"),
        _PERCENT,
        (_DEAD, _PEOPLE),
        (note,),
        counted=False,
    )
    found = _number(lambda: 100 * balance(tally).completeness)
    enough = tally.died >= basis.minimum
    marks = doubtful(tally.died < 1_000)
    yield of_value(said, found if enough else None, basis, parts=(tally.died if enough else None, None), marks=marks)
    yield from cohort.figures(tally, basis)


def _quality(tally: Tally, basis: Basis) -> Iterator[Counted]:
    undefined = tally.dying(lambda one: one.undefined)
    said = Said("ill_defined", Text("死因诊断不明比例", "share of ill-defined causes"), _PERCENT, (_DEAD,))
    yield of_ratio(said, _ratio(lambda: share(said.id, undefined, tally.died)), basis)
    told = tally.bearing(lambda one: one.late is not None)
    prompt = tally.bearing(lambda one: one.late is False)
    words = Text("十日内签发比例", "share issued within ten days")
    prompt_said = Said("issued_in_time", words, _PERCENT, (_BORN,))
    yield of_ratio(prompt_said, _ratio(lambda: share("issued in time", prompt, told)), basis)


def _lost(tally: Tally, basis: Basis) -> Iterator[Counted]:
    died, lived = tally.dead(), tally.exposure.total
    reference = Text(f"参照寿命：{standard.NAME}", f"by the standard of the {standard.NAME}")
    ways = (
        (
            "years_lost",
            Text("寿命损失年率", "years of life lost"),
            (reference,),
            lost_years.lost_years(GROUPS, died, standard.AGES, standard.YEARS).value,
        ),
        (
            "potential_years_lost",
            Text("70岁前潜在寿命损失年率", "potential years lost before 70"),
            (),
            lost_years.potential_years(GROUPS, died).value,
        ),
    )
    for name, title, notes, value in ways:
        said = Said(name, title, _THOUSAND, (_DEAD, _PEOPLE), notes, counted=False)
        enough = lived > 0 and tally.died >= basis.minimum
        yield of_value(said, 1_000 * value / lived if enough else None, basis, parts=(value if enough else None, lived))
