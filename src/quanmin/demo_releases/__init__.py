"""The releases of the demonstration: recipes as an office would write them, run by one person and let out by another.

Reads the demo's lake through disclosure control; writes its portal. A table that its rules refuse (a small province has few
people in some cells) is told and not published; nothing is made easier for it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from quanmin.lake import Lake
from quanmin.opendata.release import Releases
from quanmin.opendata.release.errors import NothingToRelease
from quanmin.text import Text
from quanmin.trust import Actor, local_administrator

__all__ = ["NAMES", "Opened", "open_data", "recipes"]

OFFICER, CHECKER = "demo-release-officer", "demo-release-checker"
SERIES = {
    "hebei-population": Text("河北省人口统计", "Population statistics of Hebei"),
    "hebei-vital": Text("河北省生命统计", "Vital statistics of Hebei"),
}
NAMES = (
    "population-age-sex",
    "residents-city-sex",
    "births-year-sex",
    "births-city",
    "deaths-year-sex",
    "deaths-cause",
    "education-age",
    "marital-status-age",
    "marriages-period",
    "insurance-city",
    "employment-occupation",
    "residents-microdata",
    "migrants-city",
    "residence-type",
    "degrees-year",
    "contraception-age",
)
_ABOUT = Text(
    "由模拟省份的数据经披露控制得出的系列表。",
    "A series of tables made of the simulated province by disclosure control.",
)


@dataclass(frozen=True)
class Opened:
    """What the demonstration released: how many went out, and by name what refused the others."""

    published: int
    refused: dict[str, list[str]]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return {"published": self.published, "refused": self.refused}


def recipes() -> dict[str, str]:
    """Every recipe by its name, in the order in which they are run: what is asked for most goes first."""
    folder = resources.files(__package__)
    return {name: folder.joinpath(f"{name}.toml").read_text("utf-8") for name in NAMES}


def open_data(lake: Lake, officer: Actor | None = None, checker: Actor | None = None) -> Opened:
    """Run every recipe and let out what holds; without accounts two people share the local administrator's keyboard."""
    releases = Releases.open(lake)
    runs = officer or replace(local_administrator(), id=OFFICER)
    checks = checker or replace(local_administrator(), id=CHECKER)
    releases.portal.catalogue.publish_all([_series(name, title) for name, title in SERIES.items()], checks.id)
    refused: dict[str, list[str]] = {}
    published = Counter[str]()
    for name, text in recipes().items():
        try:
            made = releases.run(runs, text)
        except NothingToRelease as error:  # a very small province has nobody of some kind
            refused[name] = [error.code]
            continue
        if made.state == "proposed":
            published[releases.approve(checks, made.number, standing=made.refresh).state] += 1
        else:
            refused[name] = sorted({one["code"] for one in made.findings if one["weight"] in ("refused", "reason")})
    return Opened(published["published"], refused)


def _series(name: str, title: Text) -> dict[str, Any]:
    return {
        "@type": "dcat:DatasetSeries",
        "dct:identifier": name,
        "quanmin:name": name,
        "dct:title": title._asdict(),
        "dct:description": _ABOUT._asdict(),
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫生健康委员会", "en": "Health Commission"}},
        "quanmin:access": "public",
        "dcat:theme": ["SOCI"],
        "quanmin:area": ["population_coordination"],
    }
