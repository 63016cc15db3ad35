"""Which of a record's distributions is its table, as the forms that describe a table take it."""

from __future__ import annotations

from collections.abc import Sequence

from quanmin.opendata.catalogue.record import Distribution, Record


def table(record: Record, formats: Sequence[str]) -> Distribution | None:
    """The first distribution that can be downloaded, of the first of some formats that there is one of; None without."""
    for name in formats:
        for one in record.distributions:
            if one.download_url and one.format and one.format.code == name:
                return one
    return None


def sha256(one: Distribution) -> str | None:
    """Its SHA-256, if that is its checksum."""
    return one.checksum[1].lower() if one.checksum and one.checksum[0].casefold() in ("sha256", "sha-256") else None
