"""The tree against the published vectors of certificate transparency, and against RFC 6962's own recursive definition."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.trust.audit import tree

SHA = tree.HASHES["sha256"]

INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The test vectors of the reference implementation of RFC 6962: eight entries, and the root over the first 1 to 8."""

PATH_OF_THE_FIRST = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]


def naive(new: tree.New, data: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not data:
        return new(b"").digest()
    if len(data) == 1:
        return new(b"\0" + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return new(b"\1" + naive(new, data[:k]) + naive(new, data[k:])).digest()


def naive_path(new: tree.New, m: int, data: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.1."""
    if len(data) == 1:
        return []
    k = 1
    while k * 2 < len(data):
        k *= 2
    if m < k:
        return [*naive_path(new, m, data[:k]), naive(new, data[k:])]
    return [*naive_path(new, m - k, data[k:]), naive(new, data[:k])]


def naive_proof(new: tree.New, m: int, data: Sequence[bytes], known: bool = True) -> list[bytes]:
    """SUBPROOF of section 2.1.2."""
    if m == len(data):
        return [] if known else [naive(new, data)]
    k = 1
    while k * 2 < len(data):
        k *= 2
    if m <= k:
        return [*naive_proof(new, m, data[:k], known), naive(new, data[k:])]
    return [*naive_proof(new, m - k, data[k:], False), naive(new, data[:k])]


def grown(new: tree.New, data: Sequence[bytes]) -> tree.Frontier:
    """Built entry by entry."""
    found = tree.Frontier(new)
    for one in data:
        found.push(tree.leaf(new, one))
    return found


def entries(size: int) -> list[bytes]:
    """Entries that differ."""
    return [b"%d" % n for n in range(size)]


hashes = st.sampled_from(sorted(tree.HASHES))
sizes = st.integers(1, 70)


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert tree.empty(SHA).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.Frontier(SHA).root() == tree.empty(SHA)
    assert tree.empty(tree.HASHES["sm3"]).hex() == "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"


def test_the_published_vectors_come_out() -> None:
    data = [bytes.fromhex(one) for one in INPUTS]
    for size, root in enumerate(ROOTS, 1):
        assert grown(SHA, data[:size]).root().hex() == root
    path = tree.inclusion(0, 8, lambda low, high: naive(SHA, data[low:high]))
    assert [step.hex() for step in path] == PATH_OF_THE_FIRST


@given(hashes, st.integers(0, 300), st.integers(0, 300))
def test_the_tree_is_that_of_the_definition_however_it_is_cut(name: str, size: int, cut: int) -> None:
    new, data = tree.HASHES[name], entries(size)
    cut = min(cut, size)
    root = naive(new, data)
    assert grown(new, data).root() == root
    half = grown(new, data[:cut])
    went_on = tree.Frontier(new, half.size, half.pack())
    for level, hash_ in tree.pieces(new, cut, [tree.leaf(new, one) for one in data[cut:]]):
        went_on.push(hash_, level)
    assert (went_on.size, went_on.root()) == (size, root)


@given(hashes, sizes, st.data())
def test_an_inclusion_proof_is_that_of_the_definition_and_proves_nothing_else(
    name: str, size: int, draw: st.DataObject
) -> None:
    new, data = tree.HASHES[name], entries(size)
    place = draw.draw(st.integers(0, size - 1))
    path, root = tree.inclusion(place, size, lambda a, b: naive(new, data[a:b])), naive(new, data)
    assert path == naive_path(new, place, data)
    leaf = tree.leaf(new, data[place])
    assert tree.includes(new, leaf, place, size, path, root)
    other = draw.draw(st.integers(-1, size + 1).filter(lambda one: one != place))
    assert not tree.includes(new, leaf, other, size, path, root)
    assert not tree.includes(new, tree.leaf(new, b"other"), place, size, path, root)
    assert not tree.includes(new, leaf, place, size, [*path, root], root)
    assert not path or not tree.includes(new, leaf, place, size, path[:-1], root)


@given(hashes, sizes, st.data())
def test_a_consistency_proof_is_that_of_the_definition_and_finds_a_fork(
    name: str, size: int, draw: st.DataObject
) -> None:
    new, data = tree.HASHES[name], entries(size)
    old = draw.draw(st.integers(1, size))
    path = tree.consistency(old, size, lambda a, b: naive(new, data[a:b]))
    assert path == naive_proof(new, old, data)
    one, two = naive(new, data[:old]), naive(new, data)
    assert tree.extends(new, old, size, one, two, path)
    changed = list(data)
    changed[draw.draw(st.integers(0, old - 1))] = b"other"
    assert not tree.extends(new, old, size, naive(new, changed[:old]), two, path)
    assert not tree.extends(new, old, size, one, naive(new, changed), path)
    if old < size:
        forked = tree.consistency(old, size, lambda a, b: naive(new, changed[a:b]))
        assert not tree.extends(new, old, size, one, naive(new, changed), forked)
        assert not tree.extends(new, old, size, one, two, path[:-1])
        assert not tree.extends(new, old, size, one, two, [*path, two])


def test_the_empty_log_is_the_beginning_of_every_log() -> None:
    data = entries(5)
    assert tree.consistency(0, 5, lambda a, b: naive(SHA, data[a:b])) == []
    assert tree.extends(SHA, 0, 5, tree.empty(SHA), naive(SHA, data), [])
    assert not tree.extends(SHA, 0, 5, naive(SHA, data[:1]), naive(SHA, data), [])
    assert not tree.extends(SHA, 6, 5, naive(SHA, data), naive(SHA, data), [])


def test_a_node_cannot_pass_for_an_entry() -> None:
    left, right = (hashlib.sha256(b"\0" + one).digest() for one in (b"a", b"b"))
    assert tree.leaf(SHA, left + right) != tree.node(SHA, left, right)


def test_peaks_that_do_not_fit_the_size_are_refused() -> None:
    with pytest.raises(ValueError, match="2 peaks"):
        tree.Frontier(SHA, 3, b"\0" * 32)
