"""How the catalogue's own words are said, and lists in pages."""

from __future__ import annotations

from typing import Any, TypeVar

from quanmin.ledger.listing import place
from quanmin.text import Text

T = TypeVar("T")
SIZE = 50
SUB = (
    ("/standards", Text("业务区与数据集", "Areas and datasets")),
    ("/standards/elements", Text("数据元", "Elements")),
    ("/standards/value-sets", Text("值域", "Value sets")),
    ("/standards/regions", Text("行政区划", "Regions")),
    ("/standards/search", Text("搜索", "Search")),
    ("/standards/check", Text("试验文件", "Check a file")),
)
TYPES = {
    "text": Text("文本", "text"),
    "code": Text("代码", "code"),
    "citizen_number": Text("公民身份号码", "citizen number"),
    "region": Text("行政区划", "region"),
    "date": Text("日期", "date"),
    "datetime": Text("日期时间", "date and time"),
    "integer": Text("整数", "whole number"),
    "decimal": Text("小数", "decimal number"),
    "boolean": Text("是否", "yes or no"),
}
ROLES = {
    "direct": Text("直接标识", "identifies directly"),
    "quasi": Text("准标识", "helps to identify"),
    "sensitive": Text("敏感", "sensitive"),
    "none": Text("无", "none"),
}
FREQUENCIES = {
    "realtime": Text("实时", "at once"),
    "daily": Text("每日", "daily"),
    "weekly": Text("每周", "weekly"),
    "monthly": Text("每月", "monthly"),
    "quarterly": Text("每季", "quarterly"),
    "yearly": Text("每年", "yearly"),
}
SHARES = {
    "unconditional": Text("无条件共享", "shared with every agency"),
    "conditional": Text("有条件共享", "shared on conditions"),
    "closed": Text("不予共享", "not shared"),
}
OPENS = {
    "open": Text("无条件开放", "open to everybody"),
    "registered": Text("登记后开放", "open to who registers"),
    "aggregated": Text("只开放汇总", "sums are open"),
    "closed": Text("不开放", "not open"),
}
LEVELS = {"province": Text("省级", "province"), "city": Text("地级", "city"), "county": Text("县级", "county")}


def paged(rows: list[T], page: int) -> tuple[list[T], dict[str, Any]]:
    """The rows of a page, and where it stands; one beyond the end is the last."""
    at = place(page, len(rows), SIZE)
    return rows[at.skip : at.skip + SIZE], {"page": at.page, "pages": at.pages, "total": len(rows)}
