"""A look into a file that the portal gives away before it is downloaded: first rows, words, a picture, shapes, members.

Reads files of the storage by their checksum and writes nothing. Promises that a look takes little memory and little time
whatever the file holds, and never raises: what is broken, too large or cannot be shown is told in words instead.
"""

from quanmin.opendata.preview.figure import figure
from quanmin.opendata.preview.look import Look, Members, Picture, Refused, Rows, Words
from quanmin.opendata.preview.looker import Looker, look
from quanmin.opendata.preview.shape import Drawn, Map, drawn

__all__ = [
    "Drawn",
    "Look",
    "Looker",
    "Map",
    "Members",
    "Picture",
    "Refused",
    "Rows",
    "Words",
    "drawn",
    "figure",
    "look",
]
