"""Masks and coarser forms in SQL show what the plain forms show, on generated values."""

from __future__ import annotations

import datetime
from typing import Any, get_args

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin import standards
from quanmin.lake import shown
from quanmin.lake.engine import quote
from quanmin.text import Text
from quanmin.trust import Column
from quanmin.trust.column import Form
from quanmin.trust.generalisation import coarser
from quanmin.trust.mask import MASKS, provinces
from quanmin.trust.transform import generalise

WHY = Text("因为", "because")
PLACES = st.builds("{}{}".format, st.sampled_from(provinces()), st.text("省市区县小\n", max_size=4)) | st.sampled_from(
    ["内蒙古自治", "市山东省", "北京"]
)
TEXTS = st.lists(
    st.none() | st.text("李明欧0123456789Xx省市区县旗州路号·-A\n é😀", max_size=24) | PLACES, min_size=1, max_size=12
)
DATES = st.lists(st.none() | st.dates(datetime.date(1, 1, 1)), min_size=1, max_size=12)
SEEN: set[tuple[str, str]] = set()


def _by_sql(column: Column, values: pa.Array, derived: bool = False) -> list[Any] | None:
    sql = shown.expression(column, quote("v"), values.type, derived)
    if sql is None:
        return None
    SEEN.add((column.outcome, column.form))
    connection = duckdb.connect()
    connection.register("t", pa.table({"v": values}))
    return connection.sql(f"SELECT {sql} AS v FROM t").to_arrow_table()["v"].to_pylist()


@settings(deadline=None)
@given(form=st.sampled_from(get_args(Form)), texts=TEXTS)
def test_sql_masks_as_the_plain_form_does(form: Form, texts: list[str | None]) -> None:
    plain = [None if text is None else MASKS[form](text) for text in texts]
    assert _by_sql(Column("v", "masked", form, WHY), pa.array(texts, pa.string())) == plain


@settings(deadline=None)
@given(dates=DATES, unit=st.sampled_from(["month", "quarter", "year"]))
def test_sql_makes_dates_coarser_as_arrow_does(dates: list[datetime.date | None], unit: str) -> None:
    values = pa.array(dates, pa.date32())
    column = Column("v", "generalised", "date", WHY, coarse=unit)
    if all(one is None or one.year > 1 for one in dates):
        assert _by_sql(column, values) == generalise(column, values).to_pylist()
    masked = Column("v", "masked", "date", WHY)
    assert _by_sql(masked, values) == [None if d is None else MASKS["date"](d.isoformat()) for d in dates]


@settings(deadline=None)
@given(
    codes=st.lists(st.none() | st.from_regex(r"[1-8][0-9]{5}", fullmatch=True), min_size=1),
    unit=st.sampled_from(["city", "province"]),
)
def test_sql_makes_divisions_coarser_as_arrow_does(codes: list[str | None], unit: str) -> None:
    column = Column("v", "generalised", "region", WHY, coarse=unit)
    values = pa.array(codes, pa.string())
    made = _by_sql(column, values)
    assert made == generalise(column, values).to_pylist()
    kept = {"city": 4, "province": 2}[unit]
    assert made == [None if code is None else code[:kept].ljust(6, "0") for code in codes]


@settings(deadline=None)
@given(keys=st.lists(st.none() | st.integers(11 * 10**15, 66 * 10**15), min_size=1))
def test_a_number_that_is_stored_as_a_key_is_masked_whole(keys: list[int | None]) -> None:
    made = _by_sql(Column("citizen_number", "masked", "number", WHY), pa.array(keys, pa.int64()), derived=True)
    assert made == [None if key is None else f"{str(key)[:6]}************" for key in keys]


def test_every_form_was_generated_in_sql() -> None:
    for form in get_args(Form):
        test_sql_masks_as_the_plain_form_does.hypothesis.inner_test(form, ["李", None])  # type: ignore[attr-defined]
    assert {form for outcome, form in SEEN if outcome == "masked"} == set(get_args(Form))


@pytest.mark.parametrize("values", sorted(standards.catalogue().value_sets))
def test_a_coarser_code_is_a_code_or_masked(values: str) -> None:
    codes = list(standards.catalogue().value_sets[values].codes)
    column = Column("v", "generalised", "code", WHY, values=values)
    made = generalise(column, pa.array([*codes, None, "no code"], pa.string())).to_pylist()
    assert made[-2:] == [None, "***"]
    for code, above in zip(codes, made, strict=False):
        assert above == "***" or (above in codes and above[0] == code[0] and coarser(values)[code] == above)


def test_education_goes_to_its_level() -> None:
    table = coarser("GB/T 4658-2006")
    assert table["21"] == "20"
