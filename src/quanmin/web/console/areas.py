"""The parts of the console, in the order of the navigation, and whose work they are."""

from __future__ import annotations

from quanmin.exchange.role import OPERATOR as EXCHANGE_OPERATOR
from quanmin.opendata.participation.role import MODERATOR, PUBLISHER
from quanmin.opendata.release.life import CHECKER, OFFICER
from quanmin.programs.vital.role import ROLES as VITAL_ROLES
from quanmin.text import Text
from quanmin.web.face import Area

OPERATOR = ("operator",)
ADMINISTRATORS = ("system_administrator", "security_administrator", "audit_administrator")
RELEASERS = (OFFICER, CHECKER)
VITAL = tuple(VITAL_ROLES)
EXCHANGERS = (EXCHANGE_OPERATOR, "audit_administrator")

AREAS = (
    Area("overview", Text("总览", "Overview"), "/"),
    Area("collect", Text("采集", "Collect"), "/collect", OPERATOR),
    Area("standards", Text("标准", "Standards"), "/standards"),
    Area("population", Text("人口库", "Population"), "/population"),
    Area("review", Text("审核", "Review"), "/review", ("reviewer", "arbiter", *OPERATOR)),
    Area("vital", Text("生命登记", "Vital events"), "/vital", VITAL),
    Area("feedback", Text("反馈", "Feedback"), "/feedback", OPERATOR),
    Area("exchange", Text("共享交换", "Exchange"), "/exchange", EXCHANGERS),
    Area("releases", Text("开放发布", "Open releases"), "/releases", RELEASERS),
    Area("participation", Text("开放门户", "Open portal"), "/participation", (MODERATOR, PUBLISHER)),
    Area("trust", Text("可信", "Trust"), "/trust"),
    Area("operations", Text("运维", "Operations"), "/operations", (*OPERATOR, *ADMINISTRATORS)),
)
