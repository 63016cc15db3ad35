"""Files of rates as people write them, and what is refused with its row."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.errors import QuanminError
from quanmin.programs.vital.rate_file import MOST_BYTES, RateFile, read_rates

PLAIN = "age,deaths,exposure\n0,12,1000\n1-4,4,4000\n5-9,1,5000\n10+,300,30000\n"
RATES = [0.012, 0.001, 0.0002, 0.01]


def read(folder: Path, data: str | bytes, name: str = "rates.csv") -> RateFile:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return read_rates(path)


SAME = {
    "plain": PLAIN,
    "a mark": "\ufeff" + PLAIN,
    "GB18030": PLAIN.replace("age,deaths,exposure", "年龄组,死亡数,平均人口").encode("gb18030"),
    "tabs": PLAIN.replace(",", "\t"),
    "Windows": PLAIN.replace("\n", "\r\n"),
    "no last line end": PLAIN.rstrip(),
    "blank lines": "\n" + PLAIN.replace("\n", "\n\n"),
    "Chinese": PLAIN.replace("age,deaths,exposure", "年龄,死亡人数,人年数").replace("10+", "10岁及以上"),
    "rates": "Age,mx\n0,0.012\n1,1e-3\n5,.0002\n10,0.01\n",
    "other columns, another order": "area,exposure,age,note,deaths\nx,1000,0,,12\nx,4000,1,,4\nx,5000,5,?,1\nx,30000,10,,300\n",
    "capitals and joins": PLAIN.replace("age,deaths,exposure", "AGE_GROUP,Deaths,Person-Years"),
    "thousands": PLAIN.replace("1000\n", '"1,000"\n').replace("30000", '"30,000"'),
    "full width": PLAIN.replace("12", "１２"),
    "counts before rates": "age,mx,deaths,exposure\n0,9,12,1000\n1,9,4,4000\n5,9,1,5000\n10,9,300,30000\n",
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_rates_however_they_are_written(tmp_path: Path, case: str) -> None:
    found = read(tmp_path, SAME[case])
    assert found.mx.tolist() == pytest.approx(RATES)
    assert found.ages.labels == ("0", "1-4", "5-9", "10+")
    assert (found.deaths is None) == (case == "rates")


def test_rates_may_stand_beside_deaths(tmp_path: Path) -> None:
    found = read(tmp_path, "age,mx,deaths\n0,0.01,5\n1,0.02,7\n2+,0.1,9\n")
    assert found.mx.tolist() == [0.01, 0.02, 0.1] and found.deaths is not None and found.deaths.tolist() == [5, 7, 9]
    assert found.ages.kind == "complete" and found.lines == (2, 3, 4)


WRONG = {
    "empty": ("", "QM-COLLECT-002", {}),
    "blank": (" \n\n", "QM-COLLECT-002", {}),
    "only a mark": ("\ufeff", "QM-COLLECT-002", {}),
    "no rows": ("age,mx\n", "QM-VITAL-060", {}),
    "no heading": ("0,0.1\n1,0.2\n", "QM-VITAL-061", {"columns": "age, mx"}),
    "no age": ("x1,mx\n0,0.1\n", "QM-VITAL-061", {"columns": "age"}),
    "no rate": ("age,sex\n0,0.1\n", "QM-VITAL-061", {"columns": "mx"}),
    "no exposure": ("age,deaths\n0,1\n", "QM-VITAL-061", {"columns": "exposure"}),
    "no deaths": ("age,exposure\n0,1\n", "QM-VITAL-061", {"columns": "deaths"}),
    "twice": ("age,mx,年龄\n0,0.1,0\n", "QM-VITAL-061", {"columns": "age"}),
    "semicolons": (PLAIN.replace(",", ";"), "QM-VITAL-061", {"columns": "age, mx"}),
    "short row": (PLAIN.replace("1-4,4,4000", "1-4,4"), "QM-VITAL-072", {"row": 3}),
    "long row": (PLAIN.replace("1-4,4,4000", "1-4,4,4,000"), "QM-VITAL-072", {"row": 3}),
    "words for a number": (PLAIN.replace("4000", "many"), "QM-VITAL-066", {"row": 3, "column": "exposure"}),
    "no number": (PLAIN.replace("4000", ""), "QM-VITAL-066", {"row": 3, "column": "exposure"}),
    "nan": (PLAIN.replace(",12,", ",nan,"), "QM-VITAL-066", {"row": 2, "column": "deaths"}),
    "infinite": (PLAIN.replace(",12,", ",1e999,"), "QM-VITAL-066", {"row": 2, "column": "deaths"}),
    "underlined": (PLAIN.replace(",12,", ",1_2,"), "QM-VITAL-066", {"row": 2, "column": "deaths"}),
    "negative": (PLAIN.replace(",12,", ",-12,"), "QM-VITAL-067", {"row": 2, "column": "deaths"}),
    "nobody lived": (PLAIN.replace("4000", "0"), "QM-VITAL-068", {"row": 3}),
    "exchanged": ("age,exposure,deaths\n0,12,1000\n1,4,4000\n2+,1,5\n", "QM-VITAL-069", {"row": 2}),
    "per 1,000": ("age,mx\n0,12.0\n1,1.2\n2+,9\n", "QM-VITAL-069", {"row": 2}),
    "a sum": (PLAIN + "合计,317,40000\n", "QM-VITAL-062", {"row": 6}),
    "unsorted": ("age,mx\n0,0.1\n1,0.1\n5,0.1\n1,0.1\n", "QM-VITAL-063", {"row": 5}),
    "a gap": (PLAIN.replace("5-9,1,5000\n", ""), "QM-VITAL-064", {"row": 4, "age": 5}),
    "from fifteen": ("age,mx\n15,0.1\n20,0.1\n", "QM-VITAL-064", {"row": 2, "age": 0}),
    "ten years": ("age,mx\n0,0.1\n10,0.1\n20+,0.1\n", "QM-VITAL-065", {"row": 3}),
    "closed": (PLAIN.replace("10+", "10-14"), "QM-VITAL-073", {"row": 5}),
    "a NUL": (PLAIN.replace("12", "1\0"), "QM-VITAL-071", {}),
    "UTF-16": (PLAIN.encode("utf-16"), "QM-VITAL-071", {}),
    "no encoding": (b"age,mx\n0,\xff\xff\n", "QM-VITAL-071", {}),
    "an open quotation": ('age,mx\n0,"0.1\n', "QM-VITAL-071", {}),
    "too large": ("age,mx\n" + "0,0.1\n" * (MOST_BYTES // 6), "QM-VITAL-071", {}),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_files_are_refused_with_the_place(tmp_path: Path, case: str) -> None:
    data, code, fields = WRONG[case]
    with pytest.raises(QuanminError, match=code) as told:
        read(tmp_path, data)
    assert {name: told.value.fields[name] for name in fields} == fields
    assert all(told.value.message(language) and told.value.next_step(language) for language in ("zh", "en"))


def test_rows_are_counted_as_lines_are(tmp_path: Path) -> None:
    with pytest.raises(QuanminError, match="QM-VITAL-067") as told:
        read(tmp_path, 'note,age,mx\n\n"two\nlines",0,0.1\n\nx,1,-1\nx,2+,1\n')
    assert told.value.fields["row"] == 6


def test_no_file_and_a_folder_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(QuanminError, match="QM-COLLECT-001"):
            read_rates(path)


def test_a_rate_above_one_is_possible_at_old_ages_only(tmp_path: Path) -> None:
    old = "age,mx\n" + "".join(f"{age},{1.2 if age >= 80 else 0.1}\n" for age in [0, 1, *range(5, 90, 5)])
    assert read(tmp_path, old).mx.max() == 1.2
    with pytest.raises(QuanminError, match="QM-VITAL-069") as told:
        read(tmp_path, old.replace("75,0.1", "75,1.2"))
    assert told.value.fields["row"] == 18


@given(st.binary(max_size=80) | st.text(alphabet="age,mx\n01+-岁\t\"'5.é", max_size=60).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_whatever_the_bytes_there_is_a_table_or_a_code(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    for head in (b"", b"age,mx\n"):
        path.write_bytes(head + data)
        try:
            read_rates(path)
        except QuanminError as error:
            assert error.category in ("invalid", "not_found")
