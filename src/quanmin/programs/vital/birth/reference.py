"""What joining and checking mean, in plain Python over small lists: the set-based ones are compared with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from quanmin.programs.vital.birth import crosscheck
from quanmin.programs.vital.birth.newborn import JOINED, OVERDUE, REGISTRATION, SEVERAL, STATED, WAITING, rule_of


@dataclass(frozen=True)
class Birth:
    """A birth that counts; keys of child, mother and father where they are known."""

    certificate_no: str
    name: str
    sex: str
    birth_date: date
    person: int | None = None
    mother: int | None = None
    father: int | None = None
    mother_name: str = ""
    mother_document: str | None = None
    birth_time: str | None = None
    institution: str | None = None


@dataclass(frozen=True)
class Person:
    """Somebody of the base, with the households that sources give."""

    key: int
    name: str
    sex: str | None
    birth_date: date | None
    homes: frozenset[str] = frozenset()
    died: date | None = None
    region: str | None = None


@dataclass(frozen=True)
class Fate:
    """What became of a newborn: its state, the person and rule, or the candidates."""

    state: str
    person: int | None = None
    rule: str | None = None
    among: tuple[int, ...] | None = None


def joined(
    births: Sequence[Birth], people: Sequence[Person], histories: Iterable[tuple[int, int, date]], today: date
) -> dict[str, Fate]:
    """The fate of every newborn, by certificate; `histories` are mother, child and day."""
    known, told = {one.key: one for one in people}, set(histories)
    matched: dict[str, tuple[int, int]] = {
        one.certificate_no: (one.person, 0) for one in births if one.person is not None and one.person in known
    }
    scores = {
        (one.certificate_no, other.key): score
        for one in births
        if one.person is None
        for other in people
        if (score := _score(one, other, known, told)) > 1
    }
    while True:
        taken = {person for person, _ in matched.values()}
        free = {pair: score for pair, score in scores.items() if pair[0] not in matched and pair[1] not in taken}
        found = {pair: score for pair, score in free.items() if _only_best(pair, free)}
        if not found:
            break
        matched |= {certificate: (person, score) for (certificate, person), score in found.items()}
    return {one.certificate_no: _fate(one, matched, free, today) for one in births}


def _score(birth: Birth, person: Person, known: Mapping[int, Person], told: set[tuple[int, int, date]]) -> int:
    """0 or 1 where nothing ties the two."""
    sexes = (birth.sex, person.sex or "0")
    if person.birth_date != birth.birth_date or (sexes[0] != sexes[1] and not {"0", "9"} & set(sexes)):
        return 0
    score = int(birth.name == person.name)
    if birth.mother is not None and (birth.mother, person.key, birth.birth_date) in told:
        score += 8
    for part, parent in ((4, birth.mother), (2, birth.father)):
        if parent is not None and parent in known and known[parent].homes & person.homes:
            score += part
    return score


def _only_best(pair: tuple[str, int], free: Mapping[tuple[str, int], int]) -> bool:
    others = (score for other, score in free.items() if other != pair and (other[0] == pair[0] or other[1] == pair[1]))
    return all(score < free[pair] for score in others)


def _fate(
    birth: Birth, matched: Mapping[str, tuple[int, int]], free: Mapping[tuple[str, int], int], today: date
) -> Fate:
    if birth.certificate_no in matched:
        person, score = matched[birth.certificate_no]
        return Fate(JOINED, person, rule_of(score) or STATED)
    among = tuple(sorted(person for certificate, person in free if certificate == birth.certificate_no))
    if among:
        return Fate(SEVERAL, among=among)
    return Fate(OVERDUE if birth.birth_date < today - REGISTRATION else WAITING)


@dataclass(frozen=True, order=True)
class Finding:
    """A rule, with the certificate or the person that it is about, and the certificate that contradicts."""

    rule: str
    certificate_no: str | None = None
    person: int | None = None
    other: str | None = None


def found(
    births: Sequence[Birth],
    people: Sequence[Person],
    fates: Mapping[str, Fate],
    days: tuple[date | None, date],
    region: str | None = None,
) -> Iterator[Finding]:
    """Every finding, given what became of newborns; `days` are those on which people are asked for a certificate.

    Each of `people` is registered, in its `region`.
    """
    known = {one.key: one for one in people}
    taken = {fate.person for fate in fates.values()} | {key for fate in fates.values() for key in fate.among or ()}
    since, until = days
    for one in people:
        asked = since is not None and one.birth_date is not None and since <= one.birth_date <= until
        if asked and one.key not in taken and (one.region or "").startswith(crosscheck.inside(region)):
            yield Finding("no_certificate", person=one.key)
    for birth in births:
        if fates[birth.certificate_no].state == OVERDUE:
            yield Finding("not_registered", birth.certificate_no)
        for rule, key in _parents(birth, known, region):
            yield Finding(rule, birth.certificate_no, key)
        yield from _beside(birth, births)


def _parents(birth: Birth, known: Mapping[int, Person], region: str | None) -> Iterator[tuple[str, int]]:
    day = birth.birth_date
    if birth.mother is not None:
        mother = known.get(birth.mother)
        if mother is None:
            if f"{birth.mother:017}".startswith(crosscheck.inside(region)[:2]):
                yield "mother_unknown", birth.mother
        else:
            if mother.died is not None and (day - mother.died).days > crosscheck.AFTER_MOTHER:
                yield "mother_dead", mother.key
            if mother.sex == "1":
                yield "mother_male", mother.key
            if mother.birth_date is not None and not _fertile(mother.birth_date, day):
                yield "mother_age", mother.key
    father = known.get(birth.father) if birth.father is not None else None
    if father is not None and father.died is not None and (day - father.died).days > crosscheck.AFTER_FATHER:
        yield "father_dead", father.key
    if father is not None and father.sex == "2":
        yield "father_female", father.key


def _fertile(born: date, day: date) -> bool:
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return crosscheck.YOUNGEST <= age <= crosscheck.OLDEST


def _beside(birth: Birth, births: Sequence[Birth]) -> Iterator[Finding]:
    close = [
        (other.birth_date, other.certificate_no)
        for other in births
        if birth.mother is not None
        and other.mother == birth.mother
        and crosscheck.ONE_DELIVERY < (birth.birth_date - other.birth_date).days < crosscheck.INTERVAL
    ]
    if close:
        yield Finding("interval", birth.certificate_no, birth.mother, max(close)[1])
    same = [
        other
        for other in births
        if other.certificate_no != birth.certificate_no
        and (other.name, other.sex, other.birth_date) == (birth.name, birth.sex, birth.birth_date)
    ]
    twice = [other.certificate_no for other in same if _who(other) == _who(birth)]
    if twice:
        yield Finding("double", birth.certificate_no, birth.mother, min(twice))
    at = (birth.birth_time, birth.institution)
    two = [
        other.certificate_no
        for other in same
        if None not in at and (other.birth_time, other.institution) == at and _who(other) != _who(birth)
    ]
    if two:
        yield Finding("double_mothers", birth.certificate_no, birth.mother, min(two))


def _who(birth: Birth) -> tuple[str, str | int]:
    """The mother by number, else by another document, else by name."""
    if birth.mother is not None:
        return "number", birth.mother
    return ("name", birth.mother_name) if birth.mother_document is None else ("document", birth.mother_document)
