"""What the data API and the downloads refuse of a request itself."""

from __future__ import annotations

from quanmin.errors import Invalid, NotFound
from quanmin.text import Text


class UnknownParameter(Invalid):
    """A parameter that the address does not have, or one given twice; what is not known is not repeated."""

    code = "QM-DATA-001"
    title = Text(
        "参数不被接受或重复；可用：{names}", "a parameter is not known here or given twice; there are: {names}"
    )
    step = Text("筛选字段请用 filter 参数。", "Fields are filtered with the parameter filter.")


class NoSuchAddress(NotFound):
    """Nothing of the data API has this address."""

    code = "QM-DATA-002"
    title = Text("数据接口没有这个地址", "the data API has no such address")
    step = Text("地址见 /data/v1/openapi.json。", "The document /data/v1/openapi.json lists the addresses.")


class MethodRefused(Invalid):
    """An address is asked for in a way that it does not answer to."""

    code = "QM-DATA-003"
    title = Text("该地址只接受：{methods}", "this address answers to: {methods}")
    step = Text("改用列出的请求方式。", "Use one of those methods.")


class RangeRefused(Invalid):
    """A range that lies beyond the file, or several that are not one."""

    code = "QM-DATA-004"
    title = Text("请求的字节范围不可用；文件长 {size} 字节", "the range cannot be given; the file has {size} bytes")
    step = Text("每次请求一个范围内的连续部分。", "Ask for one connected part of the file at a time.")


class BadBody(Invalid):
    """A body that is not the JSON document it should be."""

    code = "QM-DATA-005"
    title = Text("请求体须为 JSON 对象", "the body must be a JSON object")
    step = Text("请以 Content-Type: application/json 发送。", "Send it with Content-Type: application/json.")
