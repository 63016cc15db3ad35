"""Readers: from the bytes an agency sends to chunks of text columns.

Reads a sent file of any format, packed or plain; writes nothing. Promises that every data row of the file is in exactly one
chunk, well formed or malformed, with its line; that text is never changed; and that memory does not depend on the file.
"""

from quanmin.collect.readers.encoding import NotUtf8
from quanmin.collect.readers.reader import Reader, open_reader

__all__ = ["NotUtf8", "Reader", "open_reader"]
