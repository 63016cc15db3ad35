"""Lists of what there is beside datasets: organisations, themes as groups, tags, licences; and what a beginning may mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from quanmin.opendata.catalogue import Query, vocabulary
from quanmin.opendata.catalogue.condition import Condition, Having
from quanmin.opendata.catalogue.folding import fold
from quanmin.opendata.ckan import field
from quanmin.opendata.ckan.caller import Caller
from quanmin.opendata.ckan.errors import NothingThere
from quanmin.opendata.ckan.given import Given
from quanmin.opendata.ckan.package import group, organisation, tag
from quanmin.opendata.ckan.searching import packages
from quanmin.opendata.ckan.site import Site

MOST, SUGGESTED = 1_000, 10


def _values(site: Site, facet: str) -> list[dict[str, Any]]:
    """The values of a facet with their titles and how many datasets have each, by code."""
    return sorted(site.catalogue.values(facet), key=lambda one: str(one["value"]))


def _page(given: Given, rows: Sequence[Any], most: int | None = MOST) -> list[Any]:
    """A part of a list, by limit and offset; not more than `most`."""
    whole = len(rows) if most is None else most
    limit, offset = given.number("limit", whole, most=10**12), given.number("offset", 0, most=10**12)
    return list(rows[offset : offset + min(limit, whole)])


def _organisations(site: Site) -> list[dict[str, Any]]:
    return [
        {
            **organisation({"dct:identifier": one["value"], "foaf:name": one["title"]}, site.look),
            "package_count": one["count"],
        }
        for one in _values(site, "organisation")
    ]


def _groups(site: Site) -> list[dict[str, Any]]:
    counts = {one["value"]: one["count"] for one in _values(site, "theme")}
    terms = sorted(vocabulary("theme").terms.values(), key=lambda one: one.code)
    fixed = {"type": "group", "state": "active", "is_organization": False, "approval_status": "approved"}
    return [{**group(one, site.look), **fixed, "package_count": counts.get(one.code, 0)} for one in terms]


def _listed(given: Given, rows: list[dict[str, Any]]) -> list[Any]:
    """Names, or whole objects with `all_fields`; in the order asked for."""
    key, _, way = (given.text("sort") or given.text("order_by") or "name").partition(" ")
    key = {"packages": "package_count", "package_count": "package_count", "title": "title"}.get(key, "name")
    rows = sorted(rows, key=lambda one: (one[key], one["name"]), reverse=way.strip().lower() == "desc")
    wanted = [one.lower() for one in given.texts("groups") or given.texts("organizations")]
    rows = [one for one in rows if not wanted or one["name"].lower() in wanted]
    page = _page(given, rows)
    return page if given.flag("all_fields") else [one["name"] for one in page]


def organization_list(site: Site, caller: Caller, given: Given) -> list[Any]:
    """The organisations that publish: names, or objects with `all_fields`; sort, limit, offset."""
    del caller
    return _listed(given, _organisations(site))


def group_list(site: Site, caller: Caller, given: Given) -> list[Any]:
    """The themes: names, or objects with `all_fields`; sort, limit, offset."""
    del caller
    return _listed(given, _groups(site))


def organization_show(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """One organisation (`id`); with `include_datasets` its newest datasets too, 1,000 at most."""
    del caller
    return _one(site, given, _organisations(site), "organisation", str)


def group_show(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """One theme (`id`); with `include_datasets` its newest datasets too, 1,000 at most."""
    del caller
    return _one(site, given, _groups(site), "theme", str.lower)


def _one(
    site: Site, given: Given, rows: list[dict[str, Any]], facet: str, spelt: Callable[[str], str]
) -> dict[str, Any]:
    key = spelt(given.needed("id"))
    found = next((one for one in rows if one["name"] == key), None)
    if found is None:
        raise NothingThere(name=key[:100])
    more: dict[str, Any] = {"users": [], "tags": [], "extras": [], "groups": [], "display_name": found["title"]}
    if given.flag("include_datasets"):
        more["packages"] = _newest(site, Having(facet, (field.code(facet, key),)), MOST)
    return found | more


def _newest(site: Site, where: Condition | None, rows: int, offset: int = 0) -> list[dict[str, Any]]:
    found = site.catalogue.search(Query(where=where, sort="changed", rows=rows, offset=offset, facets=(), brief=True))
    return packages(site, [row["id"] for row in found.rows])


def current_package_list_with_resources(site: Site, caller: Caller, given: Given) -> list[dict[str, Any]]:
    """Datasets with their resources, the latest change first; limit (1,000 at most) and offset."""
    del caller
    rows = min(given.number("limit", MOST, most=10**12), MOST)
    return _newest(site, None, rows, given.number("offset", 0, most=10**12))


def organization_list_for_user(site: Site, caller: Caller, given: Given) -> list[dict[str, Any]]:
    """The organisations for which whoever calls may write."""
    del given
    tree = site.tree() if caller.edits else None
    own = caller.actor.organisation if caller.actor and tree else None
    if tree is None or own is None or own not in tree:
        return []
    known = sorted({own, *tree.below(own)})
    titles = [(one, tree.get(one).title) for one in known]
    return [
        organisation({"dct:identifier": one, "foaf:name": {"zh": title, "en": title}}, site.look)
        for one, title in titles
    ]


def tag_list(site: Site, caller: Caller, given: Given) -> list[Any]:
    """The tags of published datasets: names (those that hold `query`), or objects with `all_fields`."""
    del caller
    words = _tags(site, given.text("query"))
    return [tag(word) for word in words] if given.flag("all_fields") else words


def _tags(site: Site, query: str) -> list[str]:
    sought = fold(query[:100]).strip()
    return [one["value"] for one in _values(site, "tag") if not sought or sought in fold(one["value"])]


def tag_show(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """One tag (`id`); with `include_datasets` its newest datasets too, 1,000 at most."""
    del caller
    word = given.needed("id")
    if not any(one["value"] == word for one in _values(site, "tag")):
        raise NothingThere(name=word[:100])
    more = {"packages": _newest(site, Having("tag", (word,)), MOST)} if given.flag("include_datasets") else {}
    return tag(word) | more


def license_list(site: Site, caller: Caller, given: Given) -> list[dict[str, Any]]:
    """The licences that a resource may have."""
    del caller, given
    return [
        {
            "id": one.code,
            "title": one.title.get(site.look.language),
            "title_translated": one.title._asdict(),
            "url": one.iri,
            "is_okd_compliant": one.holds("open"),
            "od_conformance": "approved" if one.holds("open") else "not reviewed",
            "status": "active",
        }
        for one in vocabulary("licence").terms.values()
    ]


def user_list(site: Site, caller: Caller, given: Given) -> list[Any]:
    """Nobody: who works here is not public."""
    del site, caller, given
    return []


def vocabulary_list(site: Site, caller: Caller, given: Given) -> list[Any]:
    """None: tags are free words; codes of value sets stand in fields of their own."""
    del site, caller, given
    return []


def resource_view_list(site: Site, caller: Caller, given: Given) -> list[Any]:
    """None: previews are pages of the portal."""
    site.resource(given.needed("id"), caller)
    return []


def _typed(given: Given) -> tuple[str, int]:
    """What was typed, and how many answers are wanted."""
    return (given.text("q") or given.text("query"))[:100], min(given.number("limit", SUGGESTED, most=10**12), 100)


def package_autocomplete(site: Site, caller: Caller, given: Given) -> list[dict[str, Any]]:
    """Datasets that may be meant by `q`: by the beginning of the name, then by the title."""
    del caller
    text, limit = _typed(given)
    named = site.catalogue.names(text.lower(), limit)
    found = [{"name": name, "title": title[site.look.language], "match_field": "name"} for name, title in named]
    if text.strip() and len(found) < limit:
        rows = site.catalogue.search(Query(text=text, rows=limit, facets=(), language=site.look.language)).rows
        known = {one["name"] for one in found}
        titles = [(row["name"], row["title"][site.look.language]) for row in rows if row["name"] not in known]
        found += [{"name": name, "title": title, "match_field": "title"} for name, title in titles]
    return [{**one, "match_displayed": f"{one['title']} ({one['name']})"} for one in found[:limit]]


def organization_autocomplete(site: Site, caller: Caller, given: Given) -> list[dict[str, Any]]:
    """Organisations whose name or title holds `q`."""
    del caller
    return _held(given, _organisations(site))


def group_autocomplete(site: Site, caller: Caller, given: Given) -> list[dict[str, Any]]:
    """Themes whose name or title holds `q`."""
    del caller
    return _held(given, _groups(site))


def _held(given: Given, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    text, limit = _typed(given)
    sought = fold(text).strip()
    found = [
        one for one in rows if any(sought in fold(said) for said in (one["name"], *one["title_translated"].values()))
    ]
    return [{key: one[key] for key in ("id", "name", "title")} for one in found[:limit]]


def tag_autocomplete(site: Site, caller: Caller, given: Given) -> list[str]:
    """Tags that hold `query`."""
    del caller
    text, limit = _typed(given)
    return _tags(site, text)[:limit] if text.strip() else []


def format_autocomplete(site: Site, caller: Caller, given: Given) -> list[str]:
    """Formats that hold `q`."""
    del caller
    text, limit = _typed(given)
    return [code.upper() for code in vocabulary("file_type").terms if text.lower() in code][:limit]
