"""Columns that are computed before any pair: sounds, masked names, swapped dates, and what one slip makes of a number."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.population.linkage import spelling
from quanmin.standards.identity import citizen_number

SOUND = "11010519491231002X"


def corrections(text: str | None) -> list[int]:
    """The corrections of one text."""
    return sorted(set(spelling.corrections(pa.array([text], pa.string())).column("key").to_pylist()))


FIRST17 = st.builds(
    "{}{:04}{:02}{:02}{:03}".format,
    st.sampled_from(["110105", "130224", "653125"]),
    st.integers(1900, 2020),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(1, 999),
)


def slips(number: str) -> set[str]:
    """Every text one slip away, by brute force."""
    texts = {number[:p] + c + number[p + 1 :] for p in range(18) for c in "0123456789X"}
    texts |= {number[:p] + number[p + 1] + number[p] + number[p + 2 :] for p in range(17)}
    return texts - {number}


@settings(deadline=None)
@given(FIRST17, st.data())
def test_corrections_are_all_sound_numbers_one_slip_away_and_no_other(first17: str, data: st.DataObject) -> None:
    number = first17 + citizen_number.check_character(first17)
    slipped = data.draw(st.sampled_from(sorted(slips(number))))
    expected = {citizen_number.encode(text) for text in slips(slipped)} - {None}
    if citizen_number.encode(slipped) is None:
        assert set(corrections(slipped)) == expected
        assert citizen_number.encode(number) in expected


def test_a_sound_number_is_a_slip_of_none() -> None:
    assert corrections(SOUND) == [int(SOUND[:17])]


@pytest.mark.parametrize("text", [None, "", "110105", "1101051949123100", "ABCDEFGHIJKLMNOPQR", "11010519491231002Z9"])
def test_what_is_no_number_has_no_corrections(text: str | None) -> None:
    assert corrections(text) == []


def test_two_wrong_characters_are_two_slips() -> None:
    assert corrections("A101051949123100AX") == []


def test_one_wrong_letter_has_one_reading() -> None:
    assert int(SOUND[:17]) in corrections("1A010519491231002X")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2001-03-07", "2001-07-03"), ("2001-03-03", None), ("2001-03-17", None), ("2000-02-04", "2000-04-02")],
)
def test_a_date_swaps_only_into_another_date(text: str, expected: str | None) -> None:
    assert spelling.swapped(text) == expected


def test_homophones_sound_alike_and_others_do_not() -> None:
    assert spelling.sounded("张伟") == spelling.sounded("章维") == "zhang wei"
    assert spelling.sounded("张伟") != spelling.sounded("张微微")


def test_names_one_character_apart_share_a_mask() -> None:
    one, other, far, gone = spelling.masked(pa.array(["李小明", "李晓明", "李晓光", None])).to_pylist()
    assert set(one) & set(other) == {"李_明"}
    assert not set(one) & set(far)
    assert gone is None


def test_names_are_normalised_folded_and_read_with_nothing_for_nothing() -> None:
    plain, folded, sound = (column.to_pylist() for column in spelling.of_names(pa.array(["张 峯", "", None])))
    assert plain == ["张峯", None, None]
    assert folded == ["张峰", None, None]
    assert sound == ["zhang feng", None, None]


def test_corrections_say_which_text_they_are_of() -> None:
    found = spelling.corrections(pa.array([None, SOUND, "x", SOUND]))
    assert found.column("place").to_pylist() == [1, 3]
