"""The seal of the ledger's documents: fields that name people, or hold what somebody wrote about them, under one key."""

from __future__ import annotations

import base64

from quanmin.ledger.seal import LOST, provide
from quanmin.settings import Settings
from quanmin.trust.keys.errors import KeyGone
from quanmin.trust.keys.store import open_store
from quanmin.trust.keys.suite import context

KEY = "field/document"


class DocumentSeal:
    """Opens and closes with the installation's key for documents, which is made the first time; see `ledger.seal.Seal`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def close(self, text: str, place: str) -> str:
        """The text encrypted for its place, in base 64."""
        token = open_store(self._settings).encrypt(KEY, text.encode(), context(KEY, place))
        return base64.b64encode(token).decode()

    def open(self, sealed: str, place: str) -> str:
        """The text; Altered where anything differs."""
        return open_store(self._settings).decrypt(KEY, base64.b64decode(sealed), context(KEY, place)).decode()

    def words(self, sealed: str, place: str) -> str:
        """The text, or stars where the version of the key was revoked or destroyed; Altered where anything differs."""
        try:
            return self.open(sealed, place)
        except KeyGone:
            return LOST


provide(DocumentSeal)
