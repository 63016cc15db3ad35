"""The actions by name: what each does is what `help_show` tells of it, and whether it may be asked for by GET."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from quanmin.opendata.ckan import datastore, editing, listing, searching, showing, tokens
from quanmin.opendata.ckan.caller import Caller
from quanmin.opendata.ckan.errors import ActionUnknown, NothingThere
from quanmin.opendata.ckan.given import Given
from quanmin.opendata.ckan.help import HELP
from quanmin.opendata.ckan.site import Site
from quanmin.text import Text

Work = Callable[[Site, Caller, Given], Any]


@dataclass(frozen=True)
class Action:
    """One action: `writes` means POST only, `uploads` that a file may come with it."""

    name: str
    work: Work
    writes: bool = False
    uploads: bool = False

    @property
    def help(self) -> Text:
        """What it does."""
        return Text(HELP.get(self.name, ""), " ".join((inspect.getdoc(self.work) or "").split()))


def help_show(site: Site, caller: Caller, given: Given) -> str:
    """What an action (`name`) does."""
    del site
    name = given.needed("name")
    if name not in ACTIONS:
        raise NothingThere(name=name[:100])
    return ACTIONS[name].help.get(caller.language)


_READ: tuple[Work, ...] = (
    help_show,
    showing.status_show,
    showing.site_read,
    showing.package_list,
    showing.package_show,
    showing.resource_show,
    showing.resource_search,
    searching.package_search,
    listing.organization_list,
    listing.organization_show,
    listing.organization_list_for_user,
    listing.organization_autocomplete,
    listing.group_list,
    listing.group_show,
    listing.group_autocomplete,
    listing.tag_list,
    listing.tag_show,
    listing.tag_autocomplete,
    listing.license_list,
    listing.user_list,
    listing.vocabulary_list,
    listing.resource_view_list,
    listing.package_autocomplete,
    listing.format_autocomplete,
    listing.current_package_list_with_resources,
    datastore.datastore_search,
    datastore.datastore_info,
)
_WRITTEN: tuple[Work, ...] = (
    editing.package_create,
    editing.package_update,
    editing.package_patch,
    editing.package_delete,
    editing.resource_delete,
    tokens.api_token_create,
    tokens.api_token_revoke,
)
_UPLOADED: tuple[Work, ...] = (editing.resource_create, editing.resource_update, editing.resource_patch)

ACTIONS: dict[str, Action] = {
    one.name: one
    for one in (
        *(Action(work.__name__, work) for work in _READ),
        *(Action(work.__name__, work, writes=True) for work in _WRITTEN),
        *(Action(work.__name__, work, writes=True, uploads=True) for work in _UPLOADED),
    )
}
"""Every action."""


def find(name: str) -> Action:
    """The action of a name; ActionUnknown."""
    if name not in ACTIONS:
        raise ActionUnknown(name=name[:100])
    return ACTIONS[name]
