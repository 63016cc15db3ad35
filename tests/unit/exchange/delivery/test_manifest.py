"""The manifest is read strictly: whatever is wrong is refused by its address, and nothing crashes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.errors import QuanminError
from quanmin.exchange.canonical import canonical
from quanmin.exchange.delivery import schema as schemas
from quanmin.exchange.delivery.manifest import CHUNK_BYTES, MOST_CHUNKS, Chunk, Manifest, checked_name, read

ID = "social_security." + "0" * 24


def made(**changed) -> Manifest:
    told = {
        "id": ID,
        "agreement": "A-2026-0001;v=2",
        "sender": "social_security",
        "receiver": "health",
        "event": 1,
        "content": "file",
        "dataset": "health.birth",
        "format": "csv",
        "file": "出生.csv",
        "rows": 2,
        "bytes": 5,
        "sha256": "a" * 64,
        "made": datetime(2026, 11, 28, tzinfo=UTC),
        "sealed": False,
        "compressed": False,
        "chunks": (Chunk(1, 3, "b" * 64), Chunk(2, 2, "c" * 64)),
    }
    return Manifest(**told | changed)


def altered(**changed) -> bytes:
    return canonical(json.loads(made().text()) | changed)


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert read(made().text()) == made()
    assert read(made(rows=None, answers=ID, since=3, snapshot=4).text()).answers == ID
    assert made().size == 5 and made().terms == "A-2026-0001"
    assert made().chunk(2) == Chunk(2, 2, "c" * 64) and made().chunk(0) is None and made().chunk(3) is None


SCHEMA = {
    "fields": [
        {"name": "certificate_no", "type": "string", "constraints": {"required": True}},
        {"name": "region", "type": "string"},
        {"name": "_change", "type": "string"},
    ],
    "missingValues": [],
    "primaryKey": ["certificate_no", "region"],
    "optionalKey": ["region"],
}
FIELD = {"name": "a", "type": "date"}


def test_a_schema_is_a_member_only_where_there_is_one() -> None:
    """A manifest without one is the bytes that it was before there were schemas."""
    assert b"schema" not in made().text()
    assert made().digest() == "d8903b7798219fbddc53e64972165a04276bfa0be6ac36ee6404dbe1a8dd7809"
    schema = schemas.read(SCHEMA)
    assert schema.to_dict() == SCHEMA and schema.optional == ("region",)
    own = made(format="ndjson", schema=schema)
    assert read(own.text()) == own and json.loads(own.text())["schema"] == SCHEMA
    assert own.summary()["schema"] == SCHEMA and own.digest() != made(format="ndjson").digest()
    plain = schemas.read({"fields": [FIELD], "missingValues": []})
    assert (plain.key, plain.optional, plain.to_dict()) == ((), (), {"fields": [FIELD], "missingValues": []})


@pytest.mark.parametrize(
    ("changed", "member"),
    [
        ({"fields": []}, "schema.fields"),
        ({"fields": {}}, "schema.fields"),
        ({"fields": [FIELD | {"name": f"a{number}"} for number in range(1002)]}, "schema.fields"),
        ({"fields": [FIELD, FIELD]}, "schema.fields"),
        ({"fields": [FIELD, 1]}, "schema.fields[2]"),
        ({"fields": [FIELD | {"format": "any"}]}, "schema.fields[1]"),
        ({"fields": [{"name": "a"}]}, "schema.fields[1]"),
        ({"fields": [FIELD | {"name": "a b"}]}, "schema.fields[1].name"),
        ({"fields": [FIELD | {"name": "a" * 66}]}, "schema.fields[1].name"),
        ({"fields": [FIELD | {"name": 1}]}, "schema.fields[1].name"),
        ({"fields": [FIELD | {"type": "geojson"}]}, "schema.fields[1].type"),
        ({"fields": [FIELD | {"type": ["date"]}]}, "schema.fields[1].type"),
        ({"fields": [FIELD | {"constraints": {}}]}, "schema.fields[1].constraints"),
        ({"fields": [FIELD | {"constraints": None}]}, "schema.fields[1].constraints"),
        ({"fields": [FIELD | {"constraints": {"required": False}}]}, "schema.fields[1].constraints"),
        ({"fields": [FIELD | {"constraints": {"required": 1}}]}, "schema.fields[1].constraints"),
        ({"fields": [FIELD | {"constraints": {"required": True, "enum": []}}]}, "schema.fields[1].constraints"),
        ({"missingValues": [""]}, "schema.missingValues"),
        ({"missingValues": None}, "schema.missingValues"),
        ({"primaryKey": []}, "schema.primaryKey"),
        ({"primaryKey": "region"}, "schema.primaryKey"),
        ({"primaryKey": ["region", "region"]}, "schema.primaryKey"),
        ({"primaryKey": ["name"]}, "schema.primaryKey"),
        ({"primaryKey": [["region"]]}, "schema.primaryKey"),
        ({"optionalKey": ["_change"]}, "schema.optionalKey"),
        ({"optionalKey": []}, "schema.optionalKey"),
        ({"foreignKeys": []}, "schema"),
    ],
)
def test_a_schema_that_cannot_be_is_refused_by_its_address(changed, member) -> None:
    with pytest.raises(QuanminError) as caught:
        read(altered(format="ndjson", schema=SCHEMA | changed))
    assert (caught.value.code, caught.value.fields["member"]) == ("QM-EXCHANGE-070", member)


@pytest.mark.parametrize(("form", "schema"), [("csv", SCHEMA), ("parquet", SCHEMA), ("ndjson", None), ("ndjson", [])])
def test_a_schema_is_of_lines_only_and_never_empty(form, schema) -> None:
    with pytest.raises(QuanminError) as caught:
        read(altered(format=form, schema=schema))
    assert (caught.value.code, caught.value.fields["member"]) == ("QM-EXCHANGE-070", "schema")


PIECE = {"number": 1, "bytes": 5, "sha256": "b" * 64}


@pytest.mark.parametrize(
    ("changed", "member"),
    [
        ({"id": "other." + "0" * 24}, "id"),
        ({"id": "../x"}, "id"),
        ({"agreement": "A-1"}, "agreement"),
        ({"sender": "../up"}, "sender"),
        ({"receiver": "social_security"}, "receiver"),
        ({"event": 0}, "event"),
        ({"event": True}, "event"),
        ({"content": "gift"}, "content"),
        ({"content": ["file"]}, "content"),
        ({"dataset": "x/y"}, "dataset"),
        ({"format": "exe"}, "format"),
        ({"rows": -1}, "rows"),
        ({"bytes": 6}, "bytes"),
        ({"bytes": 1 << 41}, "bytes"),
        ({"sha256": "A" * 64}, "sha256"),
        ({"made": "yesterday"}, "made"),
        ({"made": "2026-11-28"}, "made"),
        ({"made": 5}, "made"),
        ({"sealed": 1}, "sealed"),
        ({"compressed": None}, "compressed"),
        ({"chunks": []}, "chunks"),
        ({"chunks": {}}, "chunks"),
        ({"chunks": [PIECE] * (MOST_CHUNKS + 1)}, "chunks"),
        ({"chunks": [PIECE | {"number": 2}]}, "chunks[1]"),
        ({"chunks": [PIECE | {"more": 1}]}, "chunks[1]"),
        ({"chunks": [PIECE | {"bytes": CHUNK_BYTES + 1}]}, "chunks[1].bytes"),
        ({"chunks": [PIECE, PIECE | {"number": 2, "sha256": "x"}]}, "chunks[2].sha256"),
        ({"answers": "nothing"}, "answers"),
        ({"snapshot": "3"}, "snapshot"),
        ({"since": 1 << 63}, "since"),
        ({"extra": 1}, "?"),
    ],
)
def test_what_cannot_be_is_refused_by_its_address(changed, member) -> None:
    with pytest.raises(QuanminError) as caught:
        read(altered(**changed))
    assert (caught.value.code, caught.value.fields["member"]) == ("QM-EXCHANGE-070", member)


def test_a_missing_member_is_named() -> None:
    for name in json.loads(made().text()):
        told = json.loads(made().text())
        del told[name]
        with pytest.raises(QuanminError) as caught:
            read(canonical(told))
        assert caught.value.fields["member"] == name


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"id":1.5}',
        b'{"id":NaN}',
        b"[" * 100_000,
        made().text() + b" ",
        made().text().replace(b'"event":1', b'"event":1,"event":1'),
        json.dumps(json.loads(made().text())).encode(),
        b"\xff\xfe",
    ],
)
def test_what_is_not_its_canonical_text_is_refused(text) -> None:
    with pytest.raises(QuanminError) as caught:
        read(text)
    assert caught.value.code == "QM-EXCHANGE-070"


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", ".hidden", "a/b", "a\\b", "../a", "a\0b", "a\nb", " a", "a ", "c:a", "a."),
        *("x" * 201, "出" * 100, "e\u0301.csv", "\u202egnp.csv", 5, None),
    ],
)
def test_names_with_tricks_are_refused(name) -> None:
    with pytest.raises(QuanminError) as caught:
        checked_name(name)
    assert caught.value.code == "QM-EXCHANGE-087"
    assert str(name) == "" or str(name) not in str(caught.value) or len(str(name)) < 3


@given(at=st.integers(0, len(made().text()) - 1), byte=st.integers(0, 255))
def test_any_byte_changed_is_refused_or_is_another_manifest(at, byte) -> None:
    text = bytearray(made().text())
    text[at] = byte
    try:
        told = read(bytes(text))
    except QuanminError:
        return
    assert told.text() == bytes(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda some: (
            st.lists(some, max_size=3) | st.dictionaries(st.sampled_from(list(json.loads(made().text()))), some)
        ),
        max_leaves=8,
    ),
    st.sampled_from([*json.loads(made().text()), "schema"]),
)
def test_any_value_of_any_member_is_read_or_refused(value, member) -> None:
    try:
        read(altered(**{member: value}))
    except QuanminError as error:
        assert error.code in ("QM-EXCHANGE-070", "QM-EXCHANGE-087")
