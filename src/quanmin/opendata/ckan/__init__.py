"""The CKAN Action API (version 3) of the open data portal, so that the tools people have go on working.

Reads the catalogue and the rows of its tables; writes records and open files for editors of the catalogue. Promises the envelope,
the errors and the statuses that CKAN's clients know, that a package that comes back as it went out changes nothing, and that
nothing reaches the public by this way that only a release may open.
"""

from quanmin.opendata.ckan.action import ACTIONS, Action, find
from quanmin.opendata.ckan.caller import EDITOR, Caller
from quanmin.opendata.ckan.dump import MEDIA, dump
from quanmin.opendata.ckan.fault import told
from quanmin.opendata.ckan.given import Given
from quanmin.opendata.ckan.site import Site
from quanmin.opendata.ckan.tokens import actor_of
from quanmin.opendata.ckan.uploading import Upload

__all__ = [
    "ACTIONS",
    "EDITOR",
    "MEDIA",
    "Action",
    "Caller",
    "Given",
    "Site",
    "Upload",
    "actor_of",
    "dump",
    "find",
    "told",
]
