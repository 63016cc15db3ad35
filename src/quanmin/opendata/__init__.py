"""Open data: what may leave the house for everybody, proven safe, described, found and used.

Reads tables and records through the gate under the purpose of open data, and what was released; writes releases, the catalogue
and what the public adds to it. Promises: nothing leaves without its evidence, nobody can be found in what left, and holds
nothing about a person itself.
"""

from quanmin.opendata.access import ANYBODY, Reader, require
from quanmin.opendata.portal import Portal

__all__ = ["ANYBODY", "Portal", "Reader", "require"]
