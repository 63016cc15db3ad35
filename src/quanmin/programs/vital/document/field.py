"""The fields of the certificate's parts: captions in both languages, and values as they are written.

What is not stated is a stroke: a father on the mother's declaration, an ethnic group of a foreigner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from quanmin import standards
from quanmin.programs.vital.certificate import condition
from quanmin.programs.vital.certificate.application import Application, Newborn, Parent, Recipient
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.programs.vital.certificate.workflow import KINDS
from quanmin.programs.vital.office import Holder
from quanmin.text import Language, Text

NONE = "/"
SEX, NATIONALITY, ETHNICITY = "GB/T 2261.1-2003", "GB/T 2659-2000", "GB/T 3304-1991"
DOCUMENT = "CV02.01.101-2011"
RELATIONS = {
    "mother": Text("母亲", "mother"),
    "father": Text("父亲", "father"),
    "other": Text("受委托人", "by mandate"),
}
_MOTHER, _FATHER = Text("母亲", "Mother's "), Text("父亲", "Father's ")
_ISSUED = Text("签发日期", "Date of issue")


@dataclass(frozen=True)
class Cell:
    """A field: which element it shows, its caption, its value, and how many of the twelve columns it takes."""

    element: str
    caption: Text
    value: str
    span: int


Rows = list[Sequence[Cell]]


def first_rows(certificate: Certificate, application: Application, holder: Holder, language: Language) -> Rows:
    """The first page: all of the child, of the birth and of both parents."""
    child = application.newborn
    return [
        _child(child, language),
        [
            Cell("newborn.weeks", Text("出生孕周", "Gestational age"), _weeks(child, language), 4),
            Cell("newborn.weight", Text("出生体重", "Birth weight"), _unit(child.weight, "克", "g", language), 4),
            Cell("newborn.length", Text("出生身长", "Birth length"), _unit(child.length, "厘米", "cm", language), 4),
        ],
        [
            Cell("newborn.place", Text("出生地点", "Place of birth"), place(child.place), 5),
            Cell("holder.title", Text("医疗机构名称", "Health facility"), holder.title, 4),
            Cell("newborn.order", Text("胎数 / 胎次", "Children / order"), f"{child.plurality} / {child.order}", 3),
        ],
        *_parent(application.mother, "mother", _MOTHER, child.birth_date, language),
        *_parent(application.father, "father", _FATHER, child.birth_date, language),
        _issued(certificate, holder, language),
    ]


def second_rows(certificate: Certificate, application: Application, holder: Holder, language: Language) -> Rows:
    """The second page, for the household register."""
    child, mother, father = application.newborn, application.mother, application.father
    return [
        _child(child, language),
        [
            Cell("newborn.place", Text("出生地点", "Place of birth"), place(child.place), 5),
            Cell("newborn.weeks", Text("出生孕周", "Gestational age"), _weeks(child, language), 4),
            Cell("newborn.weight", Text("出生体重", "Birth weight"), _unit(child.weight, "克", "g", language), 3),
        ],
        _who(mother, "mother", _MOTHER, language),
        _who(father, "father", _FATHER, language),
        _issued(certificate, holder, language),
        [
            Cell("registered", Text("户口登记机关", "Household register"), "", 4),
            Cell("registrar", Text("登记人", "Registrar"), "", 2),
            Cell("registered_on", Text("登记日期", "Date"), "", 6),
        ],
    ]


def stub_rows(certificate: Certificate, application: Application, holder: Holder, language: Language) -> Rows:
    """The stub, which the institution keeps: who took the certificate, and who signs for it."""
    child, taker = application.newborn, _taker(application)
    kind = KINDS[certificate.kind].get(language)
    document = _coded(DOCUMENT, taker.document_type, language)
    return [
        _child(child, language),
        _who(application.mother, "mother", _MOTHER, language),
        _who(application.father, "father", _FATHER, language),
        [
            Cell("recipient.name", Text("领证人姓名", "Taken by"), taker.name, 3),
            Cell("recipient.relation", Text("与新生儿关系", "Relation"), RELATIONS[taker.relation].get(language), 2),
            Cell("recipient.document_type", Text("证件类别", "Document"), document, 3),
            Cell("recipient.document_number", Text("证件号码", "No."), taker.document_number or NONE, 4),
        ],
        [
            Cell("kind", Text("签发类别", "Kind of issue"), kind, 3),
            Cell("record_no", Text("住院病历号", "Record No."), application.record_no or NONE, 4),
            Cell("attendant", Text("接生人员", "Attendant"), application.attendant or NONE, 5),
        ],
        _issued(certificate, holder, language),
        [
            Cell("issued_by", Text("签发人签字", "Issued by"), "", 3),
            Cell("approved_by", Text("审核人签字", "Approved by"), "", 3),
            Cell("taken", Text("领证人签字、领证日期", "Signature of the recipient, date"), "", 6),
        ],
    ]


def _taker(application: Application) -> Recipient:
    """Who takes the certificate; a parent with the document that the application names for it."""
    taker = application.recipient
    parents = {"mother": application.mother, "father": application.father}
    parent = parents.get(taker.relation)
    if taker.document_number or parent is None:
        return taker
    return replace(taker, document_type=parent.document_type, document_number=parent.document_number)


def place(code: str) -> str:
    """A division by its names, province first; a code that is none as it is."""
    regions, names = standards.catalogue().regions, list[str]()
    at: str | None = code
    while at is not None and regions.name(at) is not None:
        names.insert(0, str(regions.name(at)))
        at = regions.parent(at)
    return "".join(names) or code


def day(given: date | None, language: Language) -> str:
    """A day as it is written; a stroke where there is none yet."""
    if given is None:
        return NONE
    return f"{given.year}年{given.month:02d}月{given.day:02d}日" if language == "zh" else given.isoformat()


def _child(child: Newborn, language: Language) -> Sequence[Cell]:
    hour, minute = child.birth_time.split(":")
    at = f"{hour}时{minute}分" if language == "zh" else child.birth_time
    born = f"{day(child.birth_date, language)} {at}"
    return [
        Cell("newborn.name", Text("新生儿姓名", "Full name of baby"), child.name, 5),
        Cell("newborn.sex", Text("性别", "Sex"), _coded(SEX, child.sex, language), 2),
        Cell("newborn.birth_date", Text("出生时间", "Date and time of birth"), born, 5),
    ]


def _weeks(child: Newborn, language: Language) -> str:
    return f"{child.weeks}周{child.days}天" if language == "zh" else f"{child.weeks} weeks {child.days} days"


def _unit(number: float, zh: str, en: str, language: Language) -> str:
    return f"{number:g} {zh if language == 'zh' else en}"


def _parent(one: Parent | None, who: str, of: Text, born: date, language: Language) -> Rows:
    age = NONE if one is None else str(condition.age(one.birth_date, born))
    nationality = NONE if one is None else _coded(NATIONALITY, one.nationality, language)
    ethnicity = NONE if one is None else _coded(ETHNICITY, one.ethnicity, language)
    return [
        [
            Cell(f"{who}.name", _of(of, "姓名", "full name"), NONE if one is None else one.name, 5),
            Cell(f"{who}.birth_date", _of(of, "年龄", "age"), age, 2),
            Cell(f"{who}.nationality", Text("国籍", "Nationality"), nationality, 3),
            Cell(f"{who}.ethnicity", Text("民族", "Ethnic group"), ethnicity, 2),
        ],
        [
            Cell(f"{who}.document_type", Text("有效身份证件类别", "Identity document"), _type(one, language), 3),
            Cell(f"{who}.document_number", Text("证件号码", "No."), NONE if one is None else one.document_number, 4),
            Cell(f"{who}.address", Text("住址", "Address"), (one.address if one else "") or NONE, 5),
        ],
    ]


def _who(one: Parent | None, who: str, of: Text, language: Language) -> Sequence[Cell]:
    """A parent in one row: name and document."""
    return [
        Cell(f"{who}.name", _of(of, "姓名", "full name"), NONE if one is None else one.name, 4),
        Cell(f"{who}.document_type", Text("有效身份证件类别", "Identity document"), _type(one, language), 4),
        Cell(f"{who}.document_number", Text("证件号码", "No."), NONE if one is None else one.document_number, 4),
    ]


def _issued(certificate: Certificate, holder: Holder, language: Language) -> Sequence[Cell]:
    return [
        Cell("holder.title", Text("签发机构", "Issued by"), holder.title, 4),
        Cell("certificate.issued_on", _ISSUED, day(certificate.issued_on, language), 3),
        Cell("certificate.number", Text("出生证编号", "Birth certificate No."), certificate.text, 5),
    ]


def _of(of: Text, zh: str, en: str) -> Text:
    return Text(f"{of.zh}{zh}", f"{of.en}{en}")


def _type(one: Parent | None, language: Language) -> str:
    return NONE if one is None else _coded(DOCUMENT, one.document_type, language)


def _coded(values: str, code: str | None, language: Language) -> str:
    """The title of a code; the code itself where the set does not have it, a stroke where there is none."""
    if not code:
        return NONE
    title = standards.catalogue().value_sets[values].codes.get(code)
    return title.get(language) if title else code
