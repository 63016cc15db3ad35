"""Who may have the data of a record, by its kind of access."""

from __future__ import annotations

from typing import Any

import pytest

from quanmin.errors import QuanminError
from quanmin.opendata import ANYBODY, Reader, require
from quanmin.opendata.catalogue import read

CASES = {
    ("public", "anybody"): None,
    ("public", "account"): None,
    ("registered", "anybody"): "QM-ACCESS-002",
    ("registered", "account"): None,
    ("registered", "granted"): None,
    ("application", "anybody"): "QM-ACCESS-003",
    ("application", "account"): "QM-ACCESS-003",
    ("application", "granted"): None,
    ("closed", "anybody"): "QM-ACCESS-001",
    ("closed", "account"): "QM-ACCESS-001",
    ("closed", "granted"): "QM-ACCESS-001",
}
READERS = {"anybody": ANYBODY, "account": Reader("a"), "granted": Reader("a", frozenset({"one"}))}


@pytest.mark.parametrize(("access", "reader"), CASES)
def test_the_kind_of_access_decides(access: str, reader: str) -> None:
    document: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "dct:identifier": "one",
        "quanmin:name": "one",
        "dct:title": {"zh": "一"},
        "dct:description": {"zh": "一"},
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫生"}},
        "quanmin:access": access,
    }
    expected, refused = CASES[access, reader], None
    try:
        require(read(document), READERS[reader])
    except QuanminError as error:
        refused = error.code
    assert refused == expected
