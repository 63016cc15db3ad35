"""What the CKAN face refuses. `fault.py` says which error of CKAN each becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from quanmin.errors import Denied, Invalid, NotFound
from quanmin.text import Text


class ActionUnknown(Invalid):
    """There is no such action."""

    code = "QM-CKAN-001"
    title = Text("没有名为 {name} 的操作", "there is no action called {name}")
    step = Text("手册“CKAN 接口”一页列出全部操作。", "The manual's page of the CKAN interface lists the actions.")


class CallUnreadable(Invalid):
    """The call is not JSON, no form, or not an object."""

    code = "QM-CKAN-002"
    title = Text("无法读取请求：{reason}", "the call cannot be read: {reason}")
    step = Text("参数须为一个 JSON 对象或表单。", "Parameters are one JSON object, or a form.")


class ValuesWrong(Invalid):
    """Values of a call are wrong; `faults` says of each field what."""

    faults: Mapping[str, Sequence[Text]] = {}
    code = "QM-CKAN-003"
    title = Text("请检查这些项：{fields}", "please look at: {fields}")
    step = Text("更正后重新提交。", "Correct them and send the call again.")

    @classmethod
    def of(cls, faults: Mapping[str, Sequence[Text]]) -> ValuesWrong:
        """The error of these fields."""
        made = cls(fields=", ".join(sorted(one[:40] for one in faults)))
        made.faults = faults
        return made

    @classmethod
    def at(cls, field: str, zh: str, en: str) -> ValuesWrong:
        """The error of one field."""
        return cls.of({field: [Text(zh, en)]})


class SearchWrong(Invalid):
    """A search is written wrongly."""

    code = "QM-CKAN-004"
    title = Text("检索参数 {part} 有误：{reason}", "the part {part} of the search is wrong: {reason}")
    step = Text(
        "手册“CKAN 接口”一页说明可用的写法。", "The manual's page of the CKAN interface says how it is written."
    )


class NothingThere(NotFound):
    """What was asked for is not there, or not for whoever asks."""

    code = "QM-CKAN-005"
    title = Text("没有找到 {name}", "{name} was not found")
    step = Text("请核对标识或名称。", "Check the id or name.")


class DatasetGone(NotFound):
    """A dataset was withdrawn; the reason is told."""

    code = "QM-CKAN-006"
    title = Text("数据集 {name} 已于 {day} 撤回：{reason}", "the dataset {name} was withdrawn on {day}: {reason}")
    step = Text("请在目录中查找替代的数据集。", "Look in the catalogue for what replaced it.")


class TokenWrong(Denied):
    """The token does not hold."""

    code = "QM-CKAN-007"
    title = Text("令牌无效或已过期", "the token is wrong or over")
    step = Text(
        "以服务密钥签名，用 api_token_create 换取新令牌。", "Sign with the service key and get one by api_token_create."
    )


class NotEditor(Denied):
    """The call needs a catalogue editor."""

    code = "QM-CKAN-008"
    title = Text("须为“{role}”岗位并属于该机构", "this needs the post {role} in the organisation")
    step = Text("请系统管理员为该账号设岗。", "The system administrator proposes a post for the account.")


class ReleaseOnly(Denied):
    """What came by a release is changed by a release only."""

    code = "QM-CKAN-009"
    title = Text(
        "数据集 {name} 由发布流程产生，只能由发布流程更改",
        "the dataset {name} came by a release and is changed by one only",
    )
    step = Text("请发布官另行发布。", "Ask the release officer for another release.")


class FileRefused(Invalid):
    """An uploaded file is not what may be published here."""

    code = "QM-CKAN-010"
    title = Text("未接受该文件：{reason}", "the file was not accepted: {reason}")
    step = Text("更正文件后重新上传。", "Correct the file and send it again.")
