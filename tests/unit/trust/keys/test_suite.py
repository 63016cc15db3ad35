"""The algorithms are the published ones: vectors of the standards; SM2 is there or says clearly that it is not."""

from __future__ import annotations

import hashlib
import sys
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from quanmin.settings import Settings
from quanmin.trust.keys import open_store, sm2, suite
from quanmin.trust.keys.errors import Altered, Sm2Missing
from quanmin.trust.keys.suite import Sm4Gcm, context


def test_sm4_of_gb_t_32907() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    work = suite("national").block(key).encryptor()
    assert work.update(key).hex() == "681edf34d206965e86b3e94f536e4246"
    assert isinstance(suite("national").block(key).algorithm, algorithms.SM4)
    assert isinstance(suite("international").block(bytes(32)).mode, modes.ECB)


def test_sm4_gcm_of_rfc_8998() -> None:
    key, nonce = bytes.fromhex("0123456789abcdeffedcba9876543210"), bytes.fromhex("00001234567800000000abcd")
    extra = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = b"".join(bytes((value,)) * 8 for value in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    sealed = Sm4Gcm(key).encrypt(nonce, plain, extra)
    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert Sm4Gcm(key).decrypt(nonce, sealed, extra) == plain


def test_sm3_of_gb_t_32905() -> None:
    assert hashlib.new("sm3", b"abc").hexdigest() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert len(suite("national").mac(b"k", b"m")) == 32


def test_no_two_lists_of_parts_make_one_context() -> None:
    lists = [("a", "bc"), ("ab", "c"), ("abc",), ("a", "b", "c"), ("", "abc"), ("abc", "")]
    assert len({context(*parts) for parts in lists}) == len(lists)


def test_sm2_that_is_not_installed_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)
    with pytest.raises(Sm2Missing):
        sm2.load()
    with pytest.raises(Sm2Missing):
        open_store(settings.model_copy(update={"crypto_suite": "national"})).sign("sign/audit", b"head")


def test_sm2_through_its_library_or_one_shaped_like_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        import gmssl_pyx  # noqa: F401
    except ImportError:
        monkeypatch.setitem(sys.modules, "gmssl_pyx", _shaped())
    own = sm2.load()
    pair, other = own.generate(), own.generate()
    signed = own.sign(pair, b"message")
    assert own.verify(pair.public, b"message", signed)
    assert not own.verify(pair.public, b"massage", signed) and not own.verify(other.public, b"message", signed)
    assert not own.verify(pair.public, b"message", b"no signature")
    sealed = own.encrypt(pair.public, b"key")
    assert own.decrypt(pair, sealed) == b"key"
    with pytest.raises(Altered):
        own.decrypt(pair, sealed[:-1] + bytes((sealed[-1] ^ 1,)))
    keys = open_store(settings.model_copy(update={"crypto_suite": "national"}))
    assert keys.verify("sign/audit", b"head", keys.sign("sign/audit", b"head"))
    assert len(keys.public("sign/audit")) == 64


def _shaped() -> SimpleNamespace:
    """The verbs of the library without its mathematics, so that what stands between is tested where it is absent."""
    numbers = iter(range(1, 100))

    class Inner(Exception):
        pass

    def generate():
        secret = bytes((next(numbers),)) * 32
        return secret * 2, secret

    def tag(public, data):
        return hashlib.sha256(public + data).digest()

    def verify(public, message, signature):
        if len(signature) != 32:
            raise Inner
        return signature == tag(public, message)

    def decrypt(secret, sealed):
        if sealed[-32:] != tag(secret * 2, sealed[:-32]):
            raise Inner
        return sealed[:-32]

    return SimpleNamespace(
        GmsslInnerError=Inner,
        sm2_key_generate=generate,
        sm2_sign=lambda secret, public, message: tag(public, message),
        sm2_verify=verify,
        sm2_encrypt=lambda public, plain: plain + tag(public, plain),
        sm2_decrypt=decrypt,
    )
