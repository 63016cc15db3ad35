"""What the actions work on: the portal and its catalogue, the register of identities, the way packages are shown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property

from quanmin.opendata.catalogue import Catalogue, Document
from quanmin.opendata.catalogue import Standing as Folded
from quanmin.opendata.catalogue.errors import UnknownRecord
from quanmin.opendata.ckan.caller import Caller, require
from quanmin.opendata.ckan.errors import DatasetGone, NotEditor, NothingThere
from quanmin.opendata.ckan.package import MARK, Look, Standing, listed
from quanmin.opendata.portal import Portal
from quanmin.settings import Settings
from quanmin.trust import identity


class Site:
    """One installation, as its CKAN face sees it.

    `registry` is asked for when it is needed; `order` has a large table indexed for an account, while whoever asks waits.
    """

    def __init__(
        self,
        portal: Portal,
        registry: Callable[[], identity.Registry],
        order: Callable[[str, str], None] = lambda _table, _account: None,
    ) -> None:
        self.portal, self._registry, self.order = portal, registry, order
        self.writing = threading.Lock()
        """Held while a record is read, changed and kept, so that of two changes neither is lost."""

    @property
    def settings(self) -> Settings:
        """The settings of the installation."""
        return self.portal.settings

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue."""
        return self.portal.catalogue

    @property
    def registry(self) -> identity.Registry:
        """The register of identities."""
        return self._registry()

    @cached_property
    def look(self) -> Look:
        """How packages are shown."""
        return Look(self.settings.language, self.settings.origin.rstrip("/"))

    def tree(self) -> identity.organisation.Tree:
        """The organisations of the installation."""
        return identity.organisation.tree(self.registry)

    def found(self, key: str, caller: Caller) -> tuple[Document, Standing, Folded]:
        """The document with this id or name that the caller may see; a draft for its editors only. DatasetGone, NothingThere."""
        try:
            folded = self.catalogue.get(key[:200])
        except UnknownRecord:
            raise NothingThere(name=key[:100]) from None
        created = folded.versions[0].step.at
        if folded.document is not None:
            return folded.document, Standing(created, folded.since), folded
        if folded.state == "withdrawn":
            newest = folded.newest
            raise DatasetGone(
                name=str(newest["quanmin:name"]), day=folded.since.date().isoformat(), reason=folded.reason or ""
            )
        draft = folded.newest
        self._may_see(draft, caller, key)
        return draft, Standing(created, folded.versions[-1].step.at, True), folded

    def _may_see(self, draft: Document, caller: Caller, key: str) -> None:
        """What is not published is not there for anybody but its editors."""
        try:
            require(caller, draft["dct:publisher"]["dct:identifier"], self.tree() if caller.edits else EMPTY)
        except NotEditor:
            raise NothingThere(name=key[:100]) from None

    def resource(self, key: str, caller: Caller) -> tuple[Document, Standing, int]:
        """The document and the place of the distribution that a resource id means. NothingThere, DatasetGone."""
        record, _, local = key.rpartition(MARK)
        if not record or len(key) > 300:
            raise NothingThere(name=key[:100])
        document, standing, _ = self.found(record, caller)
        for place, one in enumerate(listed(document.get("dcat:distribution"))):
            if one["dct:identifier"] == local:
                return document, standing, place
        raise NothingThere(name=key[:100])


EMPTY = identity.organisation.Tree({})
