"""Releases: what leaves the house for everybody, made by a recipe, judged, checked by a second person, proven.

Reads the lake under the purpose of open data, by decisions that owe disclosure control; writes the files, the register of
releases, the list of people's places, the records of the catalogue and documents of the ledger. Promises: no row is seen by
anybody; nothing goes out that disclosure control or a second person did not let out; what went out can be replayed by its
evidence; register and catalogue are changed both or, after a kill, both by the next who comes.

`Releases` (`office.py`) is what pages and commands use; `live.refresh` runs live datasets again, `replay.verify` verifies.
"""

from quanmin.opendata.release import live, replay, sight
from quanmin.opendata.release.life import CHECKER, OFFICER, RELEASE, STATES
from quanmin.opendata.release.office import Releases
from quanmin.opendata.release.parsing import parse
from quanmin.opendata.release.recipe import Dimension, Filter, Privacy, Recipe
from quanmin.opendata.release.release import Release

__all__ = [
    "CHECKER",
    "OFFICER",
    "RELEASE",
    "STATES",
    "Dimension",
    "Filter",
    "Privacy",
    "Recipe",
    "Release",
    "Releases",
    "live",
    "parse",
    "replay",
    "sight",
]
