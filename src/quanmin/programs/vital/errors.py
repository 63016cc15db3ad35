"""What is refused of certificates and their blanks. A number of a blank is an address; nothing of a person is repeated."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound
from quanmin.text import Text

_SEE_STOCK = Text("请查看库存：quanmin vital stock。", "See the stock: quanmin vital stock.")


class BadNumber(Invalid):
    """What was typed or scanned is no number of a certificate."""

    code = "QM-VITAL-001"
    title = Text("编号格式错误", "not a number of a birth certificate")
    step = Text("编号为一位大写字母加九位数字。", "A number is a capital letter and nine digits.")


class BadRange(Invalid):
    """The ends of a run of numbers are the wrong way round, or of different letters or provinces."""

    code = "QM-VITAL-002"
    title = Text("编号段 {first}-{last} 不成立", "{first}-{last} is no run of numbers")
    step = Text(
        "起止编号须同字母、同省码，且起号不大于止号。",
        "Both ends have one letter and province, the first before the last.",
    )


class UnknownEdition(Invalid):
    """There is no such edition."""

    code = "QM-VITAL-003"
    title = Text("没有第 {edition} 版出生医学证明", "there is no edition {edition} of the birth certificate")
    step = Text("请用 1 至 7。", "Use 1 to 7.")


class NumbersTaken(Conflict):
    """Numbers that are to come in were printed before."""

    code = "QM-VITAL-004"
    title = Text("编号段 {span} 与已登记的编号重复", "numbers of {span} are registered already")
    step = Text("一个编号只能入库一次；请核对装箱单。", "A number comes in once; compare the packing list.")


class OtherEdition(Conflict):
    """The numbers are of another edition than was said."""

    code = "QM-VITAL-005"
    title = Text(
        "编号 {number} 属第 {is_edition} 版，不是第 {edition} 版", "{number} is of edition {is_edition}, not {edition}"
    )
    step = Text("请核对证件版次。", "Compare the sheet.")


class NotHeld(Conflict):
    """Somebody else holds the numbers, or nobody."""

    code = "QM-VITAL-006"
    title = Text("{holder} 不持有编号 {span}", "{holder} does not hold {span}")
    step = _SEE_STOCK


class OnTheWay(Conflict):
    """The numbers were sent and have not been received."""

    code = "QM-VITAL-007"
    title = Text("编号 {span} 正在调拨途中", "{span} is on its way")
    step = Text("请先由接收方签收或退回。", "Whoever it was sent to receives or refuses it first.")


class Used(Conflict):
    """A number was used: bound to a certificate, void, lost or destroyed."""

    code = "QM-VITAL-008"
    title = Text("编号 {number} 已{state}", "{number} is {state} already")
    step = Text("一个编号只用一次；请换用下一张空白证。", "A number is used once; take the next blank.")


class HolderUnknown(NotFound):
    """There is no such holder of blanks."""

    code = "QM-VITAL-009"
    title = Text("没有代码为 {holder} 的管理或签发机构", "no authority or institution has the code {holder}")
    step = Text("请用 quanmin vital holder list 查看。", "See quanmin vital holder list.")


class HolderExists(Conflict):
    """The code is taken."""

    code = "QM-VITAL-010"
    title = Text("机构代码 {holder} 已登记", "{holder} is registered already")
    step = Text("请核对代码。", "Check the code.")


class BadPlace(Invalid):
    """A holder does not fit under its parent."""

    code = "QM-VITAL-011"
    title = Text("机构 {holder} 的上级或行政区划不成立", "{holder} does not fit under its parent or in its division")
    step = Text(
        "省、市、县、机构逐级设置，区划须在上级之内。",
        "Province, city, county, institution, one under the other, each within its parent's division.",
    )


class HolderClosed(Conflict):
    """A holder that is closing or closed gets nothing and issues nothing."""

    code = "QM-VITAL-012"
    title = Text("机构 {holder} 已停止签发", "{holder} has stopped")
    step = Text("其空白证须退回上级；请另选机构。", "What it holds goes back to the level above; choose another.")


class StillHolds(Conflict):
    """A holder is closed only when nothing lies in its safe and nothing is unsettled."""

    code = "QM-VITAL-013"
    title = Text("机构 {holder} 尚有 {count} 张证件或事项未结清", "{holder} still has {count} sheets or matters")
    step = Text("请先退回、作废或办结。", "Give them back, make them void or finish them first.")


class WrongWay(Conflict):
    """Blanks go down a level, back up, or sideways under one parent."""

    code = "QM-VITAL-014"
    title = Text("{sender} 不能向 {receiver} 办理“{action}”", "{sender} may not {action} to {receiver}")
    step = Text(
        "下发逐级向下，退回逐级向上，调剂限同一上级之下。", "Out goes one level down, return one up, transfer beside."
    )


class ClockWrong(Invalid):
    """A day lies in the future, or before what it must follow."""

    code = "QM-VITAL-015"
    title = Text(
        "{field} 的日期不成立：晚于今天或早于前一步", "{field} lies in the future or before the step it follows"
    )
    step = Text("请核对本机时钟与填写的日期。", "Check the clock and the day that was written.")


class NotYourHolder(Denied):
    """An actor acts for its own institution only."""

    code = "QM-VITAL-016"
    title = Text("您不能代 {holder} 办理", "you do not act for {holder}")
    step = Text("请由该机构的人员办理。", "It is for its own staff to do.")


class SamePerson(Denied):
    """Two duties that two people must have."""

    code = "QM-VITAL-017"
    title = Text("“{duty}”与“{other}”须由不同的人办理", "{duty} and {other} need different people")
    step = Text("空白证、签发、审核、用章职责分离。", "Blanks, writing, approval and seal are kept apart.")


class MovementUnknown(NotFound):
    """There is no such movement."""

    code = "QM-VITAL-018"
    title = Text("没有编号为 {movement} 的出入库单", "there is no movement {movement}")
    step = _SEE_STOCK


class ReasonUnknown(Invalid):
    """The reason is not one that the rules know."""

    code = "QM-VITAL-019"
    title = Text("原因“{reason}”不在规定之列", "{reason} is no reason that the rules know")
    step = Text("可用：{known}。", "Use one of: {known}.")


class FieldMissing(Invalid):
    """An application lacks something, or has what cannot be."""

    code = "QM-VITAL-020"
    title = Text("申请缺少或不成立：{element}（{rule}）", "missing or not possible: {element} ({rule})")
    step = Text("请补正该项。", "Put that element right.")


class EvidenceMissing(Conflict):
    """The conditions of this issue need evidence that was not given."""

    code = "QM-VITAL-021"
    title = Text("本次签发还需要材料：{evidence}", "this issue still needs: {evidence}")
    step = Text("请收齐材料后再办。", "Collect the evidence first.")


class NewbornHas(Conflict):
    """The newborn has a valid certificate."""

    code = "QM-VITAL-022"
    title = Text("该新生儿已有有效的出生医学证明", "this newborn has a valid certificate")
    step = Text(
        "请核对胎次；遗失或有误的，办理补发或换发。",
        "Check the order of birth; where it is lost or wrong, re-issue or exchange.",
    )


class CertificateUnknown(NotFound):
    """No certificate has this number."""

    code = "QM-VITAL-023"
    title = Text("编号 {number} 没有签发记录", "no certificate is written on {number}")
    step = Text("请核对编号。", "Check the number.")


class NotInState(Conflict):
    """A step that the certificate's state does not allow."""

    code = "QM-VITAL-024"
    title = Text("证件 {number} 处于“{state}”，不能办理“{action}”", "{number} is {state}: {action} is not possible")
    step = Text("请核对证件状态。", "Check the state of the certificate.")


class NotOfTheseDays(Conflict):
    """The edition is not issued on this day."""

    code = "QM-VITAL-025"
    title = Text("第 {edition} 版在该日不得签发", "edition {edition} is not issued on this day")
    step = Text("旧版空白证须作废上交；请用现行版。", "Old blanks are made void; use the edition of the day.")


class NotForUs(Conflict):
    """The birth is not one for which this institution issues a certificate."""

    code = "QM-VITAL-026"
    title = Text("不予签发：{because}", "not issued: {because}")
    step = Text("{do}", "{do}")


class Differs(Conflict):
    """A re-issue says the same as the original."""

    code = "QM-VITAL-027"
    title = Text(
        "补发内容须与原证一致，不一致的项：{elements}", "a re-issue repeats the original; these differ: {elements}"
    )
    step = Text("内容有误的，办理换发。", "Where the original is wrong, exchange it.")


class TooFew(Conflict):
    """More certificates than children of one birth, or two of them speak differently of it."""

    code = "QM-VITAL-028"
    title = Text("与同一次分娩的其他证件矛盾：{element}", "other certificates of this birth say otherwise: {element}")
    step = Text("请核对胎数与胎次。", "Check how many children there were and which this is.")


class TooEarly(Conflict):
    """A step of a loss or of a destruction comes before the one that it needs."""

    code = "QM-VITAL-029"
    title = Text("“{action}”之前还须办理：{before}", "before {action}: {before}")
    step = Text("请按顺序办理。", "Take the steps in order.")


class FileUnreadable(Invalid):
    """A file of acts cannot be read as UTF-8 text."""

    code = "QM-VITAL-030"
    title = Text("文件 {file} 无法读取", "{file} cannot be read")
    step = Text("文件须为 UTF-8 文本，每行一个 JSON。", "The file is UTF-8 text, one JSON document a line.")


class BadLine(Invalid):
    """A line of a file of acts says too little, or what nobody knows."""

    code = "QM-VITAL-031"
    title = Text("该行缺少或无法识别：{element}", "missing or not known in this line: {element}")
    step = Text("请对照手册中的文件格式。", "Compare the form of the file in the manual.")
