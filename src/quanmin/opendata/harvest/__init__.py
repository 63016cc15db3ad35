"""The harvester: records of other portals, taken into the catalogue with their source.

Reads DCAT, data.json, CKAN, Data Packages and core metadata by HTTP from the host that an operator named; writes records, and
reports. Promises that a source that cannot be read wholly changes nothing, that no other host is asked, that a run ends, and that
it tells of every record what became of it.
"""

from quanmin.opendata.harvest.fetch import Limits
from quanmin.opendata.harvest.run import Report, run
from quanmin.opendata.harvest.source import FORMATS, Known, Source, add, get, sources, stop

__all__ = ["FORMATS", "Known", "Limits", "Report", "Source", "add", "get", "run", "sources", "stop"]
