"""What the pages of one server share: settings, the store as long as it can be reached, and the threads that work in it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from quanmin.installation import Installation
from quanmin.lake import Lake
from quanmin.opendata import Portal
from quanmin.opendata.keys import Keys
from quanmin.opendata.participation import paper
from quanmin.opendata.release import Releases
from quanmin.population.lookup import Desk
from quanmin.settings import Settings
from quanmin.trust import Actor, identity
from quanmin.trust.identity import Site
from quanmin.trust.identity import account as accounts

T = TypeVar("T")
_FRESH = 1.0

Mark = tuple[int | str, ...]


class Place:
    """The store of a home. It is opened when it is first needed, and tried again as long as it is away."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.began = time.time()
        self._opening = threading.Lock()
        self._lake: Lake | None = None
        self._registry: identity.Registry | None = None
        self._desk: Desk | None = None
        self._portal: Portal | None = None
        self._releases: Releases | None = None
        self._head: tuple[float, Mark] = (-_FRESH, (0,))
        self._keys: Keys | None = None
        self._threads = ThreadPoolExecutor(settings.web_threads, thread_name_prefix="page")

    async def run(self, work: Callable[[], T]) -> T:
        """The result of something that reads or writes the store, on one of the few threads for it."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @property
    def lake(self) -> Lake:
        """The lake and its ledger; whatever opening raises."""
        if self._lake is None:
            with self._opening:
                if self._lake is None:
                    self._lake = Lake.open(self.settings)
        return self._lake

    @property
    def registry(self) -> identity.Registry:
        """The register of identities."""
        if self._registry is None:
            self._registry = identity.Registry.open(self.lake.ledger, self.settings, self.site)
        return self._registry

    @property
    def site(self) -> Site:
        """The server as browsers and authenticators see it."""
        host = self.settings.origin.split("://", 1)[-1].rsplit(":", 1)[0]
        return Site("quanmin", host, (self.settings.origin,))

    def installation(self, actor: Actor) -> Installation:
        """The stages, as `actor` may use them."""
        return Installation(self.lake, actor, self.desk)

    @property
    def desk(self) -> Desk:
        """Where golden records are looked up, one for all readers."""
        if self._desk is None:
            lake = self.lake
            with self._opening:
                if self._desk is None:
                    self._desk = Desk(lake)
        return self._desk

    @property
    def portal(self) -> Portal:
        """The open data portal: its catalogue and its files."""
        if self._portal is None:
            lake = self.lake
            with self._opening:
                if self._portal is None:
                    self._portal = Portal(self.settings, lake.ledger)
        return self._portal

    @property
    def has_portal(self) -> bool:
        """Whether somebody asked for the portal since the server began."""
        return self._portal is not None

    def fresh_mark(self) -> Mark | None:
        """What `mark` answered within the last second, if it was asked."""
        at, mark = self._head
        return mark if time.monotonic() - at < _FRESH else None

    def mark(self) -> Mark:
        """What public pages are made from: the newest snapshot of the lake, the state of the open catalogue, and what the public
        handed in.

        Looked at once a second at most; a page that is made afterwards shows at least that.
        """
        known = self.fresh_mark()
        if known is not None:
            return known
        mark = (self.lake.snapshot().id, *self.portal.catalogue.mark(), paper.mark(self.lake.ledger))
        self._head = (time.monotonic(), mark)
        return mark

    @property
    def keys(self) -> Keys:
        """The keys of the data API."""
        if self._keys is None:
            ledger, settings, registry = self.lake.ledger, self.settings, self.registry

            def active(account: str) -> bool:
                document = accounts.find(registry, account)
                return document is not None and document.state == "active"

            with self._opening:
                if self._keys is None:
                    self._keys = Keys(ledger, active, settings.api_day_quota, settings.api_minute_quota)
        return self._keys

    @property
    def releases(self) -> Releases:
        """The releases of open data; what a kill left half done is done when they are first asked for."""
        if self._releases is None:
            lake, portal = self.lake, self.portal
            with self._opening:
                if self._releases is None:
                    self._releases = Releases.open(lake, portal)
        return self._releases

    def snapshot(self) -> int:
        """The newest snapshot of the lake, asked for at most once a second."""
        return int(self.mark()[0])

    def close(self) -> None:
        """Let work under way end, and the connections go."""
        self._threads.shutdown(wait=True)
        if self._portal is not None:
            self._portal.looker.close()
        if self._desk is not None:
            self._desk.close()
        if self._keys is not None:
            self._keys.flush()
        if self._lake is not None:
            self._lake.close()
