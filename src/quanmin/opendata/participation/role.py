"""Who does what in the portal besides taking part; nobody of them sees data of people for it."""

from __future__ import annotations

from quanmin.text import Text

MODERATOR = "portal_moderator"
"""Reviews reuses, hides what must not stand, and gives requests without a publisher to one."""
PUBLISHER = "data_publisher"
"""Answers for the datasets of an organisation: requests, discussions, error reports, applications."""
ROLES: dict[str, Text] = {
    MODERATOR: Text("门户审核员", "moderator of the portal"),
    PUBLISHER: Text("数据发布人", "publisher of data"),
}
