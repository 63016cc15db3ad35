"""Resources of CKAN as distributions: what a client sends, laid over the distribution that there is."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from quanmin.opendata.catalogue import Document, vocabulary
from quanmin.opendata.catalogue.validation import new_id
from quanmin.opendata.ckan import package
from quanmin.opendata.ckan.package import MARK, Look, first, listed, resource
from quanmin.text import Text

_MOST = 1_000
_SHAPE = Text("结构不符", "Not of the expected shape")
Faults = dict[str, list[Text]]


def resources(made: dict[str, Any], given: Any, look: Look, faults: Faults) -> None:
    """Put the distributions that a list of resources means in the place of those that are there."""
    if not isinstance(given, list) or len(given) > _MOST or not all(isinstance(one, Mapping) for one in given):
        faults.setdefault("resources", []).append(_SHAPE)
        return
    found = [distribution(one, made, look, faults) for one in given]
    made["dcat:distribution"] = found or None


def distribution(given: Mapping[str, Any], document: Document, look: Look, faults: Faults) -> dict[str, Any]:
    """The distribution of one resource of a document."""
    key = local(given.get("id"), document)
    there = listed(document.get("dcat:distribution"))
    place = next((at for at, one in enumerate(there) if one["dct:identifier"] == key), None)
    before = there[place] if place is not None else None
    shown = resource(before, document, place or 0, look) if before is not None and "quanmin:name" in document else {}
    made: dict[str, Any] = copy.deepcopy(before) if before is not None else {"dct:identifier": key or new_id()}
    for field, part in (("name", "dct:title"), ("description", "dct:description")):
        _texts(made, part, given, shown, field, look)
    _address(made, given, shown, look, faults)
    _coded(made, given, shown, faults)
    _measured(made, given, shown, faults)
    _rest(made, given, shown, look, faults)
    return {key: value for key, value in made.items() if value is not None and value != {}}


def local(given: Any, document: Document) -> str | None:
    """The id of a distribution in its record."""
    if not isinstance(given, str) or not given:
        return None
    record, _, key = given.rpartition(MARK)
    return key if not record or record == document.get("dct:identifier") else given.replace(MARK, "-")


def own(address: Any, look: Look) -> Any:
    """An address of this portal without its origin."""
    if isinstance(address, str) and address.startswith(look.origin + "/"):
        return address[len(look.origin) :]
    return address


def _differs(given: Mapping[str, Any], shown: Mapping[str, Any], field: str) -> bool:
    return given.get(field) is not None and given[field] != shown.get(field)


def _texts(
    made: dict[str, Any], part: str, given: Mapping[str, Any], shown: Mapping[str, Any], field: str, look: Look
) -> None:
    said = given.get(f"{field}_translated")
    if isinstance(said, str) and said[:1] == "{":
        said = json.loads(said) if _readable(said) else said
    if said is not None and said != shown.get(f"{field}_translated") and said != {}:
        made[part] = said
    alone = given.get(field)
    if alone in (None, "") or alone == shown.get(field) or (isinstance(said, dict) and alone in said.values()):
        return
    if field == "name" and alone == made["dct:identifier"]:
        return  # what stands for a name where there is none
    made[part] = {**(made.get(part) or {}), look.language: alone}


def _readable(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _address(
    made: dict[str, Any], given: Mapping[str, Any], shown: Mapping[str, Any], look: Look, faults: Faults
) -> None:
    """Where it can be had. A file of this portal is named by an upload or a release, never by a client."""
    changed = {field: own(given[field], look) for field in ("url", "access_url") if _differs(given, shown, field)}
    if any(foreign(address, look) for address in changed.values()):
        faults.setdefault("url", []).append(Text("文件须上传", "A file is sent by upload"))
        return
    if "access_url" in changed:
        made["dcat:accessURL"] = changed["access_url"]
    if "url" in changed:
        for part in ("dcat:downloadURL", "dcat:byteSize", "spdx:checksum", package.TABLE):
            made.pop(part, None)
        meant = "access_url" in changed or shown.get("access_url") != shown.get("url")  # else it only came back
        apart = meant and given.get("access_url") not in (None, "", given["url"])
        made["dcat:downloadURL" if apart else "dcat:accessURL"] = changed["url"]
    if "dcat:accessURL" not in made:
        faults.setdefault("url", []).append(Text("缺少该值", "Missing value"))


def foreign(said: Any, look: Look) -> bool:
    """Whether a client names a file of this portal itself, in an address or in JSON, which could be one that is not open."""
    if not isinstance(said, str):
        return False
    return said.startswith("/files/") or '"/files/' in said or f"{look.origin}/files/" in said


def _coded(made: dict[str, Any], given: Mapping[str, Any], shown: Mapping[str, Any], faults: Faults) -> None:
    for field, part, name in (("format", "dct:format", "file_type"), ("license_id", "dct:license", "licence")):
        if not _differs(given, shown, field) or given[field] == "":
            continue
        said = given[field].strip().lstrip(".") if isinstance(given[field], str) else None
        term = vocabulary(name).find(said)
        if term is None:
            faults.setdefault(field, []).append(Text("代码不在值域内", "Not a code of the value set"))
        else:
            made[part] = term.code


def _measured(made: dict[str, Any], given: Mapping[str, Any], shown: Mapping[str, Any], faults: Faults) -> None:
    """Size, checksum and days of what lies elsewhere; of an uploaded file they are measured."""
    if str(first(made.get("dcat:downloadURL")) or "").startswith("/files/"):
        return
    if _differs(given, shown, "size") and given["size"] != "":
        size = int(given["size"]) if str(given["size"]).isdigit() and len(str(given["size"])) < 18 else None
        if size is None:
            faults.setdefault("size", []).append(Text("须为不小于 0 的整数", "Must be a whole number of 0 or more"))
        made["dcat:byteSize"] = size
    if _differs(given, shown, "hash") and given["hash"] != "":
        algorithm = given.get("hash_algorithm") or "unknown"
        made["spdx:checksum"] = {"spdx:algorithm": algorithm, "spdx:checksumValue": given["hash"]}
    for field, part in (("created", "dct:issued"), ("last_modified", "dct:modified")):
        if _differs(given, shown, field) and given[field] != "":
            made[part] = given[field]


def _rest(made: dict[str, Any], given: Mapping[str, Any], shown: Mapping[str, Any], look: Look, faults: Faults) -> None:
    """Parts of a distribution that CKAN has no field for."""
    pairs = given.get("extras")
    if pairs is None or pairs == shown.get("extras"):
        return
    sound = isinstance(pairs, list) and all(
        isinstance(one, Mapping) and isinstance(one.get("key"), str) and isinstance(one.get("value"), str)
        for one in pairs
    )
    if not sound:
        faults.setdefault("extras", []).append(_SHAPE)
        return
    before = {one["key"]: one["value"] for one in shown.get("extras") or ()}
    for one in pairs:
        if one["key"] in _SAID or (foreign(one["value"], look) and one["value"] != before.get(one["key"])):
            faults.setdefault("extras", []).append(Text("该项不由此处填写", "This part is not said here"))
        else:
            made[one["key"]] = package.part(one["value"])


_SAID = ("dct:identifier", "dcat:downloadURL", "dcat:accessURL", "spdx:checksum", "dcat:byteSize", package.TABLE)
