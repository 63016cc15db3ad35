"""Identity on generated data: the tree of organisations against brute force, codes against RFC 6238, passwords never lost."""

from __future__ import annotations

import base64
import hmac
import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.trust.identity import totp
from quanmin.trust.identity.duty import ADMINISTRATORS, conflict
from quanmin.trust.identity.errors import BadOrganisation, WeakPassword
from quanmin.trust.identity.organisation import Organisation, Tree, covers
from quanmin.trust.identity.password import check, digest, matches

SEEDS = {
    "sha1": b"12345678901234567890",
    "sha256": b"12345678901234567890123456789012",
    "sha512": b"1234567890123456789012345678901234567890123456789012345678901234",
}
VECTORS = [  # RFC 6238, appendix B
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]


@pytest.mark.parametrize("vector", VECTORS)
def test_codes_are_those_of_the_rfc(vector: tuple[int, str, str, str]) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=vector[0])
    made = [totp.code(SEEDS[name], totp.step_of(at), 8, name) for name in ("sha1", "sha256", "sha512")]
    assert made == list(vector[1:])
    seed = base64.b32encode(SEEDS["sha1"]).decode()
    assert totp.match(seed, vector[1][2:], at, -1) == totp.step_of(at)


def plain(seed: bytes, step: int) -> str:
    """RFC 4226 word by word."""
    mac = hmac.new(seed, struct.pack(">Q", step), "sha1").digest()
    start = mac[19] & 0xF
    return str((struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000).zfill(6)


@given(st.binary(min_size=20, max_size=20), st.integers(0, 2**40), st.integers(-3, 3), st.integers(-4, 4))
def test_a_code_is_taken_one_step_about_and_never_before_the_last(
    seed: bytes, step: int, apart: int, last: int
) -> None:
    now = step + 10
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=(now % 2**32) * 30 + 7)
    now = totp.step_of(at)
    shown = plain(seed, now + apart)
    found = totp.match(base64.b32encode(seed).decode(), shown, at, now + last)
    possible = [one for one in range(now - 1, now + 2) if one > now + last and plain(seed, one) == shown]
    assert found == (possible[0] if possible else None)
    assert totp.match(base64.b32encode(seed).decode(), shown + "0", at, -1) is None


@given(st.lists(st.integers(0, 30), max_size=12), st.data())
def test_the_tree_is_what_brute_force_says(parents: list[int], data: st.DataObject) -> None:
    names = [f"o{place}" for place in range(len(parents) + 1)]
    above = {"o0": None} | {names[place + 1]: names[parent % (place + 1)] for place, parent in enumerate(parents)}
    tree = Tree({name: Organisation(name, name, "110000", above[name], 1) for name in names})
    for name in names:
        chain, one = [], above[name]
        while one is not None:
            chain.append(one)
            one = above[one]
        assert tree.above(name) == chain
        assert tree.below(name) == {other for other in names if name in _chain(above, other)}
        assert all(tree.within(name, whole) == (whole == name or whole in chain) for whole in names)
    child, parent = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
    cycle = child == parent or child in _chain(above, parent)
    if cycle:
        with pytest.raises(BadOrganisation) as caught:
            tree.fits(child, "110000", parent)
        assert caught.value.fields["reason"] == "cycle"
    else:
        tree.fits(child, "110000", parent)
        moved = Tree({**{one.id: one for one in tree}, child: Organisation(child, child, "110000", parent, 1)})
        assert all(moved.above(name)[-1:] in ([], ["o0"]) for name in names)


def _chain(above: dict[str, str | None], name: str) -> list[str]:
    found, one = [], above[name]
    while one is not None:
        found.append(one)
        one = above[one]
    return found


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_a_region_covers_what_lies_in_it(province: int, city: int, county: int) -> None:
    code = f"{province:02}{city:02}{county:02}"
    assert covers("000000", code) and covers(code, code)
    assert covers(f"{province:02}0000", code)
    assert covers(f"{province:02}{city:02}00", code) or (city, county) == (0, 0)
    other = f"{(province + 1) % 100:02}0000"
    assert other == "000000" or not covers(other, code)


@given(st.sets(st.sampled_from([*ADMINISTRATORS, "physician", "statistician"])))
def test_two_roles_with_an_administrator_are_always_a_conflict(roles: set[str]) -> None:
    assert (conflict(roles) is not None) == (len(roles) > 1 and bool(roles & set(ADMINISTRATORS)))


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_a_password_matches_itself_alone(one: str, other: str) -> None:
    import unicodedata

    kept = digest(one, 1)
    assert matches(one, kept) and one not in kept[8:].split("$")
    same = unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
    assert matches(other, kept) == same


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("short1!", "too_short"),
        ("x" * 129 + "yzabc", "too_long"),
        ("aaaaaaaaaaaaaa", "too_few_signs"),
        ("Password2026!!", "common"),
        ("p@ssw0rdp@ssw0rd", "common"),
        ("qwertyuiop1234", "common"),
        ("19491231194912", "common"),
        ("ＱＷＥＲＴＹＵＩＯＰ１２３４", "common"),
        ("my dr-wang word!", "account_name"),
        ("DRWANGdrwang_77x", "account_name"),
        ("tab\tin the middle", "control_character"),
    ],
)
def test_what_is_no_password(word: str, reason: str) -> None:
    with pytest.raises(WeakPassword) as caught:
        check(word, "dr-wang")
    assert caught.value.fields["reason"] == reason and word not in str(caught.value)


def test_a_long_ordinary_phrase_is_a_password() -> None:
    check("marble-Ostrich_55 kite", "dr-wang")
    check("七只青蛙在雨里跳过三座桥边", "dr-wang")
