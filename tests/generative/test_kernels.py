"""Every kernel against its plain reference on generated columns."""

from datetime import datetime

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.standards import identity, kernels
from quanmin.standards.kernels.bucket import mix

ANY_TEXT = st.text(max_size=24)
BLANKS = st.sampled_from(["", " ", "\t", "\u3000", "\xa0", "\x1c", "\u2028", "\x00", "\ufeff"])


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A number, sound or with one thing wrong, in any spelling."""
    region = draw(st.sampled_from(["110105", "440308", "810000", "911124", "010105", "659012"]))
    year = draw(st.one_of(st.integers(1790, 2110), st.integers(0, 9999)))
    month, day, order = draw(st.integers(0, 13)), draw(st.integers(0, 32)), draw(st.integers(0, 999))
    first17 = f"{region}{year:04d}{month:02d}{day:02d}{order:03d}"
    text = first17 + draw(st.sampled_from([identity.check_character(first17), "X", "x", "5", "A"]))
    if draw(st.booleans()):
        text = draw(st.sampled_from([text[:6] + text[8:17], text[:6] + text[8:14] + "998"]))
    if draw(st.booleans()):
        place = draw(st.integers(0, len(text) - 1))
        text = text[:place] + draw(st.sampled_from(["Ｘ", "٣", " ", "O", "\x00", "😀", "7"])) + text[place + 1 :]
    if draw(st.booleans()):
        text = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
    return draw(BLANKS) + text.lower() if draw(st.booleans()) else text


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.none(), numbers(), ANY_TEXT), max_size=20), st.integers(0, 3))
def test_numbers(texts: list[str | None], start: int) -> None:
    read = kernels.read_numbers(pa.array(texts, pa.string()).slice(start))
    texts = texts[start:]
    assert read.text.to_pylist() == [None if text is None else identity.canonical(text) for text in texts]
    assert read.person_key.to_pylist() == [None if text is None else identity.encode(text) for text in texts]
    parsed = [None if text is None else identity.parse(text) for text in texts]
    good = [one if isinstance(one, identity.Parsed) else None for one in parsed]
    assert kernels.birth_dates(read.person_key).to_pylist() == [one and one.birth_date for one in good]
    assert kernels.sexes(read.person_key).to_pylist() == [one and one.sex for one in good]
    assert kernels.regions(read.person_key).to_pylist() == [one and one.region for one in good]
    assert kernels.decode(read.person_key).to_pylist() == [one and one.number for one in good]
    days = read.days.astype("datetime64[D]").tolist()
    assert all(one is None or day == one.birth_date for one, day in zip(good, days, strict=True))


def eighteen_bytes(text: str) -> str:
    """The text cut or filled to 18 bytes of UTF-8, whole characters only."""
    while len(text.encode()) > 18:
        text = text[:-1]
    return text + "7" * (18 - len(text.encode()))


@settings(max_examples=60, deadline=None)
@given(st.lists(numbers().map(eighteen_bytes), min_size=1, max_size=12))
def test_numbers_that_all_take_eighteen_bytes(texts: list[str]) -> None:
    read = kernels.read_numbers(pa.array(texts))
    assert read.text.to_pylist() == [identity.canonical(text) for text in texts]
    assert read.person_key.to_pylist() == [identity.encode(text) for text in texts]


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**17 - 1)), max_size=20), st.integers(1, 97))
def test_buckets(keys: list[int | None], buckets: int) -> None:
    found = kernels.bucket_of(pa.array(keys, pa.int64()), np.arange(len(keys)), buckets)
    assert found.tolist() == [row % buckets if key is None else mix(key) % buckets for row, key in enumerate(keys)]


FORMATS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m")


@st.composite
def moments(draw: st.DrawFn) -> str:
    """A date or time in some form, possible or not."""
    year = draw(st.one_of(st.integers(1890, 2030), st.integers(0, 9999)))
    month, day = draw(st.integers(0, 13)), draw(st.integers(0, 32))
    hour, minute, second = draw(st.integers(0, 24)), draw(st.integers(0, 60)), draw(st.integers(0, 60))
    form = draw(
        st.sampled_from(
            [
                "{0:04d}-{1:02d}-{2:02d}",
                "{0:04d}{1:02d}{2:02d}",
                "{0:04d}/{1}/{2}",
                "{0:04d}年{1:02d}月{2:02d}日",
                "{0:04d}年{1}月{2}日",
                "{0:04d}-{1:02d}-{2:02d} {3:02d}:{4:02d}:{5:02d}",
                "{0:04d}-{1:02d}-{2:02d} 00:00:00",
                "{0:04d}{1:02d}{2:02d}{3:02d}{4:02d}{5:02d}",
                "{0:04d}-{1:02d}",
                "{0:04d}.{1:02d}.{2:02d}",
                "{0:04d}-{1:02d}_{2:02d}",
            ]
        )
    )
    text = form.format(year, month, day, hour, minute, second)
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text) if draw(st.integers(0, 9)) == 0 else text


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.none(), moments(), ANY_TEXT), max_size=15))
def test_moments(texts: list[str | None]) -> None:
    seconds, ok = kernels.read_moments(pa.array(texts, pa.string()), FORMATS)
    expected = [kernels.parse_moment(text, FORMATS) if text else None for text in texts]
    assert ok.tolist() == [one is not None for one in expected]
    epoch = datetime(1970, 1, 1)
    for second, one in zip(seconds.tolist(), expected, strict=True):
        assert one is None or second == (one - epoch).total_seconds()


NUMERALS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(str),
    st.from_regex(r"[+-]?[0-9]{0,5}\.?[0-9]{0,3}([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.sampled_from(
        [
            "",
            "-",
            "--1",
            "1-2",
            "1.2.3",
            "0x1F",
            "1_000",
            "1,000",
            "nan",
            "inf",
            "１２",
            "007",
            "5.",
            ".5",
            "-.",
            "1" * 500,
        ]
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.none(), NUMERALS, ANY_TEXT), max_size=12), st.booleans())
def test_numerals(texts: list[str | None], whole: bool) -> None:
    column = pa.array(texts, pa.string())
    values, ok = kernels.read_integers(column, whole)
    integers = [kernels.parse_integer(text, whole) if text else None for text in texts]
    assert [value if good else None for value, good in zip(values.tolist(), ok, strict=True)] == integers
    values, ok = kernels.read_decimals(column)
    decimals = [kernels.parse_decimal(text) if text else None for text in texts]
    assert [value if good else None for value, good in zip(values.tolist(), ok, strict=True)] == decimals


@given(st.lists(st.one_of(st.none(), ANY_TEXT, st.builds("{}{}{}".format, BLANKS, ANY_TEXT, BLANKS)), max_size=12))
def test_trimming(texts: list[str | None]) -> None:
    assert kernels.trimmed(pa.array(texts, pa.string()), ("-", "无")).to_pylist() == [
        None if text is None or text.strip() in ("", "-", "无") else text.strip() for text in texts
    ]


@given(st.lists(st.one_of(st.none(), ANY_TEXT, st.text("李明王阿·•.・ 眀𠮷", max_size=8)), max_size=12))
def test_names(texts: list[str | None]) -> None:
    column = pa.array(texts, pa.string())
    assert kernels.normalise_names(column).to_pylist() == [
        text if text is None else kernels.normalise_name(text) for text in texts
    ]
    table = {"眀": "明", "𠮷": "吉"}
    folded = [text if text is None else text.replace("眀", "明").replace("𠮷", "吉") for text in texts]
    assert kernels.fold_variants(column, table).to_pylist() == folded
