"""The faces of the catalogue: the one stored record as other standards write it.

Reads records (DCAT documents) and what the installation says of itself; writes nothing. Promises that every face says what the
record says and nothing else, with absolute addresses and with texts that are never markup; and that what a record lacks of a
standard is told, not invented.
"""

from quanmin.opendata.faces import core_metadata, rdf, us
from quanmin.opendata.faces.croissant import croissant
from quanmin.opendata.faces.datapackage import datapackage
from quanmin.opendata.faces.dcat import PAGE, Paging, catalogue, tombstone
from quanmin.opendata.faces.health import PROFILE, Lack
from quanmin.opendata.faces.issuer import Issuer
from quanmin.opendata.faces.record import dataset, missing
from quanmin.opendata.faces.schema_org import schema_org, script

__all__ = [
    "PAGE",
    "PROFILE",
    "Issuer",
    "Lack",
    "Paging",
    "catalogue",
    "core_metadata",
    "croissant",
    "datapackage",
    "dataset",
    "missing",
    "rdf",
    "schema_org",
    "script",
    "tombstone",
    "us",
]
