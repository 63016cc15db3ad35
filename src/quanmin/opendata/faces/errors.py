"""What the faces of the catalogue refuse."""

from __future__ import annotations

from quanmin.errors import Invalid, NotFound
from quanmin.text import Text


class BadProfile(Invalid):
    """The file that says what the installation is in other standards cannot be used."""

    code = "QM-FACES-001"
    title = Text("目录说明文件在 {place} 处有误：{reason}", "the catalogue's profile is wrong at {place}: {reason}")
    step = Text(
        "QUANMIN_CATALOGUE_PROFILE 所指文件的写法见手册“标准输出”一页。",
        "The manual's page of faces says what the file of QUANMIN_CATALOGUE_PROFILE holds.",
    )


class NoSuchPage(NotFound):
    """A page of the catalogue that is asked for by its number does not exist."""

    code = "QM-FACES-002"
    title = Text("目录没有第 {page} 页，共 {pages} 页", "the catalogue has no page {page}; it has {pages}")
    step = Text("从第 1 页开始，沿 hydra:next 逐页取得。", "Begin with page 1 and follow hydra:next from page to page.")


class NotATable(NotFound):
    """A dataset is asked for in a form that describes a table, and has none."""

    code = "QM-FACES-003"
    title = Text("数据集 {name} 没有可下载的表", "the dataset {name} has no table to download")
    step = Text("其他形式的描述见该数据集页面。", "The page of the dataset leads to its other forms.")
