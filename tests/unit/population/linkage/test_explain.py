"""Why a record was attached: the steps add up, values come as the purpose shows them, and the picture holds none."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence

import pytest

from quanmin import trust
from quanmin.population import linkage
from quanmin.population.linkage.errors import NoLink
from quanmin.population.linkage.explain import Explanation
from quanmin.standards.identity import citizen_number
from quanmin.trust.errors import AccessDenied
from quanmin.trust.mask import mask_number

DAY = dt.date(1971, 3, 7)
FIRST17 = "13022419710307012"
NUMBER = FIRST17 + citizen_number.check_character(FIRST17)
SLIPPED = NUMBER[:15] + "7" + NUMBER[16:]
NAME = "李晓明"


@pytest.fixture
def linked(office):
    """One record with a slip in its number, linked."""
    person = {"name": NAME, "birth_date": DAY, "sex": "2"}
    others = [{"number": None, "name": f"王{chr(0x4E50 + i)}", "birth_date": DAY, "sex": "1"} for i in range(3)]
    office.send(office.bench, {**person, "number": NUMBER}, *others)
    office.batch = office.send(office.death, {**person, "number": SLIPPED}, {**person, "number": NUMBER})
    office.build()
    linkage.link(office.lake)
    return office


def decider(office, purpose: str, case: str | None = None) -> Callable[[str, Sequence[str]], trust.Decision]:
    def decide(table: str, elements: Sequence[str]) -> trust.Decision:
        actor = trust.local_administrator()
        return trust.decide(office.lake.ledger, actor, purpose, table, tuple(elements), case)

    return decide


def explained(office, purpose: str = "supervision", case: str | None = None, row: int = 1) -> Explanation:
    return linkage.explain(office.lake, decider(office, purpose, case), office.death, office.batch, row)


def test_the_steps_add_up_to_the_weight_that_was_decided_by(linked) -> None:
    found = explained(linked)
    assert sum(step.weight for step in found.steps) == pytest.approx(found.weight, abs=1e-6)
    assert [step.compared for step in found.steps][:2] == ["start", "name"]
    outcomes = {step.compared: step.outcome.en for step in found.steps}
    assert (outcomes["name"], outcomes["number"], outcomes["household"]) == ("the same", "one slip", "not stated")


def test_values_are_masked_unless_a_case_opens_them(linked) -> None:
    masked = {step.compared: (step.stated, step.held) for step in explained(linked).steps}
    assert masked["name"] == ("李**", "李**")
    assert masked["number"] == (mask_number(SLIPPED), mask_number(NUMBER))
    clear = {step.compared: (step.stated, step.held) for step in explained(linked, case="C-1").steps}
    assert clear["name"] == (NAME, NAME) and clear["number"] == (SLIPPED, NUMBER)


def test_a_purpose_that_may_not_read_gets_no_explanation(linked) -> None:
    with pytest.raises(AccessDenied):
        explained(linked, purpose="operation")


@pytest.mark.parametrize("row", [2, 99])
def test_a_record_without_a_link_is_not_found(linked, row: int) -> None:
    with pytest.raises(NoLink):
        explained(linked, row=row)


def test_an_unknown_dataset_and_the_benchmark_have_no_links(linked) -> None:
    for dataset in ("health.no_such", linked.bench):
        with pytest.raises(NoLink):
            linkage.explain(linked.lake, decider(linked, "supervision"), dataset, linked.batch, 1)


def test_the_words_are_there_in_both_languages_and_hold_no_value(linked) -> None:
    for step in explained(linked, case="C-1").steps:
        for text in step.words:
            assert text and NAME not in text and NUMBER not in text and SLIPPED not in text
        assert step.words.zh != step.words.en


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_picture_is_plain_svg_with_a_bar_a_step_and_no_value(linked, language) -> None:
    found = explained(linked, case="C-1")
    text = str(linkage.waterfall(found).svg(language))
    root = ET.fromstring(text)
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert set(tags) <= {"svg", "title", "desc", "defs", "pattern", "g", "path", "rect", "text"}
    assert tags.count("rect") == len(found.steps) + 1
    assert not any(value in text for value in (NAME, NUMBER, SLIPPED, "1971"))
    wide = float(root.attrib["viewBox"].split()[2])
    for bar in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert 0 <= float(bar.attrib["x"]) and float(bar.attrib["x"]) + float(bar.attrib["width"]) <= wide
