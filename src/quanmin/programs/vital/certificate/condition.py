"""Whether a certificate may be issued for what is asked, and which evidence that needs.

Rules, of 国卫办妇幼函〔2015〕279号 and of provinces: births at home by a designated institution, with declaration and test of
parentage; more than a month late with an explanation, more than a year with the delivery's record or a test of parentage as well
(Shandong, Zhejiang); father left out on the mother's declaration; the surname is the father's or the mother's; nothing but
Chinese characters in the name. What no rule says, and we decided: a mother younger than 14 or older than 50
needs a statement that her age was checked; younger than 10 or older than 65 she is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

from quanmin import standards
from quanmin.programs.vital.certificate.application import CHINA, Application, Newborn, Parent
from quanmin.programs.vital.errors import EvidenceMissing, FieldMissing, NotForUs
from quanmin.programs.vital.office import Holder
from quanmin.standards.identity.citizen_number import Parsed, parse
from quanmin.text import Text

RESIDENT, REGISTER = "01", "02"
HOME, ELSEWHERE = "3", "9"
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]{1,}(·[\u3400-\u9fff\U00020000-\U000323af]+)*")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
LEAST_AGE, MOST_AGE = 10, 65
YOUNG, OLD = 14, 50
_LIMITS = {"weeks": (20, 45), "days": (0, 6), "weight": (300, 8000), "length": (20, 70), "plurality": (1, 9)}
FOUNDLING = Text("母亲身份不明（弃婴）", "the mother is not known (a foundling)")
ABROAD = Text("出生地不在境内", "the birth was abroad")
NO_BIRTHS = Text("本机构不签发出生医学证明", "this institution issues none")
NO_HOME = Text("本机构未被指定受理家庭分娩", "this institution is not designated for births at home")


def check(application: Application, holder: Holder, day: date) -> None:
    """FieldMissing, NotForUs or EvidenceMissing where a first issue on `day` by `holder` does not hold."""
    for_us(application, holder)
    newborn(application.newborn, day)
    assert application.mother is not None
    parents(application)
    missing = [name for name in needed(application, day) if not application.evidence.get(name)]
    if missing:
        raise EvidenceMissing(evidence=", ".join(missing))


def for_us(application: Application, holder: Holder) -> None:
    """NotForUs for a foundling, a birth abroad, and where the institution issues none or none for births at home."""
    if application.mother is None:
        raise NotForUs(
            because=FOUNDLING,
            do=Text(
                "请由民政部门按捡拾弃婴办理。", "Civil affairs registers foundlings with a certificate of finding."
            ),
        )
    if application.newborn.country != CHINA:
        raise NotForUs(
            because=ABROAD, do=Text("请使领馆或户籍机关办理。", "A consulate or the household register sees to it.")
        )
    if not holder.births:
        raise NotForUs(
            because=NO_BIRTHS, do=Text("请由助产机构签发。", "An institution with a midwifery licence issues.")
        )
    if application.newborn.place_type in (HOME, ELSEWHERE) and not holder.home_births:
        raise NotForUs(
            because=NO_HOME, do=Text("请由县级指定机构签发。", "The institution that the county designated issues.")
        )


def newborn(child: Newborn, day: date) -> None:
    """FieldMissing for what a newborn cannot be."""
    if not 1 <= len(child.name) <= 50 or not _NAME.fullmatch(child.name):
        raise FieldMissing(element="newborn.name", rule="chinese_characters")
    if child.sex not in ("1", "2", "9"):
        raise FieldMissing(element="newborn.sex", rule="value_set")
    if child.birth_date > day:
        raise FieldMissing(element="newborn.birth_date", rule="in_future")
    if not _TIME.fullmatch(child.birth_time):
        raise FieldMissing(element="newborn.birth_time", rule="HH:MM")
    if not standards.catalogue().regions.valid_on(child.place, child.birth_date):
        raise FieldMissing(element="newborn.place", rule="region_on_the_day")
    if child.place_type not in standards.catalogue().value_sets["CV02.01.102-2011"].codes:
        raise FieldMissing(element="newborn.place_type", rule="value_set")
    for name, (least, most) in _LIMITS.items():
        if not least <= getattr(child, name) <= most:
            raise FieldMissing(element=f"newborn.{name}", rule=f"{least}-{most}")
    if not 1 <= child.order <= child.plurality:
        raise FieldMissing(element="newborn.order", rule="1-plurality")


def parents(application: Application) -> None:
    """FieldMissing for what parents cannot be."""
    mother, father, child = application.mother, application.father, application.newborn
    assert mother is not None
    for name, one in (("mother", mother), ("father", father)):
        if one is not None:
            _document(one, name)
            if one.birth_date >= child.birth_date:
                raise FieldMissing(element=f"{name}.birth_date", rule="before_the_child")
    if not LEAST_AGE <= age(mother.birth_date, child.birth_date) <= MOST_AGE:
        raise FieldMissing(element="mother.birth_date", rule=f"age {LEAST_AGE}-{MOST_AGE}")
    if father is not None and father.document_number == mother.document_number:
        raise FieldMissing(element="father.document_number", rule="another_than_the_mother")
    if application.recipient.relation not in ("mother", "father", "other") or not application.recipient.name:
        raise FieldMissing(element="recipient.relation", rule="mother_father_other")
    if application.recipient.relation == "father" and father is None:
        raise FieldMissing(element="recipient.relation", rule="no_father_stated")


def _document(one: Parent, name: str) -> None:
    if not one.name.strip():
        raise FieldMissing(element=f"{name}.name", rule="required")
    if one.document_type not in standards.catalogue().value_sets["CV02.01.101-2011"].codes:
        raise FieldMissing(element=f"{name}.document_type", rule="value_set")
    if not one.document_number.strip():
        raise FieldMissing(element=f"{name}.document_number", rule="required")
    if one.document_type in (RESIDENT, REGISTER):
        parsed = parse(one.document_number)
        if not isinstance(parsed, Parsed):
            raise FieldMissing(element=f"{name}.document_number", rule="citizen_number")
        if parsed.birth_date != one.birth_date:
            raise FieldMissing(element=f"{name}.birth_date", rule="as_in_the_number")
        if parsed.sex != ("2" if name == "mother" else "1"):
            raise FieldMissing(element=f"{name}.document_number", rule="sex_in_the_number")


def needed(application: Application, day: date) -> Iterator[str]:
    """The evidence that a first issue needs, in the order of `EVIDENCE`. Either of two is told as the one not given."""
    mother, child, given = application.mother, application.newborn, application.evidence
    assert mother is not None
    home = child.place_type in (HOME, ELSEWHERE)
    late_month, late_year = day > after(child.birth_date, months=1), day > after(child.birth_date, months=12)
    if application.father is None:
        yield "no_father_declaration"
    if home:
        yield "parentage_declaration"
    if home or (late_year and not given.get("delivery_record")):
        yield "parentage_test"
    if late_month:
        yield "explanation"
    if application.recipient.relation == "other":
        yield "mandate"
    if not YOUNG <= age(mother.birth_date, child.birth_date) <= OLD:
        yield "age_statement"
    if not _surname(application):
        yield "name_statement"


def _surname(application: Application) -> bool:
    """Whether the child's surname is a parent's: its first character, for a name with a dot or a foreign parent not asked."""
    both = [one for one in (application.mother, application.father) if one is not None]
    if "·" in application.newborn.name or any(one.nationality != CHINA or "·" in one.name for one in both):
        return True
    return application.newborn.name[0] in {one.name.strip()[0] for one in both}


def age(born: date, on: date) -> int:
    """Full years; somebody of 29 February is a year older on 1 March of other years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def after(day: date, months: int) -> date:
    """The last day of a term of months: the same day of the month, or its last; a year from 29 February ends on the 28th."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for back in range(4):
        try:
            return date(year, month, day.day - back)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def differing(original: Application, again: Application) -> list[str]:
    """The elements by which a re-issue differs from its original; who takes it and the evidence may."""
    one, other = original.to_dict(), again.to_dict()
    names = [name for name in one if name not in ("recipient", "evidence")]
    found = []
    for name in names:
        if isinstance(one[name], dict) and isinstance(other[name], dict):
            found += [f"{name}.{key}" for key in one[name] if one[name][key] != other[name].get(key)]
        elif one[name] != other[name]:
            found.append(name)
    return found


def summary(application: Application) -> dict[str, object]:
    """What may be told of an application without telling of people: which evidence was given."""
    return {"evidence": sorted(name for name, given in asdict(application)["evidence"].items() if given)}
