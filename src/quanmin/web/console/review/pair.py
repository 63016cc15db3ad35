"""A pair: both sides, what differs, the evidence; deciding and undoing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path

from quanmin.population.linkage import Explanation
from quanmin.population.linkage.errors import NoLink
from quanmin.population.linkage.picture import waterfall
from quanmin.population.review import item
from quanmin.population.review.side import MARKS
from quanmin.standards import catalogue
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.population.pages import words
from quanmin.web.console.review import case
from quanmin.web.console.review.queue import REVIEWERS, Kind, abouts
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect, View

TEMPLATE = "console/review/pair.html"
Review = Annotated[int, Path(ge=1, le=2**31)]

REASON = Field("reason", Text("理由", "Reason"), limit=300, hint=Text("不写个人信息", "nobody's data"))
SEEN = Field("seen", Text("所见步数", "Steps seen"), "hidden", limit=6)
SIDES = [
    ("left", Text("保留第一个号码", "keep the first number")),
    ("right", Text("保留第二个号码", "keep the second number")),
]
DECIDE = (
    Field("answer", Text("结论", "Conclusion"), "choice", choices=list(item.ANSWERS.items())),
    Field("keep", Text("同一人时保留的号码", "Where it is one person, keep"), "choice", needed=False, choices=SIDES),
    REASON,
    SEEN,
)
UNDO = (REASON, SEEN)


def install(face: Face) -> None:
    """Register the page and its forms."""

    @face.page("/review/{review}", TEMPLATE, roles=REVIEWERS)
    def pair(ask: Ask, review: Review, about: Kind = "") -> Answer:
        """Both sides of an item, and what was said of it."""
        home, under = ask.home.population, case.of(ask)
        shown = home.review.show(review, case=under)
        decides, undoes = home.review.may(review)
        kinds, found = abouts(about), _explained(ask, shown, under)
        data = {**shown, "evidence": found and found.to_dict(), "may": {"decide": decides, "undo": undoes}}
        more = {
            "case": under,
            "filter": f"?about={about}" if about else "",
            "next": home.review.following(review, kinds),
            "previous": home.review.following(review, kinds, back=True),
            "marks": MARKS,
            "answers": item.ANSWERS,
            "words": words(),
            "datasets": {one.id: one.title for one in catalogue().datasets.values()},
            "reason": REASON,
            "sides": SIDES,
        }
        return View(shown["title"], data, {**more, "chart": found and waterfall(found)})

    @face.form("/review/{review}/decide", DECIDE, page=pair, template=TEMPLATE, roles=REVIEWERS)
    def decide(ask: Ask, posted: Posted, review: Review, about: Kind = "") -> Answer:
        """Give an opinion, and go on with the next item."""
        home = ask.home.population.review
        keep = posted["keep"] if posted["answer"] == "same" else None
        after = home.decide(
            review, posted["answer"], posted["reason"], keep=keep, seen=_seen(posted), case=case.of(ask)
        )
        said = Text(
            f"第 {review} 号：{item.ANSWERS[posted['answer']].zh}，{after['state_title'].zh}",
            f"Review {review}: {item.ANSWERS[posted['answer']].en}; {after['state_title'].en}",
        )
        following = home.following(review, abouts(about)) or home.following(0, abouts(about))
        query = f"?about={about}" if about else ""
        return Redirect(f"/review/{following}{query}" if following else f"/review{query}", said)

    @face.form("/review/{review}/undo", UNDO, page=pair, template=TEMPLATE, roles=("arbiter", "administrator"))
    def undo(ask: Ask, posted: Posted, review: Review, about: Kind = "") -> Answer:
        """Take the decision back, with what followed from it."""
        ask.home.population.review.undo(review, posted["reason"], seen=_seen(posted), case=case.of(ask))
        query = f"?about={about}" if about else ""
        return Redirect(f"/review/{review}{query}", Text(f"第 {review} 号：已撤销", f"Review {review}: undone"))


def _seen(posted: Posted) -> int:
    """How many steps the item had; what is no number was never shown."""
    text = str(posted["seen"])
    return int(text) if text.isascii() and text.isdigit() else -1


def _explained(ask: Ask, shown: Mapping[str, Any], under: str | None) -> Explanation | None:
    """The parts of the weight, for a record that may be somebody's."""
    if shown["about"] != "link":
        return None
    try:
        return ask.home.population.explain(shown["dataset"], shown["batch"], shown["row"], case=under).explanation
    except NoLink:  # linked anew since, or corrected
        return None
