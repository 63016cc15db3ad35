"""The invariants of the national register: each with a stable id, in words, and the dataset whose rows break it.

Sources: 国卫办妇幼函〔2015〕279号 (report card within ten days, stock reports the same day); 国卫妇幼发 notices on editions; the
deadline for void sheets is within two hours in Hubei, of which dates can show that it was missed by a day.
"""

from __future__ import annotations

from typing import NamedTuple

from quanmin.text import Text

CARD_DAYS = 10
"""The report card follows the certificate within so many days."""
VOID_DAYS = 1
"""A void or lost certificate is reported within so many days."""
TRANSIT_DAYS = 30
"""Sheets that were sent are received within so many days."""


class Rule(NamedTuple):
    """One invariant; `title` says what is wrong with a row that breaks it."""

    id: str
    title: Text


RULES: tuple[Rule, ...] = (
    Rule("stock.quantity", Text("数量与起止编号不符", "the quantity is not that of the numbers")),
    Rule("stock.late", Text("出入库未当日上报", "a stock action was not reported on its day")),
    Rule("stock.unrelated", Text("收发机构无管理关系", "sheets moved between organisations that are not related")),
    Rule("date.clock", Text("上报早于发生", "reported before it happened")),
    Rule("date.future", Text("日期在将来", "a date lies in the future")),
    Rule("card.late", Text("签发后十日内未报告", "the report card came later than ten days after issue")),
    Rule("void.late", Text("作废或遗失未按时报告", "a void or lost certificate was reported too late")),
    Rule("edition.date", Text("签发时该版次未启用或已停用", "issued when the edition was not in use")),
    Rule("number.province", Text("编号不属于该机构所在省", "the numbers are not of the province of the organisation")),
    Rule("org.unknown", Text("机构不在册", "the organisation is not known")),
    Rule("org.closed", Text("机构未启用或已停用", "the organisation was not open")),
    Rule("number.unprinted", Text("编号未经印制登记", "the number was never printed")),
    Rule("number.printed_twice", Text("编号重复印制", "the number was printed before")),
    Rule("number.edition", Text("版次与此前登记不符", "the edition is not that of the action before")),
    Rule("number.spent", Text("已签发、作废、遗失或销毁后又出入库", "moved after issue, voiding, loss or destruction")),
    Rule("destroy.not_void", Text("销毁的不是作废证", "destroyed, but it was not void")),
    Rule("holder.other", Text("经办机构并非持有者", "moved by an organisation that did not hold it")),
    Rule("holder.on_the_way", Text("在途时又出库、作废或遗失", "moved while it was on the way")),
    Rule("holder.second", Text("入库时编号不在途，出现两个持有者", "received though not on the way: two holders")),
    Rule("pair.unknown", Text("对应的出库登记不存在", "the action that it answers does not exist")),
    Rule(
        "pair.differs", Text("入库与对应出库的机构或编号不一致", "not the organisations or numbers of what it answers")
    ),
    Rule("pair.before", Text("入库早于对应出库", "received before it was sent")),
    Rule("pair.twice", Text("同一出库重复入库", "received twice")),
    Rule("transit.unanswered", Text("出库后长期未入库", "sent and not received for long")),
    Rule("org.stranded", Text("机构停用后仍存有空白证", "blanks lie at an organisation that is closed")),
    Rule("issue.twice", Text("编号重复签发", "the number was issued before")),
    Rule("issue.spent", Text("签发已作废或遗失的编号", "issued on a number that was void, lost or destroyed")),
    Rule("issue.holder", Text("签发机构并非持有者", "issued by an institution that did not hold it")),
    Rule("issue.early", Text("签发早于入库", "issued before it was received")),
    Rule(
        "issue.not_issued",
        Text("作废、遗失或撤销的证并未处于已签发状态", "void, lost or cancelled, but it was not issued"),
    ),
    Rule("newborn.two", Text("同一新生儿有两份有效证", "the newborn has another valid certificate")),
    Rule("replacement.unexpected", Text("首次签发不应有原证", "a first issue names a certificate before it")),
    Rule("replacement.unknown", Text("原证不存在", "the certificate before it does not exist")),
    Rule("replacement.later", Text("原证签发在后", "the certificate before it was issued later")),
    Rule("replacement.state", Text("原证状态不允许换发或补发", "the state of the certificate before it forbids this")),
    Rule("replacement.branch", Text("同一原证被换发或补发两次", "the certificate before it was replaced already")),
    Rule("replacement.newborn", Text("与原证不是同一新生儿", "the certificate before it is another newborn's")),
    Rule("replacement.cycle", Text("换发补发首尾相接成环", "the replacements run in a circle")),
    Rule("birth.uncertified", Text("出生登记的证号未签发", "the certificate of a birth was never issued")),
    Rule(
        "birth.differs", Text("出生登记与签发登记的机构或日期不一致", "birth and issue differ in institution or date")
    ),
    Rule("issue.unreported", Text("已签发而无出生登记", "issued, and no birth was reported")),
    Rule("balance.sum", Text("期初加减各项不等于期末", "opening and flows do not give the closing stock")),
    Rule("balance.flow", Text("月报数与出入库、签发登记不符", "the monthly figures are not those of the actions")),
    Rule("balance.opening", Text("期初不等于上期期末", "the opening stock is not the last closing stock")),
    Rule("org.orphan", Text("上级机构不在册", "the organisation above is not known")),
    Rule("org.overlap", Text("同一机构有效期重叠", "two periods of an organisation overlap")),
)
RULE = {rule.id: rule for rule in RULES}
BIT = {rule.id: 1 << at for at, rule in enumerate(RULES)}
"""A bit a rule, so that all rules that a row breaks are one integer."""
