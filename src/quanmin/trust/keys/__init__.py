"""Keys: where they are kept, how they are wrapped, and what is encrypted, signed and derived with them.

Reads and writes the folder `keys` of the home and nothing else. Promises that no data key is stored in the clear, that the
master key never leaves the object that holds it, that what was encrypted under an older version can still be read until the
version is revoked or destroyed, and that a process killed at any moment leaves a whole key ring behind.
"""

from quanmin.trust.keys.document import DocumentSeal
from quanmin.trust.keys.field import Fields, Sealed, SealedColumn
from quanmin.trust.keys.master import Master
from quanmin.trust.keys.store import FileStore, KeyInfo, KeyStore, Material, open_store
from quanmin.trust.keys.stream import Opener, Sealer
from quanmin.trust.keys.suite import Suite, SuiteName, suite

__all__ = [
    "DocumentSeal",
    "Fields",
    "FileStore",
    "KeyInfo",
    "KeyStore",
    "Master",
    "Material",
    "Opener",
    "Sealed",
    "SealedColumn",
    "Sealer",
    "Suite",
    "SuiteName",
    "open_store",
    "suite",
]
