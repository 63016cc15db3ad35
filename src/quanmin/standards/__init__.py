"""The standards: what data must be.

Reads the catalogue, a folder of data files inside the package (or another folder, for another catalogue); writes nothing.
Promises: a catalogue that loads is whole (every name in it means something), every rule answers the same vectorised and
row by row, and nothing here touches a store or a network.
"""

from quanmin.standards.contents import Catalogue
from quanmin.standards.dataset import Dataset
from quanmin.standards.element import Element
from quanmin.standards.exports import describe, export
from quanmin.standards.item import Claim, Item
from quanmin.standards.reader import catalogue, load
from quanmin.standards.region import Region, RegionTable
from quanmin.standards.rules import Rule
from quanmin.standards.value_set import ValueSet
from quanmin.standards.variant import Variant, variants

__all__ = [
    "Catalogue",
    "Claim",
    "Dataset",
    "Element",
    "Item",
    "Region",
    "RegionTable",
    "Rule",
    "ValueSet",
    "Variant",
    "catalogue",
    "describe",
    "export",
    "load",
    "variants",
]
