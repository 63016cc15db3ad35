"""Single datasets and resources, the list of names, and what this site is."""

from __future__ import annotations

from typing import Any

from quanmin.opendata.catalogue import Query
from quanmin.opendata.catalogue.condition import Condition, Having
from quanmin.opendata.catalogue.folding import fold
from quanmin.opendata.ckan import field
from quanmin.opendata.ckan.caller import Caller
from quanmin.opendata.ckan.errors import SearchWrong
from quanmin.opendata.ckan.given import Given
from quanmin.opendata.ckan.package import listed, package, resource
from quanmin.opendata.ckan.searching import MOST_ROWS, packages
from quanmin.opendata.ckan.site import Site
from quanmin.text import Text

VERSION = "2.11.0"
"""The version of CKAN whose calls are answered; tools choose by it what they send."""
TITLE = Text("全民健康数据开放平台", "Open health data")


def status_show(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """What this site is and which version of CKAN's calls it answers."""
    del given
    return {
        "ckan_version": VERSION,
        "site_url": site.look.origin,
        "site_title": TITLE.get(caller.language),
        "site_description": "",
        "error_emails_to": site.settings.contact_email or None,
        "locale_default": "zh_Hans_CN" if site.look.language == "zh" else "en",
        "extensions": ["datastore"],
    }


def site_read(site: Site, caller: Caller, given: Given) -> bool:
    """Whether the site may be read: always."""
    del site, caller, given
    return True


def package_list(site: Site, caller: Caller, given: Given) -> list[str]:
    """The names of all published datasets, sorted; limit and offset."""
    del caller
    return site.catalogue.all_names(given.number("offset", 0, most=10**12), given.number("limit", 10**12, most=10**12))


def package_show(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """A dataset by `id`, which is its id or its name, also a former one; of a withdrawn one the reason is told."""
    document, standing, _ = site.found(given.text("name_or_id") or given.needed("id"), caller)
    return package(document, standing, site.look)


def resource_show(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """A resource by `id`."""
    document, _, place = site.resource(given.needed("id"), caller)
    return resource(listed(document["dcat:distribution"])[place], document, place, site.look)


_SOUGHT = ("name", "description", "format", "url")


def resource_search(site: Site, caller: Caller, given: Given) -> dict[str, Any]:
    """Resources by `query`, "field:term" or a list of them (name, description, format; url beside another); limit, offset."""
    del caller
    terms = dict(_term(one) for one in given.texts("query"))
    if not terms or terms.keys() == {"url"}:
        raise _unclear()
    text = " ".join(terms[name] for name in ("name", "description") if name in terms)
    where: Condition | None = Having("format", (field.code("format", terms["format"]),)) if "format" in terms else None
    found = site.catalogue.search(
        Query(text=text[:300], where=where, rows=MOST_ROWS, sort="name", facets=(), brief=True)
    )
    if found.total > MOST_ROWS:
        raise SearchWrong(
            part="query",
            reason=Text(f"超过 {MOST_ROWS} 个数据集，请缩小范围", f"more than {MOST_ROWS} datasets: ask for less"),
        )
    ids = [] if found.loosened else [row["id"] for row in found.rows]
    hits = [one for each in packages(site, ids) for one in each["resources"] if _holds(one, terms)]
    start, rows = given.number("offset", 0, most=10**12), given.number("limit", MOST_ROWS, most=10**12)
    return {"count": len(hits), "results": hits[start : start + rows]}


def _term(said: str) -> tuple[str, str]:
    name, colon, term = said.partition(":")
    if not colon or name not in _SOUGHT or not term.strip():
        raise _unclear()
    return name, term.strip()


def _unclear() -> SearchWrong:
    return SearchWrong(
        part="query",
        reason=Text("须为 name:、description: 或 format: 加词", "name:, description: or format: with a term"),
    )


def _holds(one: dict[str, Any], terms: dict[str, str]) -> bool:
    return all(fold(term) in fold(str(one.get(name) or "")) for name, term in terms.items())
