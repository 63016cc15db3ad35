"""Who does what in the exchange; nobody of them sees data of people for it."""

from __future__ import annotations

from quanmin.text import Text

OPERATOR = "exchange_operator"
"""Drafts and signs agreements for a member, sends, retries, parks and recalls deliveries. Keeps no posts and no keys."""
ROLES: dict[str, Text] = {OPERATOR: Text("共享交换操作员", "operator of the exchange")}
