"""The first page of the area: what waits for the viewer, and the pages that are the viewer's work."""

from __future__ import annotations

from quanmin.text import Text
from quanmin.trust.approval import SIGNERS
from quanmin.web.ask import Ask
from quanmin.web.console.trust import approvals
from quanmin.web.console.trust.area import PAGES, shown
from quanmin.web.face import Face
from quanmin.web.view import Answer

TITLE = Text("可信", "Trust")
ABOUT = {
    "/trust/approvals": Text("别人提出、等您签字的事项", "what others proposed and you may sign"),
    "/trust/people": Text("账号的提出、确认、停用与恢复", "accounts: proposed, confirmed, disabled, used again"),
    "/trust/organisations": Text("机构树与行政区划", "the tree of organisations with their regions"),
    "/trust/posts": Text("谁在哪里任什么角色，到何时", "who has which role where, until when"),
    "/trust/grants": Text("有目的、负责人和期限的授权", "grants with purpose, owner and end"),
    "/trust/guardians": Text("谁可代理被监护人", "who acts for a ward"),
    "/trust/certificates": Text("自有证书机构：申请、签发、吊销", "the own authority: requests, issuing, revoking"),
    "/trust/tokens": Text("服务签发令牌所用的公钥", "with which services sign their tokens, until when"),
    "/trust/sessions": Text("谁正登录着，可立即终止", "who is signed in; ended at once"),
    "/trust/emergency": Text("四小时的紧急调阅及其复核", "four hours for one person, and their review"),
    "/trust/patients": Text("以人口库核实后开户", "an account, proven against the base"),
    "/trust/flags": Text("查阅即告警的人员", "people whose reads always alarm"),
    "/trust/reidentification": Text("由假名回到个人，须两人", "from pseudonyms back to people, by two"),
    "/trust/care": Text("谁在诊疗谁", "who treats whom"),
    "/trust/consents": Text("本人的同意与撤回", "your consents, and taking them back"),
    "/trust/agreements": Text("机构可为何目的使用哪些数据集", "which datasets an organisation may use, and for what"),
    "/trust/policies": Text("现行策略原文与变更", "the policies in force, their text and their changes"),
    "/trust/explain": Text("为什么某人能看或不能看", "why somebody may see something or not"),
    "/trust/see": Text("某人能看的一切，一张表", "all that somebody may see, as one table"),
    "/trust/audit": Text("检索、证明、告警、核验与导出", "search, proofs, alarms, checks, export"),
    "/trust/selfcheck": Text("等保三级 27 项及其证据", "27 rows of protection level 3, with evidence"),
}


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/trust", "console/trust/front.html")
    def front(ask: Ask) -> Answer:
        """What waits, and where to go."""
        waiting = len(approvals.desk(ask).waiting()) if ask.holds(*SIGNERS) else 0
        pages = [
            {"path": path, "title": title, "about": ABOUT[path]}
            for path, title, roles in PAGES
            if path != "/trust" and (not roles or ask.holds(*roles))
        ]
        return shown(ask, TITLE, {"waiting": waiting, "pages": pages})
