"""Writing by CKAN: packages and resources become versions of records, by the catalogue's own rules.

Only an editor of the publishing organisation writes, never what came by a release, and never a version that says the same as the
one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quanmin.opendata.catalogue import Document
from quanmin.opendata.catalogue.errors import UnknownRecord
from quanmin.opendata.catalogue.validation import check, new_id
from quanmin.opendata.ckan import resourcing, uploading
from quanmin.opendata.ckan.caller import Caller, editor, require
from quanmin.opendata.ckan.describing import describe
from quanmin.opendata.ckan.errors import DatasetGone, NothingThere, ReleaseOnly, ValuesWrong
from quanmin.opendata.ckan.given import Given
from quanmin.opendata.ckan.package import Standing, licence_of, listed, package, resource
from quanmin.opendata.ckan.site import Site
from quanmin.text import Text
from quanmin.trust import Actor

UPLOAD = "upload"
"""The parameter that is a file."""


def package_create(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """Create a dataset: name, title, notes, license_id, owner_org, tags, groups, resources, extras; private keeps a draft."""
    actor = editor(caller)
    values = dict(given.values)
    with site.writing:
        record = given.text("id").strip() or new_id()
        _unused(site, record)
        publisher = _publisher(site, actor, values)
        require(caller, publisher["dct:identifier"], site.tree())
        begun = {
            "@type": "dcat:Dataset",
            "dct:identifier": record,
            "quanmin:access": "public",
            "dct:publisher": publisher,
        }
        made = describe(values, None, begun, site.look)
        made.setdefault("dct:modified", site.portal.ledger.now().date().isoformat())
        made.setdefault("dct:description", made.get("dct:title"))
        made = {key: value for key, value in made.items() if value is not None}
        return _kept(site, caller, made, given.flag("private"))


def package_update(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """Put a package in the place of the dataset with this id or name; without resources it keeps those that it has."""
    return _change(site, caller, given, given.text("id") or given.needed("name"), whole=True)


def package_patch(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """Change the parts of a dataset that are given, and no other."""
    return _change(site, caller, given, given.needed("id"), whole=False)


def package_delete(site: Site, caller: Caller, given: Given) -> None:
    """Withdraw a dataset; its address tells the reason (`reason`) from then on."""
    key = given.needed("id")
    with site.writing:
        document, standing, _ = site.found(key, caller)
        _may_change(site, caller, document)
        if standing.draft:
            raise ValuesWrong.at("id", "草稿尚未发布", "It is a draft and was never published")
        reason = given.text("reason").strip() or Text("由目录编辑删除", "deleted by a catalogue editor").get(
            site.look.language
        )
        site.catalogue.withdraw(document["dct:identifier"], reason[:500], editor(caller).id)


def resource_create(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """Add a resource to the dataset `package_id`: with a url, or with a file as `upload`."""
    editor(caller)
    key = given.needed("package_id")
    return _resource(site, caller, key, None, given, whole=True)


def resource_update(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """Put a resource in the place of the one with this id; a new file as `upload`."""
    return _resource_change(site, caller, given, whole=True)


def resource_patch(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """Change the parts of a resource that are given, and no other."""
    return _resource_change(site, caller, given, whole=False)


def resource_delete(site: Site, caller: Caller, given: Given) -> None:
    """Take a resource out of its dataset; former versions of the dataset keep it."""
    editor(caller)
    with site.writing:
        document, standing, place = site.resource(given.needed("id"), caller)
        _may_change(site, caller, document)
        rest = [one for at, one in enumerate(listed(document["dcat:distribution"])) if at != place]
        made = {**document, "dcat:distribution": rest, "dct:modified": site.portal.ledger.now().date().isoformat()}
        _keep(site, caller, {key: value for key, value in made.items() if value != []}, standing.draft)


def _change(site: Site, caller: Caller, given: Given, key: str, *, whole: bool) -> dict[str, Any]:
    """A change of a package; of a whole one, extras, tags and groups that are left out go, as CKAN has it."""
    editor(caller)
    with site.writing:
        document, standing, _ = site.found(key.strip(), caller)
        _may_see_change(site, caller, document)
        shown = package(document, standing, site.look)
        values = dict(given.values)
        if whole:
            values = {"extras": [], "tags": [], "groups": [], **values}
        if values.get("owner_org") not in (None, shown["owner_org"]):
            raise ValuesWrong.at("owner_org", "发布机构不能更改", "The publisher does not change")
        made = describe(values, shown, document, site.look)
        private = given.flag("private", standing.draft)
        if made == document and private == standing.draft:
            return shown
        _may_change(site, caller, document)
        if private and not standing.draft:
            raise ValuesWrong.at(
                "private", "已发布的数据集不能改为草稿，请撤回", "What is published is withdrawn, not hidden"
            )
        return _kept(site, caller, made, private)


def _resource_change(site: Site, caller: Caller, given: Given, *, whole: bool) -> dict[str, Any]:
    editor(caller)
    key = given.needed("id")
    document, _, place = site.resource(key, caller)
    return _resource(site, caller, document["dct:identifier"], place, given, whole=whole)


def _resource(site: Site, caller: Caller, key: str, place: int | None, given: Given, *, whole: bool) -> dict[str, Any]:
    """Add or change a distribution; a file is looked at before anything is kept."""
    upload = given.values.get(UPLOAD)
    values = {name: value for name, value in given.values.items() if name != UPLOAD}
    document, _, _ = site.found(key, caller)
    _may_change(site, caller, document)
    file = uploading.kept(site, upload, values) if isinstance(upload, uploading.Upload) else None
    if upload is not None and file is None and upload != "":
        raise ValuesWrong.at(UPLOAD, "须以 multipart 上传文件", "A file is sent as multipart")
    with site.writing:
        document, standing, _ = site.found(key, caller)
        there = listed(document.get("dcat:distribution"))
        if place is not None and place >= len(there):
            raise NothingThere(name=str(given.text("id"))[:100])
        before = there[place] if place is not None else None
        made = _distribution(site, values, document, before, place, file)
        distributions = [*there, made] if place is None else [*there[:place], made, *there[place + 1 :]]
        changed: dict[str, Any] = {**document, "dcat:distribution": distributions}
        if changed != document:
            changed["dct:modified"] = site.portal.ledger.now().date().isoformat()
            _keep(site, caller, changed, standing.draft)
        return resource(made, changed, len(distributions) - 1 if place is None else place, site.look)


def _distribution(
    site: Site,
    values: Mapping[str, Any],
    document: Document,
    before: Mapping[str, Any] | None,
    place: int | None,
    file: Mapping[str, Any] | None,
) -> dict[str, Any]:
    faults: dict[str, list[Text]] = {}
    if before is not None:
        values = {**values, "id": resource(before, document, place or 0, site.look)["id"]}
    if file is not None:
        values = {name: value for name, value in values.items() if name not in ("url", "access_url", "hash", "size")}
        page = {"dcat:accessURL": f"/datasets/{document['quanmin:name']}"}
        begun = before or {"dct:identifier": resourcing.local(values.get("id"), document) or new_id()}
        placed = {key: value for key, value in {**begun, **page, **file}.items() if value is not None}
        document = {**document, "dcat:distribution": [*_others(document, before), placed]}
        values = {**values, "id": placed["dct:identifier"]}
    made = resourcing.distribution(values, document, site.look, faults)
    if faults:
        raise ValuesWrong.of(faults)
    if "dct:license" not in made and (licence := licence_of(document)) is not None:
        made["dct:license"] = licence.code
    return made


def _others(document: Document, before: Mapping[str, Any] | None) -> list[Any]:
    return [one for one in listed(document.get("dcat:distribution")) if one is not before]


def _unused(site: Site, record: str) -> None:
    """An id is given once, to a withdrawn dataset too."""
    try:
        folded = site.catalogue.get(record[:200])
    except UnknownRecord:
        return
    if folded.state == "withdrawn":
        raise DatasetGone(name=folded.record[:100], day=folded.since.date().isoformat(), reason=folded.reason or "")
    raise ValuesWrong.at("id", "该标识已被使用", "Dataset id already exists")


def _publisher(site: Site, actor: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
    """The organisation that publishes: the one named, else the editor's own."""
    key = values.get("owner_org") or actor.organisation
    tree = site.tree()
    if not isinstance(key, str) or key not in tree:
        raise ValuesWrong.at("owner_org", "没有该机构", "Organization does not exist")
    said = values.get("organization")
    names = said.get("title_translated") if isinstance(said, Mapping) and said.get("id") == key else None
    title = tree.get(key).title
    return {
        "dct:identifier": key,
        "foaf:name": names if isinstance(names, dict) and names else {"zh": title, "en": title},
    }


def _may_see_change(site: Site, caller: Caller, document: Document) -> None:
    require(caller, document["dct:publisher"]["dct:identifier"], site.tree())


def _may_change(site: Site, caller: Caller, document: Document) -> None:
    """NotEditor, ReleaseOnly."""
    _may_see_change(site, caller, document)
    if document.get("quanmin:release"):
        raise ReleaseOnly(name=document["quanmin:name"])


def _kept(site: Site, caller: Caller, made: dict[str, Any], private: bool) -> dict[str, Any]:
    """Keep a version and show it."""
    _keep(site, caller, made, private)
    document, standing, _ = site.found(made["dct:identifier"], caller)
    return package(document, Standing(standing.created, standing.changed, private), site.look)


def _keep(site: Site, caller: Caller, made: Document, draft: bool) -> None:
    actor, licence = editor(caller).id, made.get("dct:license")
    if licence is not None:
        given = [{"dct:license": licence, **one} for one in listed(made.get("dcat:distribution"))]
        made = {**made, "dcat:distribution": given} if given else made
    check(made)
    if draft:
        site.catalogue.draft(made, actor)
    else:
        site.catalogue.publish(made, actor)
