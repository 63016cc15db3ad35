"""Who may have the data of a record: what its kind of access says to whoever asks. The record itself is for everybody."""

from __future__ import annotations

from dataclasses import dataclass

from quanmin.errors import Denied
from quanmin.opendata.catalogue import Record
from quanmin.text import Text


class NotOpen(Denied):
    """The data of this record are not open; only its description is."""

    code = "QM-ACCESS-001"
    title = Text("{name} 不开放，仅公布目录信息", "{name} is not open: only its description is published")
    step = Text("可向发布机构提出数据需求。", "You can ask its publisher for data by a request.")


class AccountNeeded(Denied):
    """The data of this record are for those who are registered."""

    code = "QM-ACCESS-002"
    title = Text("{name} 须登录或使用接口密钥", "{name} is for those who signed in or send an API key")
    step = Text("请登录，或在请求头中附上接口密钥。", "Sign in, or send an API key in the header.")


class ApplicationNeeded(Denied):
    """The data of this record are given on application."""

    code = "QM-ACCESS-003"
    title = Text("{name} 须申请后使用", "{name} is given on application")
    step = Text(
        "请在数据集页面提交申请，批准后即可使用。", "Apply on the page of the dataset; it is open to you once granted."
    )


@dataclass(frozen=True)
class Reader:
    """Whoever asks for data: an account (none: anybody), and the ids of records granted to it on application."""

    account: str | None = None
    granted: frozenset[str] = frozenset()


ANYBODY = Reader()


def require(record: Record, reader: Reader) -> None:
    """Let pass whoever may have the data of a record; NotOpen, AccountNeeded, ApplicationNeeded."""
    match record.access.code:
        case "public":
            return
        case "registered":
            if reader.account is None:
                raise AccountNeeded(name=record.name)
        case "application":
            if reader.account is None or record.id not in reader.granted:
                raise ApplicationNeeded(name=record.name)
        case _:
            raise NotOpen(name=record.name)
