"""A small lake to release from: a base of 1,200 people in three counties, made by a formula, and people who act."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from quanmin.lake import Lake
from quanmin.opendata.release import Releases
from quanmin.settings import Settings
from quanmin.trust import Actor, local_administrator

COUNTIES = ("370102", "370103", "370202")
PEOPLE = 1_200


def people(count: int = PEOPLE, changed: int = 0) -> pa.Table:
    """`count` people of the base; the first `changed` of them have the other sex."""
    keys = [37010219000101000 + n for n in range(count)]
    born = [datetime.date(1935 + n * 7 % 80, 1 + n % 12, 1 + n % 28) for n in range(count)]
    sexes = ["12"[(n // 3 + (n < changed)) % 2] for n in range(count)]
    columns = {
        "person_key": pa.array(keys, pa.int64()),
        "sex": pa.array(sexes, pa.string()),
        "birth_date": pa.array(born, pa.date32()),
        "birth_place": pa.array([COUNTIES[n % 3] for n in range(count)], pa.string()),
        "education": pa.array([("10", "31", "71", None)[n // 7 % 4] for n in range(count)], pa.string()),
        "marital_status": pa.array([("10", "21", "40")[n // 5 % 3] for n in range(count)], pa.string()),
        "death_date": pa.array([None] * count, pa.date32()),
        "name": pa.array(["某人"] * count, pa.string()),
        "bucket": pa.array([0] * count, pa.int32()),
    }
    return pa.table(columns)


def store(lake: Lake, rows: pa.Table) -> None:
    """The base is these people from now on."""
    with lake.session("population") as session:
        writer = session.writer("linked.person", rows.schema, "bucket")
        writer.overwrite()
        writer.write(rows)
        session.commit()


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(Settings(home=tmp_path / "home", buckets=1)) as made:
        store(made, people())
        yield made


@pytest.fixture
def releases(lake: Lake) -> Releases:
    return Releases.open(lake)


def named(name: str) -> Actor:
    """The local administrator under a name."""
    return replace(local_administrator(), id=name)


@pytest.fixture
def officer() -> Actor:
    return named("officer")


@pytest.fixture
def checker() -> Actor:
    return named("checker")


HEAD = """
id = "people"
kind = "table"
title = { zh = "人口", en = "People" }
description = { zh = "分县人口", en = "People by county" }
source = "linked.person"
rules = "health"
access = "public"
licence = "cc-by"
frequency = "ANNUAL"
area = "population_coordination"
themes = ["SOCI"]
keywords = { zh = ["人口"], en = ["population"] }
formats = ["parquet", "csv", "xlsx", "json"]
publisher = { id = "health", name = { zh = "卫生健康委员会", en = "Health Commission" } }
"""
AGE = """
[[dimension]]
name = "age"
element = "birth_date"
form = "age"
on = 2015-12-31
bands = [0, 15, 60]
title = { zh = "年龄", en = "Age" }
"""
SEX = """
[[dimension]]
name = "sex"
element = "sex"
form = "code"
title = { zh = "性别", en = "Sex" }
"""
PLACE = """
[[dimension]]
name = "place"
element = "birth_place"
form = "region"
levels = ["city", "county"]
title = { zh = "地区", en = "Place" }
"""
TABLE = HEAD + PLACE + SEX
MICRODATA = HEAD.replace('kind = "table"', 'kind = "microdata"') + PLACE + SEX + AGE
