"""Which encoding a text is in: UTF-8 or GB18030, decided over the whole stream, never over its beginning.

A reader first takes a text for UTF-8 as long as every byte of it is. When one is not, `whole_encoding` looks at all of it:
a text that decodes as GB18030 throughout is GB18030, unless some of its lines are plainly UTF-8; then two encodings were
pasted together, and the line where the second one begins is named.
"""

from __future__ import annotations

import codecs
import re
from typing import Literal

from quanmin.collect.errors import MixedEncodings
from quanmin.collect.sent_file import SentFile

Encoding = Literal["utf-8", "gb18030"]

BOM = b"\xef\xbb\xbf"
_BLOCK = 4 << 20

# A run of two or more Chinese characters in UTF-8, with ASCII on both sides.
_UTF8_RUN = re.compile(rb"(?<![\x80-\xff])(?:[\xe4-\xe9][\x80-\xbf]{2}){2,}(?![\x80-\xff])")


class NotUtf8(Exception):
    """Raised while a text is read as UTF-8 and is not; never leaves this package."""


def first_encoding(sent: SentFile) -> Encoding:
    """UTF-8 if the first block is; otherwise what the whole stream says."""
    with sent.open() as stream:
        data = stream.read(_BLOCK)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return whole_encoding(sent)
    return "utf-8"


def whole_encoding(sent: SentFile) -> Encoding:
    """The one encoding of the whole stream; MixedEncodings with the line if there is none."""
    verdict = _Verdict(sent.name)
    with sent.open() as stream:
        while data := stream.read(_BLOCK):
            verdict.look(data)
    verdict.look(b"", final=True)
    return verdict.encoding()


class _Verdict:
    """The two hypotheses, each with the line that refuted it (None while it stands)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._line = 1
        self._decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "gb18030")}
        self._refuted: dict[str, int] = {}
        self._surely_utf8: int | None = None

    def encoding(self) -> Encoding:
        if "utf-8" not in self._refuted:
            return "utf-8"
        if self._surely_utf8 is not None:
            raise MixedEncodings(file=self._name, line=max(self._refuted["utf-8"], self._surely_utf8))
        return "gb18030"

    def look(self, data: bytes, final: bool = False) -> None:
        """Take the next bytes; both hypotheses dead is an error at the line where the second one died."""
        for encoding, decoder in self._decoders.items():
            if encoding not in self._refuted:
                self._try(encoding, decoder, data, final)
        if len(self._refuted) == len(self._decoders):
            raise MixedEncodings(file=self._name, line=max(self._refuted.values()))
        if self._surely_utf8 is None:
            self._surely_utf8 = _utf8_line(data, self._line)
        self._line += data.count(b"\n")

    def _try(self, encoding: str, decoder: codecs.IncrementalDecoder, data: bytes, final: bool) -> None:
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(data, final)
        except UnicodeDecodeError as error:
            self._refuted[encoding] = self._line + data.count(b"\n", 0, max(0, error.start - held))


def _utf8_line(data: bytes, line: int) -> int | None:
    """The first line with a run that reads as Chinese in UTF-8 and as rare characters in GB18030."""
    for run in _UTF8_RUN.finditer(data):
        inside = 0 < run.start() and run.end() < len(data)
        if inside and not _is_common_in_gb18030(run.group()):
            return line + data.count(b"\n", 0, run.start())
    return None


def _is_common_in_gb18030(run: bytes) -> bool:
    try:
        run.decode("gb18030").encode("gb2312")
    except UnicodeError:
        return False
    return True
