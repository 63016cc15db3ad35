"""What the keys of the data API refuse."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from quanmin.text import Text


class KeyRefused(Denied):
    """A key that is not known, was given up, or whose account is not active."""

    code = "QM-KEYS-101"
    title = Text("接口密钥无效", "the API key is not valid")
    step = Text("在“我的接口密钥”页面核对或新建密钥。", "See the page My API keys, or make a new one there.")


class QuotaSpent(Unavailable):
    """A key was used as often as it may be."""

    code = "QM-KEYS-102"
    title = Text("接口密钥的配额已用完（{limit}）", "the quota of the API key is spent ({limit})")
    step = Text("{seconds} 秒后再试。", "Try again in {seconds} seconds.")


class TooManyKeys(Conflict):
    """An account has as many keys as it may."""

    code = "QM-KEYS-103"
    title = Text("每个账号至多 {limit} 个接口密钥", "an account has {limit} API keys at most")
    step = Text("先停用不再使用的密钥。", "Give up one that is not used any more.")


class BadKeyName(Invalid):
    """A key needs a name by which its owner knows it."""

    code = "QM-KEYS-104"
    title = Text("密钥名称须为 1–60 个可见字符", "the name of a key is of 1-60 visible characters")
    step = Text("例如使用该密钥的程序名。", "For instance the program that uses it.")


class UnknownKey(NotFound):
    """The account has no such key."""

    code = "QM-KEYS-105"
    title = Text("没有编号为 {key} 的接口密钥", "there is no API key of the number {key}")
    step = Text("刷新“我的接口密钥”页面。", "Load the page My API keys again.")
