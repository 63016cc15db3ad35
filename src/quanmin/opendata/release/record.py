"""The record of a release in the catalogue: a DCAT document with the files as distributions and the evidence among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from quanmin.opendata.release.recipe import Recipe
from quanmin.standards import catalogue
from quanmin.text import Text
from quanmin.trust.column import BASE, known

EVIDENCE = Text("披露审查证据", "Disclosure evidence")
_PERSONS = Text("人数（不同的人；* 表示已隐去）", "Distinct people (* is suppressed)")


class Filed(NamedTuple):
    """One published file."""

    format: str
    sha256: str
    size: int


def made(
    recipe: Recipe,
    release: str,
    version: int,
    day: date,
    columns: Sequence[str],
    files: Sequence[Filed],
    evidence: Filed,
    issued: date,
) -> dict[str, Any]:
    """The document of a version of a recipe's dataset."""
    first, last = recipe.period
    keywords = {language: list(words) for language, words in recipe.keywords.items()}
    document: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "dct:identifier": recipe.id,
        "quanmin:name": recipe.id,
        "dct:title": recipe.title._asdict(),
        "dct:description": recipe.description._asdict(),
        "dct:publisher": {"dct:identifier": recipe.publisher.id, "foaf:name": recipe.publisher.name._asdict()},
        "quanmin:access": recipe.access,
        "dcat:theme": list(recipe.themes),
        "quanmin:area": [recipe.area],
        "dcat:keyword": keywords,
        "dct:accrualPeriodicity": recipe.frequency,
        "dct:issued": issued.isoformat(),
        "dct:modified": day.isoformat(),
        "dcat:version": str(version),
        "dct:source": [recipe.source],
        "quanmin:release": release,
        "dct:provenance": _origin(recipe)._asdict(),
        "healthdcatap:hasVariables": variables(recipe, columns),
        "dcat:distribution": [
            *(_distribution(recipe, one, day) for one in files),
            _distribution(recipe, evidence, day, EVIDENCE),
        ],
    }
    if first or last:
        span = {"dcat:startDate": first, "dcat:endDate": last}
        document["dct:temporal"] = [{name: end.isoformat() for name, end in span.items() if end is not None}]
    if recipe.spatial:
        name = catalogue().regions.name(recipe.spatial) or recipe.spatial
        document["dct:spatial"] = [{"dct:identifier": recipe.spatial, "skos:prefLabel": {"zh": name, "en": name}}]
    if recipe.series:
        document["dcat:inSeries"] = recipe.series
    return document


def _origin(recipe: Recipe) -> Text:
    if recipe.source == BASE:
        return Text("由人口基础库经披露控制得出", "Made of the population base by disclosure control")
    title = catalogue().dataset(recipe.source).title
    return Text(f"由“{title.zh}”数据集经披露控制得出", f"Made of the dataset {title.en} by disclosure control")


def _distribution(recipe: Recipe, one: Filed, day: date, title: Text | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "dct:identifier": "evidence" if title else one.format,
        "dcat:accessURL": f"/datasets/{recipe.id}",
        "dcat:downloadURL": f"/files/{one.sha256}.{one.format}",
        "dct:format": one.format,
        "dct:license": recipe.licence,
        "dcat:byteSize": one.size,
        "dct:modified": day.isoformat(),
        "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": one.sha256},
    }
    return made | ({"dct:title": title._asdict()} if title else {})


def variables(recipe: Recipe, columns: Sequence[str]) -> dict[str, Any]:
    """The dictionary of the published columns."""
    table = {
        "@type": "csvw:Table",
        "csvw:title": recipe.title._asdict(),
        "csvw:column": [_variable(recipe, name) for name in columns],
    }
    return {"@type": "csvw:TableGroup", "csvw:table": [table], "dct:conformsTo": f"quanmin release {recipe.digest}"}


def _variable(recipe: Recipe, name: str) -> dict[str, Any]:
    title, about = _title(recipe, name)
    made: dict[str, Any] = {
        "@type": "csvw:Column",
        "csvw:name": name,
        "csvw:title": title._asdict(),
        "csvw:datatype": "string",
        "dct:description": f"{about.zh} · {about.en}",
    }
    one = next((each for each in recipe.dimensions if name == each.name), None)
    told = known(recipe.source, one.element) if one and one.form == "code" and not one.groups else None
    if told is not None and told.values:
        made["quanmin:values"] = told.values
    return made


_LEVELS: Mapping[str, Text] = {
    "province": Text("省", "province"),
    "city": Text("市", "city"),
    "county": Text("县", "county"),
}


def _title(recipe: Recipe, name: str) -> tuple[Text, Text]:
    """The title of a column and what it holds."""
    if name == "persons":
        return Text("人数", "persons"), _PERSONS
    if name == "sum":
        return _of_element(recipe, str(recipe.total), Text("合计", "sum"))
    base = name.removesuffix("_name")
    one = next((each for each in recipe.dimensions if base in each.columns), None)
    if one is None:
        return _of_element(recipe, name, Text("取值", "value"))
    level = _LEVELS.get(base) if one.levels else None
    title = Text(f"{one.title.zh}（{level.zh}）", f"{one.title.en} ({level.en})") if level else one.title
    if base != name:
        title = Text(f"{title.zh}名称", f"{title.en}, name")
        return title, Text("代码的名称", "what the code is called")
    return title, Text(f"{title.zh}；total 为合计", f"{title.en}; total is the sum of all")


def _of_element(recipe: Recipe, element: str, what: Text) -> tuple[Text, Text]:
    if recipe.source == BASE:
        title = next((one.title for one in catalogue().items if one.id == element), Text(element, element))
    else:
        title = next(
            (one.title for one in catalogue().dataset(recipe.source).elements if one.name == element),
            Text(element, element),
        )
    return title, Text(f"{title.zh}：{what.zh}", f"{title.en}: {what.en}")


__all__ = ["EVIDENCE", "Filed", "made", "variables"]
