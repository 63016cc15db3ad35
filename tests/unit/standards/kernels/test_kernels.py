"""Kernels on their own: agreement with references is in tests/generative."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from quanmin.standards import kernels
from quanmin.standards.kernels.bucket import mix


def test_keys_carry_everything_but_the_check() -> None:
    text = pa.array(["11010519491231002X", "440524188001010014", None, "610104620927690", "junk", ""])
    keys = kernels.encode(text)
    assert keys.to_pylist() == [11010519491231002, 44052418800101001, None, 61010419620927690, None, None]
    assert kernels.decode(keys).to_pylist() == [
        "11010519491231002X",
        "440524188001010014",
        None,
        "610104196209276908",
        None,
        None,
    ]
    born = [date(1949, 12, 31), date(1880, 1, 1), None, date(1962, 9, 27), None, None]
    assert kernels.birth_dates(keys).to_pylist() == born
    assert kernels.sexes(keys).to_pylist() == ["2", "1", None, "2", None, None]
    assert kernels.regions(keys).to_pylist() == ["110105", "440524", None, "610104", None, None]
    assert kernels.check_numbers(text).tolist() == [True, True, False, True, False, False]


def test_a_slice_of_a_column_is_read_where_it_lies() -> None:
    text = pa.array(["x", None, "11010519491231002x", "440524188001010014", "y"])
    assert kernels.normalise_numbers(text.slice(2, 2)).to_pylist() == ["11010519491231002X", "440524188001010014"]
    assert kernels.encode(text.slice(1, 3)).to_pylist() == [None, 11010519491231002, 44052418800101001]


@pytest.mark.parametrize(
    "type_", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_every_arrow_form_of_text_is_taken(type_: pa.DataType) -> None:
    text = pa.array(["11010519491231002x", None]).cast(type_)
    assert kernels.encode(text).to_pylist() == [11010519491231002, None]
    assert kernels.encode(pa.chunked_array([text, text])).to_pylist() == [11010519491231002, None] * 2


def test_buckets_are_the_mixer_modulo_n_and_null_goes_by_row() -> None:
    keys = pa.array([11010519491231002, None, 44052418800101001], pa.int64())
    found = kernels.bucket_of(keys, np.array([5, 6, 7]), 4)
    assert found.dtype == np.int32
    assert found.tolist() == [mix(11010519491231002) % 4, 6 % 4, mix(44052418800101001) % 4]
    assert mix(1) == 0x5692161D100B05E5  # published value of the finaliser


def test_buckets_are_even() -> None:
    keys = np.arange(11010519491231000, 11010519491231000 + 64_000)
    counts = np.bincount(kernels.bucket_of(keys, None, 64), minlength=64)
    assert counts.min() > 850
    assert counts.max() < 1150


def test_names_have_one_spelling() -> None:
    names = pa.array(
        ["李 明", "阿卜杜拉.买买提", "阿卜杜拉•买买提", "阿卜杜拉・买买提", "阿卜杜拉･买买提", "ＡＢ", "𠮷田", None, ""]
    )
    dotted = "阿卜杜拉·买买提"
    assert kernels.normalise_names(names).to_pylist() == ["李明", *[dotted] * 4, "AB", "𠮷田", None, ""]


def test_variants_fold_to_their_representative() -> None:
    table = {"眀": "明", "𠮷": "吉", "é": "e"}
    names = pa.array(["李眀", "𠮷田", "é明", "明", None])
    assert kernels.fold_variants(names, table).to_pylist() == ["李明", "吉田", "e明", "明", None]
    assert kernels.fold_variants(names.slice(1, 2), table).to_pylist() == ["吉田", "e明"]


def test_days_that_never_were_are_refused() -> None:
    formats = ("%Y-%m-%d", "%Y%m%d")
    text = pa.array(["1900-02-29", "2000-02-29", "20231301", "2023-04-31", "0000-01-01", "9999-12-31", None])
    seconds, ok = kernels.read_moments(text, formats)
    assert ok.tolist() == [False, True, False, False, False, True, False]
    assert seconds[1] == 951782400


def test_whole_decimals_are_integers_only_where_it_is_said() -> None:
    text = pa.array(["353.0", "353", "353.5", "3.53e2", "0x10", "-1", None])
    assert kernels.read_integers(text, whole=True)[1].tolist() == [True, True, False, False, False, True, False]
    assert kernels.read_integers(text)[1].tolist() == [False, True, False, False, False, True, False]
    assert kernels.read_integers(text, whole=True)[0][0] == 353
