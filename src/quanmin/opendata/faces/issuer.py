"""Who issues the catalogue: what an installation says of itself in every standard that asks for it.

Read from the file that `QUANMIN_CATALOGUE_PROFILE` names. What the file does not say is not said: a health data access body or
a law that applies is a fact, which nobody can guess.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from quanmin.opendata.catalogue.record import Contact
from quanmin.opendata.faces.errors import BadProfile
from quanmin.settings import Settings
from quanmin.text import Text

TITLE = Text("开放数据目录", "Open data catalogue")
DESCRIPTION = Text("本平台开放的全部数据集。", "Every dataset that this platform opens.")
_KNOWN = {
    "": {"title", "description", "publisher", "health"},
    "health": {"access_body", "applicable_legislation", "health_category", "dataset_type", "provenance"},
    "health.access_body": {"name", "email", "page"},
}


@dataclass(frozen=True, slots=True)
class Body:
    """A health data access body, with one or both ways to reach it."""

    name: Text
    email: str | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """What is said of the catalogue, and of each health record that does not say it itself.

    `origin` is the beginning of every address; `contact` answers questions about data whose record names nobody.
    """

    origin: str
    title: Text = TITLE
    description: Text = DESCRIPTION
    publisher: Text | None = None
    contact: Contact | None = None
    access_body: Body | None = None
    legislation: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    dataset_type: str | None = None
    provenance: Text | None = None

    @property
    def name(self) -> Text:
        """Its publisher; without one its host, which is known to everybody who reads it."""
        host = urlsplit(self.origin).netloc
        return self.publisher or Text(host, host)

    def absolute(self, address: str) -> str:
        """An address as others use it."""
        return self.origin + address if address.startswith("/") else address

    def page(self, name: str) -> str:
        """The permanent address of a record, which is its IRI too."""
        return f"{self.origin}/datasets/{name}"

    @classmethod
    def of(cls, settings: Settings) -> Issuer:
        """What an installation says; BadProfile."""
        said = _read(settings.catalogue_profile) if settings.catalogue_profile else {}
        health = said.get("health", {})
        defaults = {name: _text(said, name) for name in ("title", "description", "publisher") if name in said}
        contact = None
        if settings.contact_email or settings.contact_name:
            contact = Contact(settings.contact_name or settings.contact_email, settings.contact_email or None, None)
        if "publisher" not in defaults and settings.contact_name:
            defaults["publisher"] = Text(settings.contact_name, settings.contact_name)
        return cls(
            settings.origin,
            **defaults,
            contact=contact,
            access_body=_body(health.get("access_body")),
            legislation=_words(health, "applicable_legislation"),
            categories=_words(health, "health_category"),
            dataset_type=next(iter(_words(health, "dataset_type")), None),
            provenance=_text(health, "provenance") if "provenance" in health else None,
        )


def _read(file: Path) -> Mapping[str, Any]:
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadProfile(place="-", reason=type(error).__name__) from None
    parts = {"": said, "health": said.get("health", {})}
    parts["health.access_body"] = parts["health"].get("access_body", {}) if isinstance(parts["health"], dict) else None
    for place, part in parts.items():
        if not isinstance(part, dict) or set(part) - _KNOWN[place]:
            raise BadProfile(place=place or "-", reason="unknown or misshapen")
    return said


def _text(said: Mapping[str, Any], name: str) -> Text:
    value = said[name]
    if isinstance(value, dict) and set(value) == {"zh", "en"} and all(isinstance(v, str) and v for v in value.values()):
        return Text(value["zh"], value["en"])
    raise BadProfile(place=name, reason="zh, en")


def _words(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = said.get(name, [])
    many = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) and one for one in many):
        raise BadProfile(place=name, reason="text")
    return tuple(many)


def _body(said: Mapping[str, Any] | None) -> Body | None:
    if said is None:
        return None
    email, page = said.get("email"), said.get("page")
    if "name" not in said or not (email or page) or not all(isinstance(v, str | None) for v in (email, page)):
        raise BadProfile(place="health.access_body", reason="name, email, page")
    return Body(_text(said, "name"), email, page)
