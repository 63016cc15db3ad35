"""What can go wrong in the lake."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from quanmin.text import Text


class LakeUndeclared(Denied):
    """A stage touched a table that the map does not give it."""

    code = "QM-LAKE-001"
    title = Text("阶段“{stage}”没有声明对 {table} 的{access}", "stage {stage} has not declared to {access} {table}")
    step = Text("请在 flow.py 中声明，或改用已声明的表。", "Declare it in flow.py, or use a declared table.")


class BadAddress(Invalid):
    """A table address is not `zone.dataset`."""

    code = "QM-LAKE-002"
    title = Text("“{table}”不是表的地址", "{table} is not the address of a table")
    step = Text(
        "地址的写法是 zone.dataset，例如 clean.health.birth。", "Write zone.dataset, such as clean.health.birth."
    )


class UnknownTable(NotFound):
    """The snapshot has no such table."""

    code = "QM-LAKE-003"
    title = Text("第 {snapshot} 号快照中没有表 {table}", "snapshot {snapshot} has no table {table}")
    step = Text("请先采集或生成这张表。", "Collect or build this table first.")


class LakeFull(Unavailable):
    """A file could not be written."""

    code = "QM-LAKE-004"
    title = Text("写不进数据湖（{table}）：{reason}", "the lake cannot be written ({table}): {reason}")
    step = Text(
        "请腾出磁盘空间或检查权限，再重新执行；本次没有写入任何内容。",
        "Free disk space or check permissions and run it again; nothing of this run is visible.",
    )


class LakeMoved(Conflict):
    """A table changed between reading it and wanting to write it."""

    code = "QM-LAKE-005"
    title = Text("表 {table} 在本次工作期间被他人更新", "table {table} was changed by somebody else during this work")
    step = Text("没有写入任何内容，请重新执行。", "Nothing was written; run it again.")


class SchemaDiffers(Invalid):
    """Rows do not fit the table they are written to."""

    code = "QM-LAKE-006"
    title = Text("写入 {table} 的列与表不符：{columns}", "columns written to {table} do not fit it: {columns}")
    step = Text(
        "请让列名和类型与表一致；只可以增加新列。", "Give the table's names and types; only new columns may be added."
    )


class VersionGone(NotFound):
    """Files of an old version were removed by vacuum."""

    code = "QM-LAKE-007"
    title = Text("第 {snapshot} 号快照的文件已被清理", "the files of snapshot {snapshot} were cleaned up")
    step = Text("请选用保留期内的快照。", "Choose a snapshot inside the retention.")


class NotReadable(Invalid):
    """A gated read asks for something that its decision does not cover."""

    code = "QM-LAKE-008"
    title = Text("这次读取的决定不含：{columns}", "the decision of this read does not cover: {columns}")
    step = Text("请为所需的列另行申请。", "Ask for a decision on the columns that are needed.")


class HomeUnusable(Unavailable):
    """The home, or the lake's folder in it, cannot be made or written."""

    code = "QM-LAKE-009"
    title = Text("运行目录 {home} 无法建立或写入：{reason}", "the home {home} cannot be made or written: {reason}")
    step = Text("请在 QUANMIN_HOME 中指定一个可写的目录。", "Set QUANMIN_HOME to a folder that can be written.")


class NoCluster(Invalid):
    """Work was to run on a cluster, and none is set."""

    code = "QM-LAKE-010"
    title = Text("没有设置计算集群", "no cluster is set")
    step = Text(
        "请设置 QUANMIN_SPARK=sc://主机:端口，或改用 --engine duckdb。",
        "Set QUANMIN_SPARK=sc://host:port, or use --engine duckdb.",
    )


class ClusterUnreachable(Unavailable):
    """Nobody listens at the cluster's address; nothing was written."""

    code = "QM-LAKE-011"
    title = Text("连不上计算集群（{host}）", "the cluster cannot be reached ({host})")
    step = Text(
        "请检查 QUANMIN_SPARK 的地址以及集群是否已启动；本次没有写入任何内容。",
        "Check the address in QUANMIN_SPARK and that the cluster runs; nothing was written.",
    )


class ClusterFailed(Unavailable):
    """The cluster gave up; nothing was written."""

    code = "QM-LAKE-012"
    title = Text("计算集群未能完成作业：{reason}", "the cluster did not finish the job: {reason}")
    step = Text(
        "请查看集群日志，并确认各节点装有同一版本的 quanmin 且能访问数据湖；本次没有写入任何内容，可重新执行。",
        "Look at the cluster's log; every node needs the same quanmin and the lake's files. Nothing was written: run it again.",
    )


class SparkMissing(Unavailable):
    """The client of Spark Connect is not installed."""

    code = "QM-LAKE-013"
    title = Text("未安装 Spark 客户端", "the Spark client is not installed")
    step = Text(
        "请执行 pip install 'quanmin[spark]'，或改用 --engine duckdb。",
        "Run pip install 'quanmin[spark]', or use --engine duckdb.",
    )
