"""What the storage of open files refuses."""

from __future__ import annotations

from quanmin.errors import Incomplete, NotFound
from quanmin.text import Text


class UnknownFile(NotFound):
    """No file of the portal has this checksum."""

    code = "QM-STORAGE-001"
    title = Text("没有校验和为 {sha256} 的开放文件", "no open file has the checksum {sha256}")
    step = Text("请从数据集页面重新取得下载地址。", "Take the address from the page of the dataset again.")


class FileDamaged(Incomplete):
    """A file does not hold what its name says."""

    code = "QM-STORAGE-002"
    title = Text("开放文件 {sha256} 已损坏", "the open file {sha256} is damaged")
    step = Text("请从备份恢复该文件，或重新运行该发布。", "Restore it from a backup, or run the release again.")
