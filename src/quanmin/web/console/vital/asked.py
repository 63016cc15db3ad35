"""An application as a form: what is asked for, with what is usual already there, and from the form back to the application.

Elements are fields under the element's name with a low line for the dot (`newborn.sex` is `newborn_sex`), so that what the
programme refuses of an element is told at its field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from quanmin import standards
from quanmin.errors import QuanminError
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital.certificate.application import CHINA, EVIDENCE, Application, Newborn, Parent, Recipient
from quanmin.programs.vital.errors import (
    BadNumber,
    Differs,
    EvidenceMissing,
    FieldMissing,
    NewbornHas,
    NotHeld,
    NotOfTheseDays,
    OnTheWay,
    ReasonUnknown,
    TooFew,
    Used,
)
from quanmin.standards.identity.citizen_number import Parsed, parse
from quanmin.text import Text
from quanmin.web.console.vital.area import at_field
from quanmin.web.form import Field, Posted

FIRST_EVIDENCE = (
    "no_father_declaration",
    "parentage_declaration",
    "parentage_test",
    "delivery_record",
    "explanation",
    "mandate",
    "age_statement",
    "name_statement",
)
"""What a first issue may need."""
PLACES: dict[type[QuanminError], str] = {
    BadNumber: "number",
    NotHeld: "number",
    OnTheWay: "number",
    Used: "number",
    NotOfTheseDays: "number",
    NewbornHas: "newborn_order",
    TooFew: "newborn_plurality",
    ReasonUnknown: "reason",
}
RULES = {
    "required": Text("须填写", "is needed"),
    "date": Text("不是日期", "is no day"),
    "type": Text("类型不对", "is of another type"),
    "unknown": Text("不是申请的项", "is no element"),
    "chinese_characters": Text("只用汉字，最多 50 个", "has Chinese characters only, 50 at most"),
    "value_set": Text("不在代码表中", "is not in its value set"),
    "in_future": Text("晚于今天", "lies in the future"),
    "HH:MM": Text("须如 08:30", "is an hour such as 08:30"),
    "region_on_the_day": Text("当日没有这个行政区划", "was no division on that day"),
    "1-plurality": Text("须在 1 与胎数之间", "lies between 1 and the number of children"),
    "before_the_child": Text("须早于孩子的出生日期", "must be before the child's birth"),
    "another_than_the_mother": Text("与母亲相同", "is the mother's"),
    "mother_father_other": Text("请选择领证人及其姓名", "needs who takes it, with the name"),
    "no_father_stated": Text("未填父亲信息", "is the father, of whom nothing is stated"),
    "citizen_number": Text("不是有效的公民身份号码", "is no valid citizen number"),
    "as_in_the_number": Text("与证件号码不一致", "is not that of the number"),
    "sex_in_the_number": Text("号码中的性别不符", "is of a person of the other sex"),
}
NEEDED = Text("本次签发需要这份材料", "this issue needs it")
OTHERWISE = Text(
    "与原证不一致；补发须与原证一致，有误的办理换发",
    "the original says otherwise; a mistake is put right by an exchange",
)
RELATIONS = [
    ("mother", Text("母亲", "the mother")),
    ("father", Text("父亲", "the father")),
    ("other", Text("其他人（须委托）", "somebody else (needs a mandate)")),
]
NUMBERS = ("weeks", "days", "weight", "order", "plurality")
PARENT = ("name", "document_type", "document_number", "birth_date", "nationality", "ethnicity", "address", "residence")


def _choices(value_set: str) -> list[tuple[str, Text]]:
    return list(standards.catalogue().value_sets[value_set].codes.items())


def newborn(today: date, region: str, given: Newborn | None = None) -> list[Field]:
    """What is asked of the child."""
    one = given
    place_hint = Text("六位行政区划代码", "the six digits of the division")
    born = one.birth_date if one else today
    return [
        Field("newborn_name", Text("新生儿姓名", "Name of the newborn"), limit=50, value=one and one.name),
        Field("newborn_sex", Text("性别", "Sex"), "choice", choices=_sexes(), value=one and one.sex),
        Field("newborn_birth_date", Text("出生日期", "Day of birth"), "day", value=born.isoformat()),
        Field(
            "newborn_birth_time",
            Text("出生时间", "Hour of birth"),
            limit=5,
            hint=Text("如 08:30", "such as 08:30"),
            value=one and one.birth_time,
        ),
        Field("newborn_weeks", Text("孕周", "Weeks"), "number", limit=2, value=one and one.weeks),
        Field("newborn_days", Text("孕天", "and days"), "number", limit=1, value=one.days if one else 0),
        Field("newborn_weight", Text("体重（克）", "Weight (g)"), "number", limit=4, value=one and one.weight),
        Field("newborn_length", Text("身长（厘米）", "Length (cm)"), limit=5, value=one and f"{one.length:g}"),
        Field(
            "newborn_plurality",
            Text("胎数", "Children of this birth"),
            "number",
            limit=1,
            value=one.plurality if one else 1,
        ),
        Field(
            "newborn_order", Text("胎次（第几个）", "This is number"), "number", limit=1, value=one.order if one else 1
        ),
        Field(
            "newborn_place_type",
            Text("出生地点类别", "Kind of place"),
            "choice",
            choices=_choices("CV02.01.102-2011"),
            value=one.place_type if one else "1",
        ),
        Field(
            "newborn_place",
            Text("出生地", "Place of birth"),
            limit=6,
            hint=place_hint,
            value=one.place if one else region,
        ),
        Field(
            "newborn_country",
            Text("出生国家", "Country of birth"),
            "choice",
            choices=_choices("GB/T 2659-2000"),
            value=one.country if one else CHINA,
        ),
    ]


def _sexes() -> list[tuple[str, Text]]:
    return [(code, title) for code, title in _choices("GB/T 2261.1-2003") if code in ("1", "2", "9")]


def parent(name: str, title: Text, given: Parent | None = None, needed: bool = True) -> list[Field]:
    """What is asked of the mother or the father; the birth date of whoever has a citizen number stands in it."""
    one = given
    said = {part: getattr(one, part) if one else None for part in PARENT}
    nations, peoples = _choices("GB/T 2659-2000"), _choices("GB/T 3304-1991")
    empty = Text("有公民身份号码的可留空", "may be empty where there is a citizen number")
    of = {
        "name": Field("", Text("姓名", "name"), limit=80),
        "document_type": Field(
            "", Text("证件类型", "kind of document"), "choice", choices=_choices("CV02.01.101-2011"), value="01"
        ),
        "document_number": Field("", Text("证件号码", "number of the document"), limit=40),
        "birth_date": Field("", Text("出生日期", "birth date"), "day", needed=False, hint=empty),
        "nationality": Field("", Text("国籍", "nationality"), "choice", choices=nations, value=CHINA),
        "ethnicity": Field("", Text("民族", "ethnicity"), "choice", choices=peoples, needed=False),
        "address": Field("", Text("住址", "address"), limit=160, needed=False),
        "residence": Field("", Text("户籍地代码", "division of the household register"), limit=6, needed=False),
    }
    made = []
    for part, kind in of.items():
        value = said[part] if said[part] is not None else kind.value
        value = value.isoformat() if isinstance(value, date) else value
        asked = Text(f"{title.zh}{kind.title.zh}", f"{title.en}: {kind.title.en}")
        made.append(_named(kind, f"{name}_{part}", asked, value, needed and kind.needed))
    return made


def _named(kind: Field, name: str, title: Text, value: Any, needed: bool) -> Field:
    return replace(kind, name=name, title=title, value=value, needed=needed)


def rest(given: Application | None = None) -> list[Field]:
    """Who takes the certificate, and what the file of the birth says."""
    to = given.recipient if given else None
    ways = _choices("Delivery way-QM1")
    empty = Text("留空为所选父母的姓名", "empty: that of the parent chosen")
    return [
        Field(
            "recipient_relation",
            Text("领证人", "Taken by"),
            "choice",
            choices=RELATIONS,
            value=to.relation if to else "mother",
        ),
        Field(
            "recipient_name",
            Text("领证人姓名", "Name of whoever takes it"),
            limit=80,
            needed=False,
            hint=empty,
            value=to and to.name,
        ),
        Field(
            "recipient_document_type",
            Text("领证人证件类型", "Kind of its document"),
            "choice",
            choices=_choices("CV02.01.101-2011"),
            needed=False,
            value=to and (to.document_type or None),
        ),
        Field(
            "recipient_document_number",
            Text("领证人证件号码", "Number of its document"),
            limit=40,
            needed=False,
            value=to and to.document_number,
        ),
        Field(
            "record_no", Text("病案号", "Number of the record"), limit=40, needed=False, value=given and given.record_no
        ),
        Field(
            "delivery",
            Text("分娩方式", "Way of delivery"),
            "choice",
            choices=ways,
            needed=False,
            value=given and given.delivery,
        ),
        Field("attendant", Text("接生人员", "Attended by"), limit=80, needed=False, value=given and given.attendant),
        Field("parity", Text("产次", "Parity"), "number", limit=2, needed=False, value=given and given.parity),
    ]


def evidence(names: Sequence[str], given: Mapping[str, str] | None = None) -> list[tuple[str, Field, Field]]:
    """Each piece of evidence by name: the box that says that it is at hand, and where it is kept."""
    kept = given or {}
    where = Text("编号或存档位置", "number, or where it is kept")
    return [
        (
            name,
            Field(f"evidence_{name}", EVIDENCE[name], "yes", needed=False, value=bool(kept.get(name))),
            Field(
                f"reference_{name}",
                Text(f"{EVIDENCE[name].zh}：{where.zh}", f"{EVIDENCE[name].en}: {where.en}"),
                limit=120,
                needed=False,
                value=kept.get(name),
            ),
        )
        for name in names
    ]


UNKNOWN_MOTHER = Field("no_mother", Text("母亲身份不明", "The mother is not known"), "yes", needed=False)
NO_FATHER = Field("no_father", Text("不提供父亲信息", "No father is stated"), "yes", needed=False)
MOTHER, FATHER = Text("母亲", "Mother"), Text("父亲", "Father")


def number(value: int | None) -> Field:
    """The sheet that is written on: the next free one is there already."""
    hint = Text("扫描或录入空白证编号", "scan or type the number of the blank")
    return Field(
        "number",
        Text("空白证编号", "Number of the blank"),
        limit=20,
        hint=hint,
        value=numbers.text(value) if value else None,
        focus=True,
    )


def groups(today: date, region: str, given: Application | None = None, reading: bool = False) -> dict[str, list[Field]]:
    """The fields of an application, in the order in which they are asked.

    On the page a parent's name and document are needed; `reading` them, that holds unless no such parent is stated.
    """
    mother, father = (given.mother, given.father) if given else (None, None)
    no_father = _named(NO_FATHER, "no_father", NO_FATHER.title, given is not None and father is None, False)
    return {
        "newborn": newborn(today, region, given.newborn if given else None),
        "mother": [*parent("mother", MOTHER, mother, not reading), UNKNOWN_MOTHER],
        "father": [no_father, *parent("father", FATHER, father, not reading)],
        "rest": rest(given),
    }


def flat(asked: Mapping[str, Sequence[Field]], proofs: Sequence[tuple[str, Field, Field]]) -> list[Field]:
    """All the fields of a form."""
    return [*(one for each in asked.values() for one in each), *(one for _, *both in proofs for one in both)]


def application(posted: Posted, proofs: Sequence[str]) -> Application | Posted:
    """What was typed, as an application; or the form with what cannot be one."""
    length = _length(posted["newborn_length"])
    if length is None:
        return wrong(posted, "newborn_length", Text("须为数字，如 50.5", "is a number such as 50.5"))
    given: dict[str, str] = {}
    for name in proofs:
        reference = posted[f"reference_{name}"]
        if posted[f"evidence_{name}"] and not reference:
            return posted.wrong(
                f"reference_{name}", Text("请写明编号或存档位置", "say its number, or where it is kept")
            )
        if reference:
            given[name] = reference
    parents = {name: None if posted[f"no_{name}"] else _parent(posted, name) for name in ("mother", "father")}
    odd = next((one for one in parents.values() if isinstance(one, Posted)), None)
    if odd is not None:
        return odd
    values: dict[str, Any] = {name: posted[f"newborn_{name}"] for name in Newborn.__dataclass_fields__} | {
        "length": length
    }
    child = Newborn(**{name: value for name, value in values.items() if value is not None})
    mother, father = ((one if isinstance(one, Parent) else None) for one in parents.values())
    known: dict[str, Any] = {"record_no": posted["record_no"] or "", "attendant": posted["attendant"] or ""}
    known |= {"delivery": posted["delivery"], "parity": posted["parity"]}
    return Application(child, mother, father, _recipient(posted, mother, father), evidence=given, **known)


def _length(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _parent(posted: Posted, name: str) -> Parent | Posted:
    """The mother or father; the birth date may be told by the number."""
    said = {part: posted[f"{name}_{part}"] for part in PARENT}
    for part in ("name", "document_type", "document_number", "nationality"):
        if said[part] is None:
            return wrong(posted, f"{name}_{part}", RULES["required"])
    if said["birth_date"] is None:
        found = parse(said["document_number"]) if said["document_type"] in ("01", "02") else None
        if not isinstance(found, Parsed):
            return wrong(posted, f"{name}_birth_date", RULES["required"])
        said["birth_date"] = found.birth_date
    return Parent(**said | {"address": said["address"] or ""})


def _recipient(posted: Posted, mother: Parent | None, father: Parent | None) -> Recipient:
    relation, name = posted["recipient_relation"], posted["recipient_name"]
    of = {"mother": mother, "father": father}.get(relation)
    kind, document = (posted[f"recipient_{part}"] or "" for part in ("document_type", "document_number"))
    if of is not None:
        return Recipient(name or of.name, relation, kind or of.document_type, document or of.document_number)
    return Recipient(name or "", relation, kind, document)


def refused(posted: Posted, error: QuanminError) -> Posted:
    """The form with what the programme refused at its field; the error itself where it belongs to none."""
    if isinstance(error, FieldMissing):
        name, rule = str(error.fields["element"]).replace(".", "_"), str(error.fields["rule"])
        return wrong(posted, name, RULES.get(rule, Text(f"须符合 {rule}", f"must be {rule}")), error.code)
    if isinstance(error, EvidenceMissing):
        for name in str(error.fields["evidence"]).split(", "):
            posted = posted.wrong(f"evidence_{name}", coded(error.code, EVIDENCE[name], NEEDED))
        return posted
    if isinstance(error, Differs):
        for element in str(error.fields["elements"]).split(", "):
            name = f"{element}_name" if element in ("mother", "father") else element.replace(".", "_")
            posted = wrong(posted, name, OTHERWISE, error.code)
        return posted
    return at_field(posted, error, PLACES)


def wrong(posted: Posted, name: str, rule: Text, code: str = "") -> Posted:
    """The form with what does not hold of a field, which is named, as the problems are listed above the form, too."""
    return posted.wrong(name, coded(code, _titles().get(name, Text(name, name)), rule))


def coded(code: str, title: Text, rule: Text) -> Text:
    """A code, what it is about, and what does not hold."""
    return Text(f"{code} {title.zh}：{rule.zh}".strip(), f"{code} {title.en}: {rule.en}".strip())


@cache
def _titles() -> dict[str, Text]:
    return {one.name: one.title for each in groups(date(2000, 1, 1), "").values() for one in each}
