"""Applications for data as the publisher sees them: granted until a day, refused, revoked."""

from __future__ import annotations

from quanmin.opendata.participation import application, owner, paper, words
from quanmin.opendata.participation.errors import UnknownPaper
from quanmin.opendata.participation.role import PUBLISHER
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.participation.desk import sub
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal.participation.common import Number, called, more, records
from quanmin.web.view import Answer, Redirect, View

PAGE = "console/participation/application.html"
ROLES = (PUBLISHER,)
STEPS = {"grant": Text("批准", "Grant"), "refuse": Text("不批准", "Refuse"), "revoke": Text("撤销", "Revoke")}
FORM = (
    Field("step", Text("处理", "Decision"), "choice", choices=list(STEPS.items())),
    Field("until", Text("使用到（批准时填）", "Until (when granted)"), "day", needed=False),
    Field(
        "reason",
        Text("理由（申请人可见）", "Reason (the applicant reads it)"),
        "words",
        needed=False,
        limit=words.SHORT,
    ),
)


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/participation/applications/{document}", PAGE, roles=ROLES)
    def one(ask: Ask, document: Number) -> Answer:
        """An application to decide; only its publisher reads it."""
        found, ledger = application.get(ask.place.portal, document), ask.lake.ledger
        filing = paper.filing(ledger, document)
        if not owner.answers(ledger, ask.who, filing.publisher):
            raise UnknownPaper()
        state = application.state(ledger, found)
        data = {key: found.data.get(key) for key in ("who", "purpose", "use", "wanted", "terms", "until", "reason")}
        data |= {"document": document, "state": state, "state_title": application.STATES[state], "at": found.at}
        data |= {"by": called(ask, [filing.author])[filing.author], "datasets": records(ask, filing.about)}
        allowed = {action.name for action in application.KIND.allowed(found.state)}
        steps = [(step, said) for step, said in STEPS.items() if step in allowed and state != "expired"]
        fields = [Field(**{**vars(each), "choices": steps}) if each.name == "step" else each for each in FORM]
        fields = [
            Field(**{**vars(each), "value": found.data["wanted"]}) if each.name == "until" else each for each in fields
        ]
        title = Text(f"数据申请 {document}", f"Application {document}")
        return View(title, data, more(fields=fields, steps=steps, sub=sub(ask)))

    @face.form("/participation/applications/{document}/decide", FORM, page=one, template=PAGE, roles=ROLES)
    def decide(ask: Ask, posted: Posted, document: Number) -> Answer:
        """Decide it."""
        application.decide(ask.place.portal, ask.who, document, posted["step"], posted["reason"], posted["until"])
        return Redirect(f"/participation/applications/{document}", Text("已办理", "Done"))
