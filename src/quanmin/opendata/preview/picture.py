"""The size of a picture, from its head alone: nothing is expanded (PNG: ISO/IEC 15948 11.2.2; JPEG: ITU-T T.81 B.2.2)."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from quanmin.opendata.preview.look import BOMB, BROKEN, PIXELS, Picture, Unfit

_PNG = b"\x89PNG\r\n\x1a\n"
_SIZED = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # the markers of frames
_SEGMENTS = 1_000


def picture(path: Path) -> Picture:
    """The size of a PNG or JPEG picture that a browser may be handed."""
    with path.open("rb") as stream:
        head = stream.read(24)
        if head[:8] == _PNG and head[12:16] == b"IHDR" and len(head) == 24:
            width, height = struct.unpack(">II", head[16:24])
        elif head[:2] == b"\xff\xd8":
            stream.seek(2)
            width, height = _frame(stream)
        else:
            raise Unfit(BROKEN)
    if not width or not height:
        raise Unfit(BROKEN)
    if width * height > PIXELS:
        raise Unfit(BOMB)
    return Picture(width, height)


def _frame(stream: BinaryIO) -> tuple[int, int]:
    """The size that the frame of a JPEG picture says."""
    for _ in range(_SEGMENTS):
        mark = stream.read(2)
        if len(mark) < 2 or mark[0] != 0xFF:
            break
        if mark[1] == 0xFF:  # a byte that fills
            stream.seek(-1, 1)
            continue
        length = int.from_bytes(stream.read(2), "big")
        if mark[1] in _SIZED:
            size = stream.read(5)
            if len(size) < 5:
                break
            height, width = struct.unpack(">HH", size[1:])
            return width, height
        if length < 2:
            break
        stream.seek(length - 2, 1)
    raise Unfit(BROKEN)
