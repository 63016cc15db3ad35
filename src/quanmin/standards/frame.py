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
    """A body that sends or takes data."""

    id: str
    title: Text
    aliases: tuple[str, ...] = ()
