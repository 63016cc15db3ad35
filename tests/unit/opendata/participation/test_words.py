"""What may be written, and how it is shown."""

from __future__ import annotations

import pytest

from quanmin.ledger import Ledger
from quanmin.opendata.participation import name, words
from quanmin.opendata.participation.errors import (
    BadAddress,
    BadPublicName,
    NameNeeded,
    PersonInText,
    PublicNameTaken,
    TextRefused,
)
from quanmin.text import Text

from .conftest import somebody

FIELD = Text("内容", "text")


@pytest.mark.parametrize(
    "text", ["", "  ", "\n", "a" * 51, "a\x00b", "a\u202eb", "a\ud800", "\u200d", "\ue000", "a\u2028x"]
)
def test_what_cannot_be_seen_or_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(TextRefused):
        words.checked(text, FIELD, 50)


@pytest.mark.parametrize(
    "text",
    [
        "他是 11010519491231002X",
        "电话13800138000谢谢",
        "１３８ ００１３ ８０００",
        "1-3-8-0-0-1-3-8-0-0-0",
        "11010519491231002",
        "一三八零零一三八零零零",
    ],
)
def test_a_number_of_somebody_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(PersonInText) as refused:
        words.checked(text, FIELD, 50)
    assert text not in str(refused.value) and "138" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "2026-11-02 14:00", "👩‍⚕️ 好", "第 110105 区 1949 年", "a\r\nb"]
)
def test_what_is_only_text_stays(text: str) -> None:
    assert words.checked(f" {text} ", FIELD, 50) == text.replace("\r\n", "\n")


def test_a_line_is_one_line() -> None:
    with pytest.raises(TextRefused):
        words.checked("a\nb", FIELD, 50, lines=False)


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "ftp://example.org/",
        "http://",
        "https://localhost/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://user:pw@example.org/",
        "https://example.org/ x",
        'https://example.org/"onclick',
        "https://example.org/<b>",
        "https://exa\u202emple.org/",
        "//example.org",
        "https://-a.org",
        "http://example.org:99999/",
        "http://0x7f.1/",
        "https://" + "a" * 64 + ".org",
        "https://example.org/" + "a" * 500,
        "data:text/html,x",
    ],
)
def test_no_address_of_the_web(text: str) -> None:
    with pytest.raises(BadAddress):
        words.address(text)


def test_an_address_has_one_spelling() -> None:
    assert words.address(" HTTPS://Example.ORG:443#x ") == "https://example.org/"
    assert words.address("http://例子.中国/路?q=1") == "http://xn--fsqu00a.xn--fiqs8s/路?q=1"
    same = {words.mark(words.address(one)) for one in ("http://a.org/x/", "https://A.org/x", "https://a.org:443/x#y")}
    assert len(same) == 1 and words.mark("https://a.org/y") not in same


def test_addresses_become_links_and_all_else_text() -> None:
    found = words.pieces(
        '看 https://example.org/a?b=1，和 http://127.0.0.1/ 以及 javascript:alert(1) "https://b.org/x">'
    )
    assert [one.address for one in found if one.address] == ["https://example.org/a?b=1", "https://b.org/x"]
    assert "".join(one.text for one in found).startswith("看 https://example.org/a?b=1，和")
    assert "".join(one.text for one in words.pieces("a\n<b>")) == "a\n<b>"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "a",
        "x" * 21,
        "管 理 员",
        "Ａｄｍｉｎ",
        "官方小助手",
        "12345",
        "13800138000",
        "<b>x</b>",
        "a\u202eb",
        "www.x.org",
        "🙂🙂",
        "Quan-Min",
    ],
)
def test_what_is_no_public_name(said: str) -> None:
    with pytest.raises(BadPublicName):
        name.checked(said)


def test_no_two_have_names_that_look_alike(ledger: Ledger) -> None:
    one, other = somebody("u-one"), somebody("u-other")
    assert name.choose(ledger, one, " 小  明 ") == "小 明"
    for said in ("小明", "小-明", "小 明"):
        with pytest.raises(PublicNameTaken):
            name.choose(ledger, other, said)
    name.choose(ledger, one, "小红")
    name.choose(ledger, other, "小明")
    assert name.several(ledger, ["u-one", "u-other", "u-none"]) == {"u-one": "小红", "u-other": "小明"}
    with ledger.reading() as connection, pytest.raises(NameNeeded):
        name.needed(connection, "u-none")
