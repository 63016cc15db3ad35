"""A recipe from TOML. Strict: a key that is not known, missing or of another sort is an error with its place.

Direct identifiers (by the identifier role of the standards, and the person key) are refused wherever they stand.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar, cast, get_args

from quanmin.errors import QuanminError
from quanmin.opendata.catalogue.validation import NAME
from quanmin.opendata.catalogue.vocabulary import vocabulary
from quanmin.opendata.disclosure import PROFILES
from quanmin.opendata.release.errors import DirectIdentifier, RecipeUnreadable
from quanmin.opendata.release.recipe import (
    Dimension,
    Filter,
    Form,
    Format,
    Kind,
    Level,
    Privacy,
    Publisher,
    Recipe,
    Uncovered,
)
from quanmin.redaction import redacted
from quanmin.standards import catalogue
from quanmin.text import Text
from quanmin.trust.column import BASE, known

Value = TypeVar("Value")
LARGEST = 100_000
"""Characters of a recipe."""


def parse(text: str) -> Recipe:
    """The recipe of a TOML text. RecipeUnreadable, DirectIdentifier."""
    if len(text) > LARGEST:
        raise wrong("/", Text("过长", "too long"))
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        lines = str(error).rpartition("(at ")[2].rstrip(")") if "(at " in str(error) else "?"
        raise wrong(lines, Text("不是合法的 TOML", "not TOML")) from None
    return _recipe(Part("", told), text)


def wrong(place: str, reason: Text) -> QuanminError:
    """The error of a place in a recipe."""
    return RecipeUnreadable(place=redacted(place)[:100] or "/", reason=reason)


class Part:
    """A table of a recipe with its place; every key that is taken is known, and `end` refuses the others."""

    def __init__(self, place: str, told: Mapping[str, Any]) -> None:
        self.place, self._told, self._taken = place, told, set[str]()

    def at(self, key: str) -> str:
        """The place of a key."""
        return f"{self.place}/{key}"

    def take(self, key: str, sort: type[Value], default: Value | None = None) -> Value:
        """A value of a sort; `default` where there is none, and an error where that is None."""
        found = self.maybe(key, sort)
        if found is None:
            found = default
        if found is None:
            raise wrong(self.at(key), Text("缺少此项", "this is missing"))
        return found

    def maybe(self, key: str, sort: type[Value]) -> Value | None:
        """A value of a sort, or None."""
        self._taken.add(key)
        found = self._told.get(key)
        if found is None:
            return None
        if sort is float and type(found) is int:
            found = float(found)
        if type(found) is not sort:
            raise wrong(self.at(key), Text(f"应为 {sort.__name__}", f"should be {sort.__name__}"))
        return found

    def words(self, key: str, needed: bool = False) -> tuple[str, ...]:
        """A list of texts."""
        return self._list(key, str, needed)

    def numbers(self, key: str) -> tuple[int, ...]:
        """A list of rising whole numbers."""
        found = self._list(key, int)
        if not all(low < high for low, high in pairwise(found)) or any(one < 0 for one in found):
            raise wrong(self.at(key), Text("须为递增的非负整数", "whole numbers of 0 or more that rise"))
        return found

    def _list(self, key: str, sort: type[Value], needed: bool = False) -> tuple[Value, ...]:
        found = cast("list[Any] | None", self.maybe(key, list))
        if found is None and needed:
            raise wrong(self.at(key), Text("缺少此项", "this is missing"))
        if any(type(one) is not sort for one in found or ()) or len(found or ()) > 1_000:
            raise wrong(self.at(key), Text(f"应为 {sort.__name__} 的列表", f"should be a list of {sort.__name__}"))
        return tuple(found or ())

    def one_of(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """One of some words."""
        found = self.take(key, str, default)
        if found not in choices:
            listed = ", ".join(choices)
            raise wrong(self.at(key), Text(f"可用的值：{listed}", f"one of {listed}"))
        return found

    def text(self, key: str) -> Text:
        """A text in both languages."""
        part = self.part(key)
        if part is None:
            raise wrong(self.at(key), Text("缺少此项", "this is missing"))
        made = Text(part.take("zh", str), part.take("en", str))
        part.end()
        if not made.zh.strip() or not made.en.strip():
            raise wrong(self.at(key), Text("中英文均须填写", "both zh and en must say something"))
        return made

    def part(self, key: str) -> Part | None:
        """A table below."""
        told = self.maybe(key, dict)
        return None if told is None else Part(self.at(key), told)

    def parts(self, key: str) -> list[Part]:
        """A list of tables below."""
        return [Part(f"{self.at(key)}/{place}", told) for place, told in enumerate(self._list(key, dict))]

    def mapping(self, key: str) -> dict[str, tuple[str, ...]]:
        """A table of lists of texts."""
        part = self.part(key)
        if part is None:
            return {}
        return {name: part.words(name) for name in part._told}

    def plain(self, key: str) -> dict[str, str]:
        """A table of texts."""
        part = self.part(key)
        return {} if part is None else {name: part.take(name, str) for name in part._told}

    def end(self) -> None:
        """Refuse what was not taken."""
        strange = next((key for key in self._told if key not in self._taken), None)
        if strange is not None:
            raise wrong(self.at(strange), Text("没有这一项", "there is no such key"))


def _recipe(part: Part, text: str) -> Recipe:
    kind = cast("Kind", part.one_of("kind", get_args(Kind)))
    source, total = _source(part), part.maybe("sum", str)
    publisher, period = part.part("publisher"), part.part("period")
    if publisher is None:
        raise wrong("/publisher", Text("缺少此项", "this is missing"))
    named = Publisher(publisher.take("id", str), publisher.text("name"))
    publisher.end()
    made = Recipe(
        id=_name(part, "id"),
        kind=kind,
        title=part.text("title"),
        description=part.text("description"),
        source=source,
        publisher=named,
        dimensions=tuple(_dimension(one, source) for one in part.parts("dimension")),
        filters=tuple(_filter(one, source) for one in part.parts("filter")),
        formats=_formats(part),
        rules=part.one_of("rules", tuple(PROFILES), "health"),
        access=_code(part, "access", "access"),
        licence=_code(part, "licence", "licence"),
        frequency=_code(part, "frequency", "frequency"),
        area=_code(part, "area", "area"),
        themes=_codes(part, "themes", "theme"),
        keywords=part.mapping("keywords"),
        text=text,
        total=None if total is None else checked(source, total, "/sum"),
        sensitive=tuple(checked(source, one, "/sensitive") for one in part.words("sensitive")),
        privacy=_privacy(part),
        period=_span(period) if period else (None, None),
        spatial=part.maybe("spatial", str),
        series=part.maybe("series", str),
        reasons=part.plain("reasons"),
        refresh=part.take("refresh", bool, False),
    )
    part.end()
    _fits(made)
    return made


def _fits(made: Recipe) -> None:
    """What single keys do not tell."""
    names = [name for one in made.dimensions for name in one.columns]
    taken = {"persons", "sum", "person", "value", *made.sensitive}
    if not names:
        raise wrong("/dimension", Text("至少一个维度", "at least one dimension"))
    if len(set(names)) < len(names) or set(names) & taken:
        raise wrong("/dimension", Text("列名重复或不可用", "a column is named twice, or its name is taken"))
    if made.kind == "table" and made.sensitive:
        raise wrong("/sensitive", Text("仅用于微数据", "for microdata only"))
    if made.kind == "microdata" and made.total:
        raise wrong("/sum", Text("仅用于表格", "for tables only"))
    if set(made.keywords) - {"zh", "en"}:
        raise wrong("/keywords", Text("语言须为 zh 或 en", "a language is zh or en"))
    if "parquet" not in made.formats:
        raise wrong("/formats", Text("须含 parquet", "parquet must be among them"))
    if made.spatial is not None and not catalogue().regions.ever_valid(made.spatial):
        raise wrong("/spatial", Text("不是行政区划代码", "no code of a division"))


def _name(part: Part, key: str) -> str:
    found = part.take(key, str)
    if not NAME.fullmatch(found) or len(found) > 80:
        raise wrong(part.at(key), Text("2–80 个 a-z、0-9、- 或 _", "2-80 of a-z, 0-9, - and _"))
    return found


def _source(part: Part) -> str:
    found = part.take("source", str)
    dataset = found.removeprefix("clean.")
    if found != BASE and dataset not in catalogue().datasets:
        raise wrong("/source", Text("目录中没有这个数据集", "the catalogue has no such dataset"))
    if found != BASE and catalogue().dataset(dataset).person is None:
        raise wrong("/source", Text("数据集的行与人无关", "the rows of this dataset are about no person"))
    return BASE if found == BASE else dataset


def checked(source: str, element: str, place: str) -> str:
    """The element, which must be in the source and identify nobody by itself."""
    about = known(source, element)
    if about is None or element.startswith("_"):
        raise wrong(place, Text("来源中没有这个元素", "the source has no such element"))
    if about.role == "direct" or about.form in ("person_key", "number", "name", "phone", "address"):
        raise DirectIdentifier(place=place, element=element)
    return element


def _code(part: Part, key: str, name: str) -> str:
    found = vocabulary(name).find(part.take(key, str))
    if found is None:
        raise wrong(part.at(key), Text("代码不在值域内", "a code outside of its value set"))
    return found.code


def _codes(part: Part, key: str, name: str) -> tuple[str, ...]:
    found = [vocabulary(name).find(one) for one in part.words(key, needed=True)]
    if not all(found):
        raise wrong(part.at(key), Text("代码不在值域内", "a code outside of its value set"))
    return tuple(one.code for one in found if one is not None)


def _formats(part: Part) -> tuple[Format, ...]:
    found = part.words("formats", needed=True)
    if set(found) - set(get_args(Format)) or len(set(found)) < len(found):
        listed = ", ".join(get_args(Format))
        raise wrong("/formats", Text(f"可用的值：{listed}", f"each once of {listed}"))
    return cast("tuple[Format, ...]", found)


def _privacy(part: Part) -> Privacy:
    own = part.part("privacy")
    if own is None:
        return Privacy()
    made = Privacy(
        own.take("k", int, 10),
        own.take("l", int, 1),
        own.maybe("t", float),
        own.take("suppress", float, 0.05),
        own.take("sample", float, 1.0),
    )
    own.end()
    tests: list[tuple[str, bool]] = [
        ("k", 2 <= made.k <= 10_000),
        ("l", 1 <= made.diversity <= 1_000),
        ("t", made.closeness is None or 0 <= made.closeness <= 1),
        ("suppress", 0 <= made.suppress <= 0.5),
        ("sample", 0 < made.sample <= 1),
    ]
    for key, sound in tests:
        if not sound:
            raise wrong(own.at(key), Text("超出范围", "out of range"))
    return made


def _span(part: Part) -> tuple[date | None, date | None]:
    found = part.maybe("from", date), part.maybe("to", date)
    part.end()
    if found[0] and found[1] and found[1] < found[0]:
        raise wrong(part.place, Text("起止颠倒", "the end is before the start"))
    return found


def _filter(part: Part, source: str) -> Filter:
    element = checked(source, part.take("element", str), part.at("element"))
    first, last = part.maybe("from", date), part.maybe("to", date)
    made = Filter(part.place, element, part.words("values"), part.maybe("present", bool), first, last)
    part.end()
    if not (made.values or made.present is not None or first or last):
        raise wrong(part.place, Text("须有 values、present、from 或 to", "give values, present, from or to"))
    if (first or last) and _type_of(source, element) != "date":
        raise wrong(part.at("from"), Text("不是日期元素", "not an element of dates"))
    return made


FORMS: dict[str, tuple[Form, ...]] = {
    "date": ("age", "year", "quarter", "month"),
    "region": ("region",),
    "code": ("code",),
    "integer": ("code", "year"),
    "boolean": ("code",),
    "text": ("code",),
}
"""The forms that an element of a type can be released in."""


def _dimension(part: Part, source: str) -> Dimension:
    element = checked(source, part.take("element", str), part.at("element"))
    forms = FORMS.get(_type_of(source, element), ())
    if not forms:
        raise wrong(part.at("element"), Text("这种类型不能作维度", "no dimension can be of this type"))
    form = cast("Form", part.one_of("form", forms, forms[0] if len(forms) == 1 else None))
    named = part.one_of("uncovered", get_args(Uncovered), "refuse")
    levels = part.words("levels", needed=form == "region")
    made = Dimension(
        part.place,
        _name(part, "name"),
        element,
        form,
        part.text("title"),
        cast("tuple[Level, ...]", levels),
        part.numbers("bands"),
        part.maybe("on", date),
        tuple(part.mapping("groups").items()),
        part.numbers("widths"),
        cast("Uncovered", named),
    )
    part.end()
    _shaped(made)
    return made


def _shaped(made: Dimension) -> None:
    known_levels = get_args(Level)
    rising = [known_levels.index(one) for one in made.levels if one in known_levels]
    tests: list[tuple[str, bool, Text]] = [
        (
            "levels",
            len(rising) == len(made.levels) and rising == sorted(set(rising)) and (made.form == "region" or not rising),
            Text("自粗至细：province、city、county", "from coarse to fine of province, city, county"),
        ),
        ("bands", not made.bands or made.form in ("age", "year"), Text("仅用于年龄与年份", "for ages and years only")),
        ("on", made.form != "age" or made.on is not None, Text("年龄须写明日期", "an age needs its day")),
        ("groups", not made.groups or made.form == "code", Text("仅用于代码", "for codes only")),
    ]
    for key, sound, reason in tests:
        if not sound:
            raise wrong(f"{made.place}/{key}", reason)
    codes = [code for _, group in made.groups for code in group]
    if len(set(codes)) < len(codes):
        raise wrong(f"{made.place}/groups", Text("一个代码归入两组", "a code stands in two groups"))


def _type_of(source: str, element: str) -> str:
    if source == BASE:
        return next((one.type for one in catalogue().items if one.id == element), "text")
    return next(one.type for one in catalogue().dataset(source).elements if one.name == element)
