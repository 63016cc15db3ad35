"""Simulated provinces: people, their families and lives, and the files that agencies would send about them.

Reads the catalogue of standards, writes one file per agency and dataset and `truth/` beside them. Promises that the same
seed gives the same bytes, that files without injected errors pass every rule, and that `truth/` lists every error.
"""

from quanmin.synth.province import SynthReport, write
from quanmin.synth.rate import ErrorRates

__all__ = ["ErrorRates", "SynthReport", "write"]
