"""A birth is counted once, whatever became of its certificates."""

from __future__ import annotations

from pathlib import Path

from quanmin import collect
from quanmin.lake import Lake
from quanmin.programs.vital.statistic import cube
from quanmin.trust import local_administrator

HEAD = "certificate_no,name,sex,birth_date,birth_place,mother_name,issued_on,issue,standing\n"
ROWS = (
    "P370000001,王安,1,2016-03-01,370102,李梅,2016-03-03,1,\n"  # told by a sender that knows no standing
    "P370000002,王安,1,2016-03-01,370102,李梅,2016-03-05,2,\n"  # exchanged: the same child
    "P370000003,王平,1,2016-04-01,370102,李兰,2016-04-03,1,3\n"  # replaced
    "P370000004,王平,1,2016-04-01,370102,李兰,2016-04-20,2,1\n"  # by this one
    "P370000005,王康,1,2016-05-01,370102,李菊,2016-05-03,1,2\n"  # lost, and not yet issued again
    "P370000006,王宁,1,2016-06-01,370102,李竹,2016-06-03,1,4\n"  # cancelled: there was no such birth
)


def test_exchanged_lost_and_cancelled_certificates_count_as_many_births_as_there_were(
    lake: Lake, tmp_path: Path
) -> None:
    file = tmp_path / "births.csv"
    file.write_text(HEAD + "".join(ROWS), "utf-8")
    assert collect.collect(lake, "health.birth", file, "health", local_administrator()).accepted == ROWS.count("\n")
    with lake.session(cube.STAGE) as session:
        months = cube._births(session).to_pylist()
    assert {one["month"]: one["births"] for one in months} == {3: 1, 4: 1, 5: 1}
