"""Edits on a certificate: what cannot be so, or hardly is, told with the rule, its severity and the place on the certificate.

The edits are of the kinds that WHO's CoDEdit and ANACONDA know (codes, sex, age, ill-defined, injuries without a cause), and
of those on the chain that ICD-10 volume 2 (2016), section 4.1.3, asks of the certifier. `reject` refuses the certificate,
`warn` sends it back with a question. No finding holds a value of the dead person: its address is an element and, for a cause,
its line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from quanmin.programs.vital.death import icd
from quanmin.programs.vital.death.certificate import FEMALE, MALE, Certificate
from quanmin.programs.vital.death.chain import LETTERS, OTHER, Mention
from quanmin.programs.vital.death.form import FORMS, USUAL, Deadline, demanded, late
from quanmin.programs.vital.death.limit import Severity, limits
from quanmin.text import Text

INJURY = icd.spans(("S00-T98",))
EXTERNAL = icd.spans(("V01-Y98",))
ILL_DEFINED = icd.spans(("R00-R94", "R96-R99"))
LEAST_AGE, MOST_AGE = 9, 70
"""Ages at which a woman can have been pregnant, wide: outside of them it is a mistake."""


class At(NamedTuple):
    """Where an edit found something: an element of `health.death`, and the line of the chain."""

    element: str
    line: str | None = None
    severity: Severity | None = None
    words: Text | None = None


@dataclass(frozen=True)
class Circumstance:
    """What an edit looks at beside the certificate: the day, and the deadline of this installation."""

    certificate: Certificate
    today: dt.date
    deadline: Deadline

    def conditions(self) -> Iterator[Mention]:
        """Every condition that the classification has, with the stated underlying cause left out."""
        return (one for one in self.certificate.chain.mentions() if icd.entry(one.code) is not None)

    @property
    def underlying(self) -> tuple[str, At] | None:
        """The stated underlying cause; else the first condition on the lowest used line, which the certifier means by it."""
        stated = icd.normalised(self.certificate.underlying or "")
        if stated is not None:
            return stated, At("underlying_cause_code")
        part_one = [one for one in self.certificate.chain.mentions() if one.line < len(LETTERS)]
        if not part_one:
            return None
        lowest = max(one.line for one in part_one)
        first = next(one for one in part_one if one.line == lowest)
        return first.code, _at(first)


@dataclass(frozen=True)
class Edit:
    """One rule: its id, severity, feedback code of the standards where it has one, and plain words."""

    id: str
    severity: Severity
    title: Text
    code: str | None
    find: Callable[[Circumstance], Iterator[At]]


@dataclass(frozen=True)
class Finding:
    """What an edit found; `line` is `a` to `d` or `II` for a cause."""

    rule: str
    severity: Severity
    element: str
    line: str | None
    title: Text
    code: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "element": self.element,
            "line": self.line,
            "code": self.code,
            "title": self.title,
        }


EDITS: dict[str, Edit] = {}
_Find = Callable[[Circumstance], Iterator[At]]


def _edit(name: str, severity: Severity, zh: str, en: str, code: str | None = None) -> Callable[[_Find], _Find]:
    def declared(find: _Find) -> _Find:
        EDITS[name] = Edit(name, severity, Text(zh, en), code, find)
        return find

    return declared


def edits(certificate: Certificate, today: dt.date, deadline: Deadline = USUAL) -> tuple[Finding, ...]:
    """Everything that the edits find on one certificate, in the order of the rules; `today` is the day of the check."""
    about = Circumstance(certificate, today, deadline)
    return tuple(
        Finding(rule.id, at.severity or rule.severity, at.element, at.line, at.words or rule.title, rule.code)
        for rule in EDITS.values()
        for at in rule.find(about)
    )


def refused(findings: Sequence[Finding]) -> bool:
    """Whether any finding refuses the certificate."""
    return any(one.severity == "reject" for one in findings)


def _element(line: int, ending: str = "_code") -> str:
    return f"cause_{LETTERS[line]}{ending}" if line < len(LETTERS) else f"cause_other{ending}"


def _at(mention: Mention) -> At:
    return At(_element(mention.line), mention.address)


# The form and its dates


@_edit("form.version", "warn", "填表日期不适用此版证明", "this form is not the one of the day it was filled in")
def _version(about: Circumstance) -> Iterator[At]:
    given, filled = about.certificate.version, about.certificate.filled
    if given is not None and filled is not None:
        wanted = demanded(filled)
        if given not in {one.version for one in FORMS} or wanted is None or wanted.version != given:
            yield At("form_version")


@_edit("death_date.missing", "reject", "死亡日期缺失或无法识别", "the date of death is missing or unreadable", "E12")
def _no_death(about: Circumstance) -> Iterator[At]:
    if about.certificate.death is None:
        yield At("death_date")


@_edit("death_date.day_unknown", "warn", "死亡日期只知年月", "of the date of death only the month is known")
def _day_unknown(about: Circumstance) -> Iterator[At]:
    if about.certificate.death is not None and not about.certificate.death.known:
        yield At("death_date")


@_edit("death_date.before_birth", "reject", "死亡早于出生", "the death is before the birth", "E14")
def _before_birth(about: Circumstance) -> Iterator[At]:
    birth, death = about.certificate.birth, about.certificate.death
    if birth is not None and death is not None and death.last < birth:
        yield At("death_date")


@_edit("death_date.future", "reject", "死亡日期在将来", "the death is in the future", "E14")
def _future(about: Circumstance) -> Iterator[At]:
    death = about.certificate.death
    if death is not None and death.first > about.today:
        yield At("death_date")


@_edit("filled_on.before_death", "reject", "填表早于死亡", "the certificate was filled in before the death", "E14")
def _before_death(about: Circumstance) -> Iterator[At]:
    filled, death = about.certificate.filled, about.certificate.death
    if filled is not None and death is not None and filled < death.first:
        yield At("filled_on")


@_edit("filled_on.future", "reject", "填表日期在将来", "the certificate was filled in in the future", "E14")
def _filled_future(about: Circumstance) -> Iterator[At]:
    if about.certificate.filled is not None and about.certificate.filled > about.today:
        yield At("filled_on")


@_edit("filled_on.late", "warn", "超过填报期限", "filled in after the deadline")
def _late(about: Circumstance) -> Iterator[At]:
    if late(about.certificate, about.deadline):
        yield At("filled_on")


# The chain


@_edit("chain.empty", "reject", "第一部分没有死因", "Part I names no cause", "E12")
def _empty(about: Circumstance) -> Iterator[At]:
    if not any(line.used for line in about.certificate.chain.lines):
        yield At("cause_a", "a")


@_edit("chain.gap", "warn", "死因链有空行", "a line of the chain is left empty above a used one")
def _gap(about: Circumstance) -> Iterator[At]:
    lines = about.certificate.chain.lines
    used = [number for number, line in enumerate(lines) if line.used]
    for number in range(max(used, default=0)):
        if not lines[number].used:
            yield At(_element(number, ""), LETTERS[number])


@_edit("chain.uncoded", "warn", "有文字而无编码", "a cause has words and no code")
def _uncoded(about: Circumstance) -> Iterator[At]:
    for number, line in enumerate(about.certificate.chain.every()):
        if line.text and not line.codes:
            yield At(_element(number), (*LETTERS, OTHER)[number])


@_edit("chain.duplicate", "warn", "同一疾病写了两次", "the same condition is written twice")
def _twice(about: Circumstance) -> Iterator[At]:
    seen = set[str]()
    for one in about.conditions():
        if one.code in seen:
            yield _at(one)
        seen.add(one.code)


@_edit("code.exists", "reject", "ICD-10 中没有此编码", "ICD-10 has no such code", "E11")
def _exists(about: Circumstance) -> Iterator[At]:
    for number, line in enumerate(about.certificate.chain.every()):
        if any(not icd.exists(code) for code in line.codes):
            yield At(_element(number), (*LETTERS, OTHER)[number])
    if about.certificate.underlying and not icd.exists(about.certificate.underlying):
        yield At("underlying_cause_code")


def _causes(about: Circumstance) -> Iterator[tuple[str, At]]:
    """Every cause, the stated underlying one as well."""
    yield from ((one.code, _at(one)) for one in about.conditions())
    stated = icd.normalised(about.certificate.underlying or "")
    if stated is not None and icd.entry(stated) is not None:
        yield stated, At("underlying_cause_code")


@_edit("code.sex", "reject", "该性别不可能有此死因", "somebody of this sex cannot die of this")
def _sex(about: Circumstance) -> Iterator[At]:
    if about.certificate.sex not in (MALE, FEMALE):
        return
    for code, at in _causes(about):
        if limits().only(code) not in (None, about.certificate.sex):
            yield at


@_edit("code.age", "reject", "该年龄不可能有此死因", "somebody of this age cannot die of this")
def _age(about: Circumstance) -> Iterator[At]:
    years = about.certificate.years()
    if years is None:
        return
    for code, at in _causes(about):
        broken = limits().broken(code, years)
        if broken is not None:
            words = Text(f"该年龄与死因不符：{broken.name.zh}", f"the age does not fit the cause: {broken.name.en}")
            yield at._replace(severity=broken.severity, words=words)


@_edit(
    "code.asterisk",
    "warn",
    "星号编码只表示临床表现",
    "an asterisk code tells a manifestation; its cause has the dagger code",
)
def _asterisk(about: Circumstance) -> Iterator[At]:
    for code, at in _causes(about):
        if limits().manifestation(code):
            yield at if at.line else at._replace(severity="reject")


@_edit(
    "underlying.ill_defined",
    "warn",
    "以症状或不明原因为根本死因",
    "a symptom or an ill-defined cause is the underlying cause",
)
def _ill_defined(about: Circumstance) -> Iterator[At]:
    found = about.underlying
    if found is not None and icd.within(found[0], ILL_DEFINED):
        yield found[1]


@_edit(
    "underlying.injury",
    "reject",
    "损伤不能作为根本死因",
    "an injury cannot be the underlying cause, what brought it about is",
)
def _injury(about: Circumstance) -> Iterator[At]:
    stated = icd.normalised(about.certificate.underlying or "")
    if stated is not None and icd.within(stated, INJURY):
        yield At("underlying_cause_code")


@_edit("cause.external_missing", "warn", "有损伤中毒而无外部原因", "an injury or poisoning without its external cause")
def _external(about: Circumstance) -> Iterator[At]:
    causes = list(_causes(about))
    injuries = [at for code, at in causes if icd.within(code, INJURY)]
    if injuries and not any(icd.within(code, EXTERNAL) for code, _ in causes):
        yield injuries[0]


@_edit("interval.order", "warn", "间隔时间次序颠倒", "a cause began after what it is said to have led to")
def _interval_order(about: Circumstance) -> Iterator[At]:
    stated = [(n, line.interval) for n, line in enumerate(about.certificate.chain.lines) if line.interval is not None]
    for (_, above), (number, below) in pairwise(stated):
        if below.widest <= above.hours:
            yield At(_element(number, "_interval"), LETTERS[number])


@_edit("interval.life", "warn", "间隔时间长于寿命", "an interval is longer than the life")
def _interval_life(about: Circumstance) -> Iterator[At]:
    ages = about.certificate.ages
    if ages is None or ages[1] < 0:
        return
    lived = (ages[1] + 1 + 280) * 24  # what is inborn began within the 40 weeks before birth
    for number, line in enumerate(about.certificate.chain.every()):
        if line.interval is not None and line.interval.hours > lived:
            yield At(_element(number, "_interval"), (*LETTERS, OTHER)[number])


# Pregnancy


@_edit("pregnancy.sex", "reject", "男性不可能处于妊娠期", "a man was not pregnant")
def _pregnant_man(about: Circumstance) -> Iterator[At]:
    if about.certificate.pregnancy and about.certificate.sex == MALE:
        yield At("pregnancy")


@_edit(
    "pregnancy.age",
    "reject",
    "年龄在9至70岁之外，不可能处于妊娠期",
    "nobody is pregnant before 9 or after 70 years of age",
)
def _pregnant_age(about: Circumstance) -> Iterator[At]:
    years = about.certificate.years()
    if about.certificate.pregnancy and years is not None and not LEAST_AGE <= years <= MOST_AGE:
        yield At("pregnancy")


@_edit(
    "pregnancy.missing",
    "warn",
    "死因属妊娠、分娩或产褥期，而未注明妊娠",
    "a cause of pregnancy, and the certificate does not say so",
)
def _maternal(about: Circumstance) -> Iterator[At]:
    maternal = icd.spans(("O00-O95", "O98-O99"))
    if about.certificate.pregnancy is not True and any(icd.within(code, maternal) for code, _ in _causes(about)):
        yield At("pregnancy")
