"""What a look into a file shows, and the bounds of it."""

from __future__ import annotations

from dataclasses import dataclass

from quanmin.opendata.preview.shape import Map
from quanmin.text import Text

ROWS = 5_000
"""Rows that are read at most."""
COLUMNS = 200
CELL = 200
"""Characters of a cell that are shown at most."""
READ = 1 << 20
"""Bytes of a text that are read at most."""
WHOLE = 16 << 20
"""Bytes of a file that has to be read wholly (JSON, GeoJSON, a workbook) at most."""
EXPANDED = 64 << 20
"""Bytes to which a workbook or a group of rows may expand."""
PIXELS = 50_000_000
"""Of a picture that is shown."""
POINTS = 200_000
"""Of shapes that are drawn."""
MEMBERS = 200
"""Of an archive that are listed."""


@dataclass(frozen=True)
class Rows:
    """The first rows of a table, every value as text ("" for none); `more` says that there are further ones.

    `total` is the number of all rows, where the file says it.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: bool
    total: int | None = None


@dataclass(frozen=True)
class Words:
    """The beginning of a text."""

    text: str
    more: bool


@dataclass(frozen=True)
class Picture:
    """A picture that a browser may be handed: its size in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class Members:
    """What an archive holds: names with their sizes in bytes when expanded."""

    members: tuple[tuple[str, int], ...]
    more: bool


@dataclass(frozen=True)
class Refused:
    """There is no look, and why."""

    why: Text


Look = Rows | Words | Picture | Map | Members | Refused

BROKEN = Refused(
    Text("文件内容与其格式不符，无法预览", "the file is not what its format says; it cannot be shown here")
)
LARGE = Refused(Text("文件过大，不在此预览，请下载", "the file is too large to be shown here; download it"))
SLOW = Refused(Text("预览超时，请下载查看", "showing it took too long; download it"))
BOMB = Refused(
    Text("文件展开后过大，为安全起见不预览", "the file expands to far more than it should; it is not opened here")
)
NEVER = Refused(Text("此格式没有预览，请下载查看", "there is no preview of this format; download it"))
EMPTY = Refused(Text("文件没有内容", "the file is empty"))


class Unfit(Exception):
    """A look that ends here, with what is shown in its place."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.why.en)
        self.refused = refused


def cell(value: object) -> str:
    """A value as it is shown: nothing for none, and no more of it than fits."""
    text = "" if value is None else str(value)
    return text if len(text) <= CELL else text[: CELL - 1] + "…"
