"""A request as a page sees it: the language, who asks, how the page is to look, and the stages that person may use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from starlette.requests import Request

from quanmin.installation import Installation
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.text import Language
from quanmin.trust import Actor, identity
from quanmin.web.errors import NoAccounts
from quanmin.web.place import Place

MODES = ("elder", "contrast")
"""How a page may be made easier to read."""


@dataclass(frozen=True)
class Ask:
    """One request. `actor` is None where nobody signed in; `token` is the session's, for signing out and rotating."""

    place: Place
    request: Request
    language: Language
    actor: Actor | None
    token: str | None
    modes: frozenset[str]
    base: str

    @property
    def lake(self) -> Lake:
        """The lake and its ledger."""
        return self.place.lake

    @property
    def registry(self) -> identity.Registry:
        """The register of identities."""
        return self.place.registry

    @property
    def settings(self) -> Settings:
        """The settings of the installation."""
        return self.place.settings

    @property
    def who(self) -> Actor:
        """Whoever signed in; pages that need it are only reached by those who did."""
        if self.actor is None:
            raise NoAccounts()
        return self.actor

    @cached_property
    def home(self) -> Installation:
        """The stages as the actor may use them."""
        return self.place.installation(self.who)

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return self.request.client.host if self.request.client else "unknown"

    @property
    def path(self) -> str:
        """The address within the face and language, such as `/receipts/12`."""
        whole = self.request.url.path
        return whole[len(self.base) + 3 :].removesuffix(".json") or "/"

    def url(self, path: str, language: Language | None = None) -> str:
        """The address of a page of this face."""
        return f"{self.base}/{language or self.language}{path}"

    def holds(self, *roles: str) -> bool:
        """Whether the actor holds one of the roles."""
        return self.actor is not None and bool(self.actor.roles & set(roles))
