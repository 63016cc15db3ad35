"""Age groups: what people write, and what is refused with its row."""

from __future__ import annotations

import pytest

from quanmin.errors import QuanminError
from quanmin.programs.vital.demography import AgeGroups
from quanmin.programs.vital.demography.age import Span, groups, span

STANDARD = ["0", "1-4", "5-9", "10-14", "15+"]


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "0": Span(0, None, False),
        " 7 ": Span(7, None, False),
        "5.0": Span(5, None, False),
        "1-4": Span(1, 4, False),
        "1–4岁": Span(1, 4, False),
        "１～４": Span(1, 4, False),
        "10至14岁": Span(10, 14, False),
        "<1": Span(0, 0, False),
        "不满1岁": Span(0, 0, False),
        "85+": Span(85, None, True),
        "85岁及以上": Span(85, None, True),
        "85岁以上": Span(85, None, True),
        "85 and over": Span(85, None, True),
        "≥85": Span(85, None, True),
        "Age 95 +": Span(95, None, True),
    }.items(),
)
def test_ages_as_people_write_them(text: str, expected: Span) -> None:
    assert span(text, 1) == expected


@pytest.mark.parametrize(
    "text", ["", "old", "-1", "1-", "4-1", "200", "1.5", "合计", "0x10", "1-4-9", "1e1", "99999999999"]
)
def test_what_is_no_age(text: str) -> None:
    if text == "1-":  # as some write the open age
        assert span(text, 1).is_open
        return
    with pytest.raises(QuanminError, match="QM-VITAL-062") as told:
        span(text, 12)
    assert told.value.fields == {"row": 12}


def test_groups_know_their_kind_widths_and_labels() -> None:
    found = groups(STANDARD, range(2, 7))
    assert found == AgeGroups.abridged(15)
    assert (found.kind, found.labels) == ("abridged", ("0", "1-4", "5-9", "10-14", "15+"))
    assert found.widths.tolist() == [1, 4, 5, 5, float("inf")]
    single = groups(["0", "1", "2", "3"], range(4))
    assert (single.kind, single.labels) == ("complete", ("0", "1", "2", "3+"))
    assert single == AgeGroups.complete(3)


WRONG = {
    "unsorted": (["0", "1-4", "10-14", "5-9", "15+"], "QM-VITAL-063", 5),
    "reversed": (["0", "5", "1", "10"], "QM-VITAL-063", 4),
    "twice": (["0", "1", "1", "2"], "QM-VITAL-063", 4),
    "later down": (["0", "1", "2", "1"], "QM-VITAL-063", 5),
    "no infants": (["1-4", "5-9", "10+"], "QM-VITAL-064", 2),
    "a year lacks": (["0", "1", "2", "4"], "QM-VITAL-064", 5),
    "a group lacks": (["0", "1", "5", "15"], "QM-VITAL-064", 5),
    "ends too early": (["0", "1-3", "5-9", "10+"], "QM-VITAL-064", 4),
    "ends too late": (["0", "1-5", "5-9", "10+"], "QM-VITAL-065", 4),
    "ten years": (["0-9", "10-19", "20+"], "QM-VITAL-065", 3),
    "odd": (["0", "1", "5", "7", "15"], "QM-VITAL-065", 5),
    "five from birth": (["0-4", "5-9", "10+"], "QM-VITAL-064", 3),
    "open too early": (["0", "1+", "5-9"], "QM-VITAL-065", 3),
    "closed": (["0", "1-4", "5-9"], "QM-VITAL-073", 4),
    "empty": ([], "QM-VITAL-060", None),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_groups_are_refused_with_their_row(case: str) -> None:
    texts, code, row = WRONG[case]
    with pytest.raises(QuanminError, match=code) as told:
        groups(texts, range(2, 2 + len(texts)))
    assert told.value.fields.get("row") == row


def test_the_missing_age_is_named() -> None:
    with pytest.raises(QuanminError) as told:
        groups(["0", "1", "5", "15"], range(2, 6))
    assert told.value.fields["age"] == 10
