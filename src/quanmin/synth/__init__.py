"""Synth: the people of a simulated province, deterministic by seed.

Reads the standards; writes nothing yet: `arrive` and `grown` make the people of a partition with families, homes, numbers,
names and careers, and the files of the agencies come next. Promises that the same seed gives the same people.
"""

from quanmin.synth.number import Register
from quanmin.synth.person import People, arrive, grown
from quanmin.synth.pool import Pools, pools
from quanmin.synth.territory import Territory

__all__ = ["People", "Pools", "Register", "Territory", "arrive", "grown", "pools"]
