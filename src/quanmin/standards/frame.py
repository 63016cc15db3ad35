"""The frame in which datasets stand: levels of installation, business areas, their subsystems, and the agencies."""

from __future__ import annotations

from dataclasses import dataclass

from quanmin.text import Text


@dataclass(frozen=True, slots=True)
class Level:
    """One of the four levels at which an installation can stand."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Area:
    """One of the six business areas."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Subsystem:
    """One business subsystem of an area."""

    id: str
    area: str
    title: Text


@dataclass(frozen=True, slots=True)
class Agency:
    """A body that sends or takes data: an agency of the catalogue, or that agency in one `division`.

    `health_420000` is `health` in 420000 湖北省; `of` is then the agency of the catalogue, whose datasets it sends.
    """

    id: str
    title: Text
    aliases: tuple[str, ...] = ()
    of: str | None = None
    division: str | None = None

    @property
    def kind(self) -> str:
        """The agency of the catalogue that it is, in whatever division."""
        return self.of or self.id

    def within(self, division: str, name: str) -> Agency:
        """This agency in a division of this name."""
        title = Text(f"{name}{self.title.zh}", f"{self.title.en}, {name}")
        return Agency(f"{self.id}_{division}", title, of=self.id, division=division)
