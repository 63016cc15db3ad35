"""A catalogue as it is used: everything that its folder holds, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from quanmin.standards.dataset import Dataset
from quanmin.standards.errors import UnknownAgency, UnknownDataset
from quanmin.standards.frame import Agency, Area, Level, Subsystem
from quanmin.standards.indicator import Indicators
from quanmin.standards.item import Item
from quanmin.standards.region import RegionTable
from quanmin.standards.value_set import ValueSet
from quanmin.text import Text


@dataclass(frozen=True)
class Catalogue:
    """One catalogue; `value_sets` are named with their version."""

    levels: Mapping[str, Level]
    areas: Mapping[str, Area]
    subsystems: Mapping[str, Subsystem]
    agencies: Mapping[str, Agency]
    value_sets: Mapping[str, ValueSet]
    regions: RegionTable
    datasets: Mapping[str, Dataset]
    items: tuple[Item, ...]
    error_codes: Mapping[str, Text]
    indicators: Indicators = field(default_factory=Indicators)

    def dataset(self, dataset: str) -> Dataset:
        """The dataset with this id; `UnknownDataset` if there is none."""
        found = self.datasets.get(dataset)
        if found is None:
            raise UnknownDataset(dataset=dataset)
        return found

    def agency(self, agency: str) -> Agency:
        """The agency with this id or alias, or in a division (`health_420000`); `UnknownAgency` if there is none."""
        for found in self.agencies.values():
            if agency == found.id or agency in found.aliases:
                return found
        within = self.body(agency)
        if within is None:
            raise UnknownAgency(agency=agency)
        return within

    def body(self, name: str) -> Agency | None:
        """The agency with this id, or in a division that is or was one; None if there is none."""
        found = self.agencies.get(name)
        kind, _, division = name.rpartition("_")
        agency = self.agencies.get(kind)
        if found is not None or agency is None:
            return found
        return agency.within(division, self.regions.full_name(division)) if self.regions.ever_one(division) else None

    def called(self, name: str) -> Text:
        """What whoever has this name is called: the title of the agency, else the name."""
        found = self.body(name)
        return found.title if found is not None else Text(name, name)

    def item(self, item: str) -> Item:
        """The item with this id; KeyError if there is none."""
        return next(found for found in self.items if found.id == item)

    @property
    def sources(self) -> tuple[Dataset, ...]:
        """The datasets about persons from which the base is made: those that an item names, in the catalogue's order.

        Others about persons are kept and shared as they are, and say nothing about who exists.
        """
        named = {claim.dataset for item in self.items for claim in item.sources}
        return tuple(one for one in self.datasets.values() if one.person is not None and one.id in named)

    @property
    def benchmark(self) -> Dataset | None:
        """The dataset that decides who exists, if the catalogue has one."""
        return next((dataset for dataset in self.datasets.values() if dataset.benchmark), None)
