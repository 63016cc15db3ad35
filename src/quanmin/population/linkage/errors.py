"""The errors of linkage."""

from __future__ import annotations

from quanmin.errors import Conflict, NotFound
from quanmin.text import Text


class OtherColumns(Conflict):
    """A saved model compares columns that this program does not have, or the other way round."""

    code = "QM-LINKAGE-001"
    title = Text(
        "关联模型 {version} 所比较的列与本程序不同：{columns}",
        "linkage model {version} compares other columns than this program: {columns}",
    )
    step = Text("重新训练：quanmin population link --train", "train a new one: quanmin population link --train")


class NoModel(NotFound):
    """There is no model of this version."""

    code = "QM-LINKAGE-002"
    title = Text("没有版本为 {version} 的关联模型", "there is no linkage model of version {version}")
    step = Text("运行：quanmin population link", "run: quanmin population link")


class NoLink(NotFound):
    """The record was not compared with anybody."""

    code = "QM-LINKAGE-003"
    title = Text(
        "{dataset} 批次 {batch} 第 {row} 行没有可比对的候选人",
        "row {row} of batch {batch} of {dataset} has nobody to be compared with",
    )
    step = Text(
        "只有搁置的记录才参加关联；先运行 quanmin population link",
        "only records that were set aside are linked; run quanmin population link first",
    )
