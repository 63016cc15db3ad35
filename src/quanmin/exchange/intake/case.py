"""The life of a case: errors of one delivery as one feedback delivery told them, until none of them stands.

The document's `ref` is the delivery that is answered. The clock of an answer starts when the feedback is acknowledged, and is
that of every error (`population.build.ANSWER`). Where its errors stand is told beside it (`ledger.progress`), so that the clock
does not start again with every correction.
"""

from __future__ import annotations

from sqlalchemy import Connection

from quanmin.exchange.role import OPERATOR
from quanmin.ledger import Action, Document, Ledger, Workflow, register
from quanmin.ledger.progress import tell, told
from quanmin.population.build import ANSWER
from quanmin.text import Text

CASE = register(
    Workflow(
        "exchange_case",
        start="prepared",
        actions=[
            Action("send", "prepared", "told", needs=("delivery",)),
            Action("acknowledge", "told", "open", needs=("receipt",)),
            Action("lapse", ("prepared", "told"), "lapsed", needs=("error",)),
            Action("close", "open", "closed", by=OPERATOR, due=ANSWER),
        ],
    )
)
STATES: dict[str, Text] = {
    "prepared": Text("待发送", "to be sent"),
    "told": Text("已发送", "sent"),
    "open": Text("待更正", "to be corrected"),
    "closed": Text("已办结", "closed"),
    "lapsed": Text("未送达", "not delivered"),
}
WAITING = ("prepared", "told")
"""States in which a feedback is on its way: until it is acknowledged nothing more is told of the same delivery."""

DISPUTE = register(
    Workflow(
        "exchange_dispute",
        start="raised",
        actions=[
            Action("uphold", "raised", "upheld", by=OPERATOR, needs=("because",), due=ANSWER),
            Action("reject", "raised", "rejected", by=OPERATOR, needs=("because",)),
        ],
        words=("words",),
    )
)
"""What a provider says of errors that it holds to be none; the consumer upholds or rejects it. `ref` is the feedback."""
DISPUTE_STATES: dict[str, Text] = {
    "raised": Text("待裁定", "to be decided"),
    "upheld": Text("异议成立", "upheld"),
    "rejected": Text("异议不成立", "rejected"),
}
REASONS: dict[str, Text] = {
    "confirmed_at_source": Text("已核对原始证件，数据无误", "checked against the document: the data is right"),
    "registered_elsewhere": Text("户籍在外省或未落户", "registered in another province, or not yet"),
    "rule_not_applicable": Text("规则不适用于该记录", "the rule does not apply to this record"),
    "other": Text("其他", "other"),
}


def counts(connection: Connection, cases: list[Document]) -> dict[int, dict[str, int]]:
    """How many of the errors of each case are open, corrected, disputed, upheld and closed."""
    known = told(connection, [one.id for one in cases])
    return {one.id: dict(known[one.id].data) if one.id in known else {} for one in cases}


def stand(ledger: Ledger, case: Document, now: dict[str, int]) -> Document:
    """Keep where the errors of a case stand; where none is left of one that was acknowledged, it is closed at once.

    Whoever reads never sees a case whose errors are all closed and which is still open.
    """
    left = any(now.get(state, 0) for state in ("open", "corrected", "disputed"))
    with ledger.writing() as connection:
        tell(connection, case.id, now, ledger.now())
        if case.state != "open" or left:
            return case
        counted = {"closed": now.get("closed", 0), "upheld": now.get("upheld", 0)}
        return ledger.act(case.id, "close", counted, connection=connection)
