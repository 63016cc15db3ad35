"""Masks: the column form agrees with the plain form, and nothing shows that should not."""

from __future__ import annotations

from typing import get_args

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.trust.column import Form
from quanmin.trust.mask import MASKS, mask, mask_address, mask_name, mask_number, mask_phone, mask_region


def test_what_masks_look_like() -> None:
    assert mask_name("李明") == "李*" and mask_name("欧阳娜娜") == "欧***" and mask_name("李") == "李*"
    assert mask_number("11010519491231002X") == "110105************"
    assert mask_number("A1234567") == "******67"
    assert mask_phone("13800138000") == "138****8000"
    assert mask_address("山东省济南市历下区经十路 1 号") == "山东省***"
    assert mask_address("黑龙江省哈尔滨市") == "黑龙江省***" and mask_address("历下区经十路 1 号") == "***"
    assert mask_region("110105") == "11****"


def test_an_estate_or_a_shop_is_no_county() -> None:
    assert mask_address("北京市朝阳区建国路 88 号现代城小区") == "北京市***"
    assert mask_address("建国路 88 号大超市") == "***"


PLACES = st.sampled_from(["北京市朝阳区", "山东省", "黑龙江省哈尔滨市", "新疆维吾尔自治区", "内蒙古自治", "市山东省"])
TEXTS = st.lists(st.none() | st.text("李明0123456789Xx省市区县路号·-A", max_size=24) | PLACES, max_size=12)


@pytest.mark.parametrize("form", get_args(Form))
def test_every_form_has_a_plain_mask(form: Form) -> None:
    assert form in MASKS


@given(form=st.sampled_from(sorted(MASKS)), texts=TEXTS)
def test_a_column_is_masked_as_its_values_are(form: Form, texts: list[str | None]) -> None:
    plain = [None if text is None else MASKS[form](text) for text in texts]
    assert mask(form, pa.array(texts, pa.string())).to_pylist() == plain


def test_numbers_and_dates_are_masked_as_text() -> None:
    import datetime

    assert mask("person_key", pa.array([11010519491231002], pa.int64())).to_pylist() == ["110105***********"]
    assert mask("date", pa.array([datetime.date(1949, 12, 31), None])).to_pylist() == ["1949-**-**", None]


@given(number=st.text("0123456789", min_size=18, max_size=18))
def test_the_birth_day_of_a_number_does_not_show(number: str) -> None:
    assert number[6:14] not in mask_number(number).replace(number[:6], "", 1)
