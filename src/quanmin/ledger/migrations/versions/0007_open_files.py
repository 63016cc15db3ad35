"""Which records of the open catalogue a file belongs to, and how often a key of the data API was used on a day."""

from __future__ import annotations

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"

_FILE = re.compile(r"/files/([0-9a-f]{64})\.[a-z0-9.]{1,20}")


def upgrade() -> None:
    """Make the tables, and enter the files of what was published before."""
    files = op.create_table(
        "catalogue_file",
        sa.Column("sha256", sa.String, nullable=False),
        sa.Column("record", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "record", name="pk_catalogue_file"),
    )
    op.create_table(
        "api_use",
        sa.Column("key", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("day", sa.String, nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", "day", name="pk_api_use"),
    )
    published = sa.text("SELECT record, document FROM catalogue WHERE action = 'publish'")
    found: set[tuple[str, str]] = set()
    for record, document in op.get_bind().execute(published):
        found |= {(one, record) for one in _named(document)}
    if found:
        op.bulk_insert(files, [{"sha256": one, "record": record} for one, record in sorted(found)])


def _named(document: str) -> set[str]:
    """The files that a document's distributions name."""
    given = json.loads(document).get("dcat:distribution") or []
    addresses: list[object] = []
    for one in given if isinstance(given, list) else [given]:
        said = one.get("dcat:downloadURL")
        addresses += said if isinstance(said, list) else [said]
    matches = [_FILE.fullmatch(one) for one in addresses if isinstance(one, str)]
    return {one[1] for one in matches if one}
