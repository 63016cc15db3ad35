"""What can go wrong when a province is simulated."""

from __future__ import annotations

from quanmin.errors import Conflict, Invalid
from quanmin.text import Text


class PersonsOutOfRange(Invalid):
    """The province must have people, and not more than a province can have."""

    code = "QM-SYNTH-001"
    title = Text("人数 {persons} 超出范围（1 至 {limit}）", "{persons} persons is outside 1 to {limit}")
    step = Text("改用范围内的人数", "Ask for a number of persons within the range")


class UnknownProvince(Invalid):
    """The region table has no counties under that code."""

    code = "QM-SYNTH-002"
    title = Text("没有省级代码为 {province} 的县级区划", "No counties under the province code {province}")
    step = Text("使用两位省级代码，例如 13 或 42", "Use a two-digit province code such as 13 or 42")


class ProvinceTooSmall(Invalid):
    """Too many people of one county were born on one day to give each a number."""

    code = "QM-SYNTH-003"
    title = Text(
        "同一县同日出生的同性别人数超过 {limit}，号码不够用",
        "More than {limit} people of one sex born in one county on one day: the numbers do not suffice",
    )
    step = Text("减少人数", "Ask for fewer persons")


class FolderTaken(Conflict):
    """The folder already holds something that is not an earlier simulation."""

    code = "QM-SYNTH-004"
    title = Text("目录 {directory} 已有其他文件", "The folder {directory} already holds other files")
    step = Text("选用空目录", "Choose an empty folder")


class UnknownFormats(Invalid):
    """Formats are `native` or `parquet`."""

    code = "QM-SYNTH-005"
    title = Text("不认识的格式 {formats}", "Unknown formats {formats}")
    step = Text("使用 native 或 parquet", "Use native or parquet")


class MissingElement(Invalid):
    """The catalogue asks for an element that the simulation cannot fill."""

    code = "QM-SYNTH-006"
    title = Text("模拟程序不会填写 {dataset} 的必填项 {element}", "The simulation cannot fill {element} of {dataset}")
    step = Text("在 synth 中补充该项，或取消其必填", "Teach synth the element, or make it optional")
