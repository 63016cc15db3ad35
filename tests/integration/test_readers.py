"""Five people read the same person: what each gets, with reasons."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from quanmin.lake import Lake
from quanmin.readers_demo import SHOWN, readers
from quanmin.standards import kernels

NUMBER, OTHER = "11010519491231002X", "440524188001010014"


@pytest.fixture
def base(lake: Lake) -> Lake:
    keys = kernels.read_numbers(pa.array([NUMBER, OTHER])).key
    people: dict[str, Any] = {
        "bucket": pa.array(kernels.bucket_of(pa.array(keys), None, lake.settings.buckets), pa.int32()),
        "person_key": pa.array(keys, pa.int64()),
        "name": ["李明", "欧阳娜娜"],
        "sex": ["1", "2"],
        "birth_date": pa.array(["1949-12-31", "1880-01-01"]).cast(pa.date32()),
        "birth_place": ["110105", "440524"],
        "marital_status": ["20", "10"],
        "registered_address": ["北京市朝阳区胜利巷 1 号", "广东省汕头市 2 号"],
        "death_date": pa.array([None, "1950-03-01"]).cast(pa.date32()),
    }
    table = pa.table(people)
    with lake.session("population") as session:
        session.writer("linked.person", table.schema, "bucket").write(table)
        session.commit()
    return lake


def test_each_gets_what_the_post_and_the_purpose_allow(base: Lake) -> None:
    doctor, statistician, researcher, insurer, citizen = readers(base, NUMBER)
    assert doctor.values == citizen.values and doctor.values["citizen_number"] == NUMBER and doctor.rows == 1
    assert set(doctor.outcomes.values()) == {"clear"}
    assert statistician.values == {} and statistician.rows == 2 and statistician.obligations == ("aggregate_only",)
    assert statistician.outcomes["name"] == statistician.outcomes["citizen_number"] == "withheld"
    assert researcher.rows == 2 and researcher.outcomes["name"] == "pseudonymised"
    assert str(researcher.values["birth_date"]) == "1949-01-01" and researcher.values["birth_place"] == "110100"
    assert "李" not in str(researcher.values) and NUMBER[6:14] not in str(researcher.values)
    assert insurer.rows == 1 and insurer.values["name"] == "李*" and insurer.values["sex"] == "1"
    assert insurer.values["registered_address"] == "北京市***"
    for one in (doctor, statistician, researcher, insurer, citizen):
        assert set(one.reasons) == set(SHOWN) and all(text.zh and text.en for text in one.reasons.values())
        assert one.to_dict()["purpose"] == one.purpose


def test_the_same_twice(base: Lake) -> None:
    assert [one.values for one in readers(base, NUMBER)] == [one.values for one in readers(base, NUMBER)]
