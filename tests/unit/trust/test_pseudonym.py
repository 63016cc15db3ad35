"""Pseudonyms and what a decision does to columns."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import stat

import numpy as np
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from quanmin.settings import Settings
from quanmin.standards import kernels
from quanmin.text import Text
from quanmin.trust import Column, Pseudonyms, transform
from quanmin.trust.errors import KeyUnreadable
from quanmin.trust.keys import block, open_store
from quanmin.trust.pseudonym import every_version

WHY = Text("因为", "because")
LI = "11010519491231002X"


def test_stable_for_a_purpose_and_different_between_purposes(settings: Settings) -> None:
    first = Pseudonyms.open(settings, "research")
    assert first.of(42) == Pseudonyms.open(settings, "research").of(42) != first.of(43)
    assert first.of(42) != Pseudonyms.open(settings, "statistics").of(42)
    assert first.column([42, None]) == [first.of(42), None]
    elsewhere = Settings(home=settings.home / "other")
    assert Pseudonyms.open(elsewhere, "research").of(42) != first.of(42)


def test_every_file_of_the_keys_is_for_its_owner_only(settings: Settings) -> None:
    Pseudonyms.open(settings, "research")
    files = list((settings.home / "keys").iterdir())
    assert {path.name.partition("-")[0] for path in files} == {"keyring.json", "lock", "master"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    (settings.home / "keys" / "keyring.json").write_bytes(b"short")
    with pytest.raises(KeyUnreadable):
        Pseudonyms.open(settings, "research")


@pytest.mark.parametrize("suite", ["international", "national"])
def test_a_column_is_what_each_value_is_and_no_two_people_are_the_same(settings: Settings, suite: str) -> None:
    marks = Pseudonyms.open(settings.model_copy(update={"crypto_suite": suite}), "research")
    keys = np.unique(np.random.default_rng(1).integers(0, 10**17, 20_000))
    column = marks.array(pa.array(keys))
    assert column.type == pa.string() and len(set(column.to_pylist())) == len(keys)
    assert {len(one) for one in column.to_pylist()} == {32}
    for place in (0, 4095, 4096, len(keys) - 1):
        assert column[place].as_py() == marks.of(int(keys[place])) == marks.of(keys[place])
        assert marks.key_of(column[place].as_py()) == keys[place]
    extremes = [None, 0, -1, 2**63 - 1, -(2**63), None]
    shown = marks.array(pa.array(extremes, pa.int64())).to_pylist()
    assert shown == marks.column(extremes) and shown[0] is shown[5] is None
    assert [marks.key_of(one) for one in shown[1:5]] == extremes[1:5]
    assert marks.array(pa.array([], pa.int64())).to_pylist() == []
    assert marks.array(pa.chunked_array([[1], [2]])).to_pylist() == [marks.of(1), marks.of(2)]


def test_a_block_is_the_cipher_over_mark_and_key() -> None:
    key = bytes(range(32))
    plain = b"quanmin\x01" + (11010519491231002).to_bytes(8, "big")
    expected = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(plain).hex()
    cipher = Cipher(algorithms.AES(key), modes.ECB())
    assert block.texts(cipher, np.array([11010519491231002])).to_pylist() == [expected]
    assert block.text(cipher, 11010519491231002) == expected
    wrong = ["0" * 32, expected[:-1], expected[:30] + "zz", expected + "00", "", " " + expected[1:]]
    assert [block.key_of(cipher, one) for one in wrong] == [None] * len(wrong)


def test_a_person_has_one_pseudonym_however_the_number_is_written_and_other_text_a_digest(settings: Settings) -> None:
    marks = Pseudonyms.open(settings, "research")
    person = marks.of(int(LI[:17]))
    texts = pa.array([LI, None, LI.lower(), "李明", LI[:-1] + "1", ""])
    shown = marks.array(texts).to_pylist()
    assert (
        shown
        == marks.column(texts.to_pylist())
        == [None if one is None else marks.of(one) for one in texts.to_pylist()]
    )
    assert shown[0] == shown[2] == person and shown[1] is None
    assert [len(one) for one in shown[3:]] == [24, 24, 24] and len(set(shown[3:])) == 3
    assert marks.array(texts.dictionary_encode()).to_pylist() == shown
    assert marks.array(kernels.decode(pa.array([int(LI[:17])]))).to_pylist() == [person]


def test_a_home_of_before_keeps_its_pseudonyms_until_they_are_rotated(settings: Settings) -> None:
    folder = settings.home / "keys"
    folder.mkdir(parents=True)
    (folder / "pseudonym.key").write_bytes(b"k" * 32)
    own = hmac.digest(b"k" * 32, b"pseudonym research", "sha256")

    def before(value: object) -> str:
        return hmac.new(own, str(value).encode(), hashlib.sha256).hexdigest()[:24]

    marks = Pseudonyms.open(settings, "research")
    assert not (folder / "pseudonym.key").exists()
    assert (marks.version, marks.reversible) == (1, False)
    assert marks.column([42, None, LI]) == [before(42), None, before(LI)]
    assert marks.array(pa.array([42, None])).to_pylist() == [before(42), None]
    assert marks.array(pa.array([LI])).to_pylist() == [before(LI)]
    assert b"k" * 32 not in (folder / "keyring.json").read_bytes()
    open_store(settings).rotate("pseudonym/research")
    renewed = Pseudonyms.open(settings, "research")
    assert (renewed.version, renewed.reversible) == (2, True) and renewed.of(42) != before(42)
    assert [one.of(42) for one in every_version(settings, "research")] == [renewed.of(42), before(42)]
    assert Pseudonyms.open(settings, "research", version=1).of(42) == before(42)


def test_an_old_key_beside_a_ring_that_does_not_hold_it_is_never_passed_over(settings: Settings) -> None:
    folder = settings.home / "keys"
    folder.mkdir(parents=True)
    (folder / "pseudonym.key").write_bytes(b"k")
    with pytest.raises(KeyUnreadable, match="1 bytes"):
        Pseudonyms.open(settings, "research")


def test_each_outcome(settings: Settings) -> None:
    names = pa.array(["李明", None])
    marks = Pseudonyms.open(settings, "research")
    assert transform(Column("name", "clear", "name", WHY), names, marks) is names
    assert transform(Column("name", "withheld", "name", WHY), names, marks) is None
    assert transform(Column("name", "masked", "name", WHY), names, marks).to_pylist() == ["李*", None]
    assert transform(Column("name", "pseudonymised", "name", WHY), names, marks).to_pylist() == [marks.of("李明"), None]
    days = pa.array([datetime.date(1949, 12, 31), None])
    year = transform(Column("birth_date", "generalised", "date", WHY), days, marks)
    assert year.to_pylist() == [datetime.date(1949, 1, 1), None]
    region = transform(Column("r", "generalised", "region", WHY), pa.array(["110105", None]), marks)
    assert region.to_pylist() == ["110100", None]
    assert transform(Column("n", "generalised", "name", WHY), names, marks).to_pylist() == ["李*", None]
