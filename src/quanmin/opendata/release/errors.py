"""What can go wrong on the way to a release."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound
from quanmin.text import Text


class RecipeUnreadable(Invalid):
    """The recipe is no TOML, or not of the shape of a recipe."""

    code = "QM-RELEASE-001"
    title = Text("配方 {place} 处有误：{reason}", "the recipe is wrong at {place}: {reason}")
    step = Text(
        "请按手册“发布流程”一章改正该处。", "Correct that place; the manual's page on releases shows every key."
    )


class DirectIdentifier(Invalid):
    """A recipe asks for what identifies a person by itself."""

    code = "QM-RELEASE-002"
    title = Text(
        "配方 {place} 用到直接标识符 {element}，不得开放",
        "the recipe uses the direct identifier {element} at {place}; it is never opened",
    )
    step = Text("请从配方中删去这一元素。", "Take the element out of the recipe.")


class HierarchyUncovered(Invalid):
    """A column has values that its generalisation does not cover."""

    code = "QM-RELEASE-003"
    title = Text(
        "配方 {place}：有 {values} 个取值不在泛化层次内（元素 {element}）",
        "the recipe at {place}: {values} values of element {element} are not covered by its generalisation",
    )
    step = Text(
        '请补全层次，或写明 uncovered = "missing" 或 "leave_out"。',
        'Complete the hierarchy, or say uncovered = "missing" or "leave_out" there.',
    )


class SourceNotOpen(Denied):
    """The policies show a column of the source to no release."""

    code = "QM-RELEASE-004"
    title = Text("{source} 的 {elements} 不得用于发布", "{elements} of {source} may not be used for a release")
    step = Text(
        "请改用其他来源或元素，或请人以发布员身份运行。",
        "Use another source or element, or have a release officer run it.",
    )


class UnknownRelease(NotFound):
    """There is no such release."""

    code = "QM-RELEASE-005"
    title = Text("没有编号为 {release} 的发布", "there is no release {release}")
    step = Text("quanmin release list 列出全部发布。", "quanmin release list shows all of them.")


class SamePerson(Denied):
    """Whoever ran a release may not check it."""

    code = "QM-RELEASE-006"
    title = Text("第 {release} 号发布须由另一人复核", "release {release} must be checked by another person")
    step = Text("请由未参与运行的复核员办理。", "Ask a release checker who is not the person that ran it.")


class OvertakenByRelease(Conflict):
    """Another release went out since this one was run, and both together tell of a few people."""

    code = "QM-RELEASE-007"
    title = Text(
        "运行之后已有其他发布（{others}），两者相减可得少数人",
        "other releases went out since this one was run ({others}), and together they leave a few people",
    )
    step = Text("请退回并用更粗的配方重新运行。", "Refuse it and run a coarser recipe.")


class EvidenceUnreadable(Invalid):
    """A file is no evidence of a release."""

    code = "QM-RELEASE-008"
    title = Text("{file} 不是发布证据：{reason}", "{file} is no evidence of a release: {reason}")
    step = Text(
        "请给出发布编号，或从数据集页面下载的证据文件。", "Give a release's number or the evidence file of its dataset."
    )


class NameInUse(Conflict):
    """The name of a recipe is that of a dataset that no release made."""

    code = "QM-RELEASE-009"
    title = Text("名称 {name} 已属于另一条目录", "the name {name} belongs to another record of the catalogue")
    step = Text("请更换配方的 id。", "Give the recipe another id.")


class NothingToRelease(Invalid):
    """The source has no rows for this recipe."""

    code = "QM-RELEASE-010"
    title = Text("{source} 中没有符合配方的记录", "{source} has no rows for this recipe")
    step = Text("请检查筛选条件与数据是否已采集。", "Check the filters, and whether the data were collected.")


class SnapshotGone(Conflict):
    """The data that a release was made of are no longer kept."""

    code = "QM-RELEASE-011"
    title = Text(
        "快照 {snapshot} 的数据已清理，无法重放",
        "the data of snapshot {snapshot} were vacuumed; nothing can be replayed",
    )
    step = Text("签名与文件仍已核对。", "Signature and files were checked all the same.")


class PlacesDamaged(Conflict):
    """The list of people's places is not whole."""

    code = "QM-RELEASE-012"
    title = Text("人员序号表损坏，不能发布", "the list of places is damaged; nothing can be released")
    step = Text("请从备份恢复 home/release。", "Restore home/release from a backup.")


class NoStanding(Conflict):
    """Nobody may refresh this dataset by the clock."""

    code = "QM-RELEASE-013"
    title = Text("数据集 {name} 没有可自动更新的发布", "dataset {name} has no published release with a schedule")
    step = Text("请先发布一份写明 refresh = true 的配方。", "Publish a recipe that says refresh = true first.")


class FileUnreadable(Invalid):
    """A recipe or an evidence file cannot be read."""

    code = "QM-RELEASE-014"
    title = Text("读不到文件 {file}：{reason}", "file {file} cannot be read: {reason}")
    step = Text("请核对路径与编码（UTF-8）。", "Check the path, and that the file is UTF-8.")
