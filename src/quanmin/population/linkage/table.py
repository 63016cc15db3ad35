"""`linked.link`: for each record that was set aside and may still speak of somebody, the best candidate and the decision."""

from __future__ import annotations

import pyarrow as pa

LINK = "linked.link"

LINK_SCHEMA = pa.schema(
    [
        ("bucket", pa.int32()),
        ("person_key", pa.int64()),
        ("dataset", pa.string()),
        ("_source", pa.string()),
        ("_batch", pa.int64()),
        ("_row", pa.int64()),
        ("weight", pa.float64()),
        ("probability", pa.float64()),
        ("margin", pa.float64()),
        ("decision", pa.string()),
        ("model", pa.int64()),
    ]
)
"""`weight` is log2 of the odds, `margin` how far the next candidate is behind, `model` the version of the model.

The bucket is the person's, not the record's.
"""
