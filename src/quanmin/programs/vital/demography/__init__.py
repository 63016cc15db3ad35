"""Demography: life tables, fertility, mortality, age statements, completeness and projection, from arrays of counts.

Pure methods on NumPy: no table is read and nothing is written here. Ages are `AgeGroups`, counts are refused with the place
of what is wrong, and each method names its source.
"""

from quanmin.programs.vital.demography.age import AgeGroups
from quanmin.programs.vital.demography.life_table import LifeTable, LifeTables, life_table, life_tables

__all__ = ["AgeGroups", "LifeTable", "LifeTables", "life_table", "life_tables"]
