"""The files that the portal gives away, each named by the SHA-256 of what it holds.

Reads and writes one folder. Promises that a name always leads to the same bytes, that a file is there wholly or not at all,
whatever is killed while it is written, and that nothing outside of the folder can be reached by a name.
"""

from quanmin.opendata.storage.storage import Kept, Storage

__all__ = ["Kept", "Storage"]
