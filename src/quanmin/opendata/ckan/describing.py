"""A package of CKAN as a record: what a client sends, laid over the document that there is.

Of a text that stands both alone and in both languages, the one that differs from what was shown is what the client meant; so a
package that comes back as it went out changes nothing. What came by a release, and where data come from, is not said here.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

from quanmin.opendata.catalogue import Document, vocabulary
from quanmin.opendata.ckan import resourcing
from quanmin.opendata.ckan.errors import ValuesWrong
from quanmin.opendata.ckan.package import EXTRAS, MAPPED, TYPES, Look, landing, listed, part
from quanmin.text import LANGUAGES, Language, Text

OWN, FREE = "quanmin:", ("quanmin:area",)
"""Parts that only the program itself says, but for some: of which release something is, under which agreement."""
_PART = re.compile(r"[a-z]+:[A-Za-z]+")
_CHINESE = re.compile("[\u3400-\u9fff]")
_MOST = 1_000
SHAPE = Text("结构不符", "Not of the expected shape")


def describe(
    given: Mapping[str, Any], shown: Mapping[str, Any] | None, document: Document | None, look: Look
) -> dict[str, Any]:
    """The document that a package makes of `document` (None: a new one), of which `shown` is the package; ValuesWrong.

    Id, publisher and defaults of a new one are the caller's.
    """
    made: dict[str, Any] = copy.deepcopy(dict(document)) if document is not None else {}
    shown = shown or {}
    faults: dict[str, list[Text]] = {}
    if _differs(given, shown, "name"):
        made["quanmin:name"] = given["name"]
    _texts(made, "dct:title", given, shown, "title", look.language, faults)
    _texts(made, "dct:description", given, shown, "notes", look.language, faults)
    _keywords(made, given, shown, faults)
    _coded(made, given, shown, faults)
    _plain(made, given, shown, look, faults)
    _contact(made, given, shown)
    _extras(made, given, shown, look, faults)
    if "resources" in given and given["resources"] != shown.get("resources"):
        resourcing.resources(made, given["resources"], look, faults)
    if faults:
        raise ValuesWrong.of(faults)
    return {key: value for key, value in made.items() if value is not None}


def _differs(given: Mapping[str, Any], shown: Mapping[str, Any], field: str) -> bool:
    return given.get(field) is not None and given[field] != shown.get(field)


def _texts(
    made: dict[str, Any],
    key: str,
    given: Mapping[str, Any],
    shown: Mapping[str, Any],
    field: str,
    language: Language,
    faults: dict[str, list[Text]],
) -> None:
    """A text that stands alone and in both languages."""
    said = _mapped(given, f"{field}_translated", faults)
    if said is not None and said != shown.get(f"{field}_translated"):
        made[key] = said
    alone = given.get(field)
    if alone is None or alone == shown.get(field) or (isinstance(said, dict) and alone in said.values()):
        return
    made[key] = {**(made.get(key) or {}), language: alone}


def _mapped(given: Mapping[str, Any], field: str, faults: dict[str, list[Text]]) -> dict[str, Any] | None:
    """A map, of JSON too, as a form has it."""
    value = given.get(field)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = False
    if value is None or isinstance(value, dict):
        return value
    faults.setdefault(field, []).append(SHAPE)
    return None


def _keywords(
    made: dict[str, Any], given: Mapping[str, Any], shown: Mapping[str, Any], faults: dict[str, list[Text]]
) -> None:
    """Tags, and the same by language."""
    said = _mapped(given, "keywords", faults)
    if said is not None and said != shown.get("keywords"):
        made["dcat:keyword"] = said or None
    elif given.get("tags") is not None and given["tags"] != shown.get("tags"):
        words = _names(given["tags"], "name")
        if words is None or len(words) > _MOST:
            faults.setdefault("tags", []).append(SHAPE)
            return
        before = made.get("dcat:keyword") or {}
        kept: dict[str, list[str]] = {name: [w for w in listed(before.get(name)) if w in words] for name in LANGUAGES}
        known = {word for each in kept.values() for word in each}
        for word in words:
            if word not in known:
                kept["zh" if _CHINESE.search(word) else "en"].append(word)
        made["dcat:keyword"] = {name: each for name, each in kept.items() if each} or None


def _names(value: Any, key: str) -> list[str] | None:
    """The names in a list of objects (or of names, or names between commas); None for what is none."""
    if isinstance(value, str):
        value = [one.strip() for one in value.split(",") if one.strip()]
    if not isinstance(value, list):
        return None
    found: list[Any] = [one.get(key) if isinstance(one, Mapping) else one for one in value]
    return list(dict.fromkeys(found)) if all(isinstance(one, str) and one for one in found) else None


def _coded(
    made: dict[str, Any], given: Mapping[str, Any], shown: Mapping[str, Any], faults: dict[str, list[Text]]
) -> None:
    """What is a code of a value set: kind of access, licence, themes, type."""
    for field, key, name in (("access_rights", "quanmin:access", "access"), ("license_id", "dct:license", "licence")):
        if _differs(given, shown, field) and given[field] != "":
            term = vocabulary(name).find(given[field])
            made[key] = term.code if term else given[field]
            if term is None:
                faults.setdefault(field, []).append(Text("代码不在值域内", "Not a code of the value set"))
    if _differs(given, shown, "type"):
        kind = given["type"] if isinstance(given["type"], str) else ""
        made["@type"] = TYPES.get(kind)
        if kind not in TYPES:
            allowed = ", ".join(TYPES)
            faults.setdefault("type", []).append(Text(f"须为 {allowed}", f"One of {allowed}"))
    if given.get("groups") is not None and given["groups"] != shown.get("groups"):
        names = _groups(given["groups"])
        found = [vocabulary("theme").find(one) for one in names or ()]
        if names is None or None in found:
            faults.setdefault("groups", []).append(Text("没有该主题", "There is no such theme"))
        made["dcat:theme"] = [one.code for one in found if one] or None


def _groups(value: Any) -> list[str] | None:
    """Names or ids of groups."""
    if not isinstance(value, list) or len(value) > _MOST:
        return None
    found: list[Any] = [(one.get("name") or one.get("id")) if isinstance(one, Mapping) else one for one in value]
    return found if all(isinstance(one, str) for one in found) else None


def _plain(
    made: dict[str, Any], given: Mapping[str, Any], shown: Mapping[str, Any], look: Look, faults: dict[str, list[Text]]
) -> None:
    """Version and page."""
    if _differs(given, shown, "version"):
        made["dcat:version"] = given["version"] if given["version"] != "" else None
    if _differs(given, shown, "url"):
        address = resourcing.own(given["url"], look)
        if resourcing.foreign(address, look):
            faults.setdefault("url", []).append(Text("不能指向本站文件", "Not a file of this site"))
        made["dcat:landingPage"] = (
            address if address and address != landing({**made, "dcat:landingPage": None}) else None
        )


def _contact(made: dict[str, Any], given: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
    names = {"maintainer": "vcard:fn", "maintainer_email": "vcard:hasEmail", "maintainer_url": "vcard:hasURL"}
    changed = {key: given[field] for field, key in names.items() if field in given and given[field] != shown.get(field)}
    if not changed:
        return
    before = listed(made.get("dcat:contactPoint"))
    said = {**(before[0] if before and isinstance(before[0], Mapping) else {}), **changed}
    said = {key: value for key, value in said.items() if value not in (None, "")}
    rest = before[1:]
    made["dcat:contactPoint"] = [said, *rest] if rest else said or None


def _extras(
    made: dict[str, Any], given: Mapping[str, Any], shown: Mapping[str, Any], look: Look, faults: dict[str, list[Text]]
) -> None:
    """Extras are the whole of what CKAN has no field for: one that is left out goes."""
    if given.get("extras") is None or given["extras"] == shown.get("extras"):
        return
    pairs = given["extras"]
    sound = isinstance(pairs, list) and len(pairs) <= _MOST and all(isinstance(one, Mapping) for one in pairs)
    if not sound or not all(isinstance(one.get("key"), str) and isinstance(one.get("value"), str) for one in pairs):
        faults.setdefault("extras", []).append(
            Text("须为 {key, value} 文字的列表", "Must be a list of {key, value} texts")
        )
        return
    said: dict[str, str] = {one["key"]: one["value"] for one in pairs if not one.get("deleted")}
    if len({one["key"] for one in pairs}) < len(pairs):
        faults.setdefault("extras", []).append(Text("键重复", "A key is given twice"))
    before = {one["key"]: one["value"] for one in shown.get("extras") or ()}
    named = (key for key, value in said.items() if value != before.get(key) and resourcing.foreign(value, look))
    own = {key for key in (*said, *before) if key.startswith(OWN) and key not in FREE}
    if any(said.get(key) != before.get(key) for key in own) or any(named):
        faults.setdefault("extras", []).append(Text("该项不由此处填写", "This part is not said here"))
    for key in [key for key in made if key not in MAPPED and key not in said]:
        del made[key]
    made[EXTRAS] = {key: value for key, value in said.items() if not _part(key)} or None
    made |= {key: part(value) for key, value in said.items() if _part(key)}


def _part(key: str) -> bool:
    """Whether an extra is a part of the document."""
    return _PART.fullmatch(key) is not None and key not in MAPPED
