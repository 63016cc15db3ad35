"""The printed certificate, read back as others read it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.programs.vital import role
from quanmin.programs.vital.certificate.application import Application, Recipient
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.programs.vital.document import birth_page
from quanmin.programs.vital.document.errors import CharacterMissing, PageFull
from quanmin.programs.vital.errors import NotYourHolder
from quanmin.programs.vital.number import Span, key
from quanmin.programs.vital.office import Holder
from quanmin.trust import audit

from ..county import APPLICATION, BABY, FATHER, HOSPITAL, MOTHER, SECOND, County
from .reading import codes, fonts, words

ORIGIN = "https://data.example.org"
AT = Holder(HOSPITAL, "济南市历下区人民医院", "institution", "370102", "x370102", "open", True, False, 1)
ONE = Certificate(
    document=1,
    number=key("E370000001"),
    edition=7,
    kind="first",
    holder=HOSPITAL,
    state="issued",
    valid=True,
    code="ABCD2345EFGH6789",
    born_on=BABY.birth_date,
    issued_on=date(2015, 3, 2),
    before=None,
)


def page(asked: Application = APPLICATION, language: str = "zh", **changes: object) -> str:
    [text] = words(birth_page.page(replace(ONE, **changes), asked, AT, ORIGIN, "zh" if language == "zh" else "en"))
    return text


def test_the_page_says_all_that_the_form_asks_for() -> None:
    text = page()
    told = ["王安", "男性", "2015年02月28日08时15分", "39周0天", "3300克", "50厘米", "山东省济南市历下区", AT.title]
    told += ["李梅", "26", "中国", "汉族", MOTHER.document_number, "历下区一号", "王强", "29", FATHER.document_number]
    told += ["2015年03月02日", "ABCD-2345-EFGH-6789", "https://data.example.org/zh/verify", "正页", "副页", "存根"]
    assert [one for one in told if one not in text] == []
    assert text.count("E370000001") == 6  # in the head and in a field of each of the three parts
    assert text.count("ABCD-2345-EFGH-6789") == 1  # nobody who has the second page or the stub learns the code
    assert "样张" not in text and "无效" not in text


def test_captions_stand_in_both_languages_and_values_in_the_one_asked_for() -> None:
    chinese, english = page(), page(language="en")
    for caption in ("新生儿姓名", "Fullnameofbaby", "母亲姓名", "Mother'sfullname", "签发机构"):
        assert caption in chinese and caption in english
    assert "2015-02-2808:15" in english and "Male" in english and "Residentidentitycard" in english
    assert "TheChinesecertificateistheonethatcounts" in english
    assert "TheChinesecertificateistheonethatcounts" not in chinese


@pytest.mark.parametrize(
    ("edition", "ministry", "bars"),
    [
        (4, "中华人民共和国卫生部", False),
        (5, "国家卫生和计划生育委员会", False),
        (6, "国家卫生健康委员会", False),
        (7, "国家卫生健康委员会", True),
    ],
)
def test_an_edition_has_its_ministry_and_the_seventh_its_barcode(edition: int, ministry: str, bars: bool) -> None:
    text = page(edition=edition)
    assert ministry in text and f"第{edition}版" in text
    content = birth_page.content(replace(ONE, edition=edition), APPLICATION, AT, ORIGIN, "zh")
    assert bool(content["bars"]) is bars


def test_both_codes_are_read_by_another_reader_from_the_picture_of_the_page() -> None:
    found = codes("certificate", birth_page.content(ONE, APPLICATION, AT, ORIGIN, "zh"))
    assert found == {"Code128": "E370000001", "QRCode": f"{ORIGIN}/zh/verify#E370000001.ABCD2345EFGH6789"}


@pytest.mark.parametrize(
    ("state", "issued", "mark"),
    [
        ("prepared", None, "SPECIMEN"),
        ("approved", None, "SPECIMEN"),
        ("spoiled", None, "SPECIMEN"),
        ("lost", date(2015, 3, 2), "VOID"),
        ("replacing", date(2015, 3, 2), "VOID"),
        ("replaced", date(2015, 3, 2), "VOID"),
        ("cancelled", date(2015, 3, 2), "VOID"),
    ],
)
def test_what_does_not_count_is_marked_on_every_part(state: str, issued: date | None, mark: str) -> None:
    assert page(state=state, issued_on=issued).count(mark) == 3


def test_a_father_who_is_not_stated_is_a_stroke() -> None:
    with_father, without = page(), page(replace(APPLICATION, father=None, recipient=Recipient("李梅", "mother")))
    assert "王强" not in without and FATHER.document_number not in without
    assert without.count("/") > with_father.count("/") + 6


def test_a_child_whose_mother_nobody_knows_is_printed_with_strokes_too() -> None:
    text = page(replace(APPLICATION, mother=None, father=None, recipient=Recipient("某福利院", "other", "99", "B-1")))
    assert "李梅" not in text and "某福利院" in text and "受委托人" in text and "其他法定有效证件" in text


@settings(max_examples=12, deadline=None)
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Z", "C"]), max_size=40))
def test_any_address_is_printed_whole_or_refused(address: str) -> None:
    try:
        text = page(replace(APPLICATION, mother=replace(MOTHER, address=address)))
    except CharacterMissing as refused:
        assert refused.fields == {"elements": "mother.address"}
    else:
        assert "".join(unicodedata.normalize("NFKC", address).split()) in unicodedata.normalize("NFKC", text)


def test_long_names_and_addresses_wrap_and_nothing_is_cut() -> None:
    address = "新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县坎乡阿帕尔村" * 3
    mother = replace(MOTHER, name="古丽巴哈尔·阿卜杜热西提·买买提明江·吐尔逊", address=address)
    asked = replace(APPLICATION, mother=mother, newborn=replace(BABY, name="买买提明·古丽巴哈尔·阿卜杜热西提"))
    text = page(asked)
    assert address in text
    assert text.count(mother.name) == 3 and text.count(asked.newborn.name) == 3


def test_what_does_not_fit_is_refused_with_its_element() -> None:
    with pytest.raises(PageFull) as refused:
        page(replace(APPLICATION, mother=replace(MOTHER, address="很长的住址" * 300)))
    assert refused.value.fields == {"element": "mother.address"}


def test_minority_names_and_rare_characters_are_shown() -> None:
    child, mother, father = "阿依古丽·买买提", "李䶮𠮷", "张㛃𬭎"
    people = {"mother": replace(MOTHER, name=mother), "father": replace(FATHER, name=father)}
    text = page(replace(APPLICATION, newborn=replace(BABY, name=child), **people))
    assert (text.count(child), text.count(mother), text.count(father)) == (3, 3, 3)


@pytest.mark.parametrize("sign", ["𪚥", "\U00030000", "\ue000", "\u202e", "🙂", "\x07"])
def test_a_character_without_a_glyph_is_refused_with_its_element_and_never_repeated(sign: str) -> None:
    with pytest.raises(CharacterMissing) as refused:
        page(replace(APPLICATION, newborn=replace(BABY, name=f"王{sign}")))
    assert refused.value.fields == {"elements": "newborn.name"}
    assert sign not in str(refused.value)


def test_markup_is_printed_as_it_is_written() -> None:
    address = '#import "/etc/passwd" *bold* $x$ @ref <label> \\ //'
    assert "".join(address.split()) in page(replace(APPLICATION, mother=replace(MOTHER, address=address)))


def test_the_same_certificate_is_the_same_bytes_in_embedded_letters() -> None:
    one = birth_page.page(ONE, APPLICATION, AT, ORIGIN, "zh")
    assert one == birth_page.page(ONE, APPLICATION, AT, ORIGIN, "zh")
    assert one != birth_page.page(replace(ONE, code="A" * 16), APPLICATION, AT, ORIGIN, "zh")
    assert b"pdfaid:part" in one  # it says of itself that it is PDF/A
    assert fonts(one) and all(embedded and "+" in name for name, embedded in fonts(one))
    assert len(one) < 200_000


def test_it_is_printed_for_its_own_institution_and_the_audit_keeps_it(county: County, blanks: Span) -> None:
    county.issue(blanks.first)
    clerk = county.at(role.CLERK)
    [text] = words(birth_page.printed(clerk, blanks.first))
    assert "历下医院" in text and "样张" not in text
    assert len(list(audit.entries(county.ledger, "certificate_read"))) == 1
    with pytest.raises(NotYourHolder):
        birth_page.printed(county.at(role.CLERK, of=SECOND), blanks.first)
