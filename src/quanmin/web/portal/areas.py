"""The parts of the portal, in the order of the navigation."""

from __future__ import annotations

from quanmin.text import Text
from quanmin.web.face import Area

AREAS = (
    Area("home", Text("首页", "Home"), "/", signed=False),
    Area("datasets", Text("数据目录", "Data catalogue"), "/datasets", signed=False),
    Area("statistics", Text("统计", "Statistics"), "/statistics", signed=False),
    Area("explore", Text("自选图表", "Explore"), "/explore", signed=False),
    Area("reuses", Text("应用成果", "Reuses"), "/reuses", signed=False),
    Area("requests", Text("数据需求", "Requests"), "/requests", signed=False),
    Area("participation", Text("我的参与", "My participation"), "/my/participation", signed=False),
    Area("my_record", Text("我的记录", "My record"), "/my-record", signed=False),
    Area("verify", Text("证件查验", "Verify"), "/verify", signed=False),
    Area("about", Text("关于", "About"), "/about", signed=False),
)
