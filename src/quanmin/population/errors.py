"""The errors of the population base."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound
from quanmin.text import Text


class NoBenchmarkDeclared(Invalid):
    """The catalogue does not say who decides who exists."""

    code = "QM-POPULATION-001"
    title = Text(
        "标准目录应恰有一个人口基准数据集，现有 {count} 个",
        "the catalogue must mark exactly one dataset as benchmark, it marks {count}",
    )
    step = Text("在一个数据集文件中写 benchmark = true", "write benchmark = true in one dataset file")


class NoBenchmark(Conflict):
    """Nothing can be overlaid before the benchmark is there."""

    code = "QM-POPULATION-002"
    title = Text("尚未采集人口基准 {dataset}，无法建库", "the benchmark {dataset} has not been collected yet")
    step = Text("先采集：quanmin collect {dataset} 文件", "collect it first: quanmin collect {dataset} FILE")


class NotBuilt(NotFound):
    """Asked before the first build."""

    code = "QM-POPULATION-003"
    title = Text("人口库尚未建立", "the population base has not been built yet")
    step = Text("运行：quanmin population build", "run: quanmin population build")


class UnknownNumber(NotFound):
    """The base has no such person; the number is not repeated."""

    code = "QM-POPULATION-004"
    title = Text("库中无此号", "the base has no such number")
    step = Text("核对号码，或查看该号码的记录为何未入库", "check the number, or see why its records were set aside")


class UnusableNumber(Invalid):
    """The number is not a citizen number at all; it is not repeated."""

    code = "QM-POPULATION-005"
    title = Text("公民身份号码格式或校验位不正确", "this is not a valid citizen number (form or check character)")
    step = Text("核对 18 位号码及最后一位校验码", "check the 18 characters and the check character at the end")


class UnknownSource(NotFound):
    """Feedback was asked for an agency that the catalogue does not know."""

    code = "QM-POPULATION-006"
    title = Text("未知的报送单位：{source}", "unknown agency: {source}")
    step = Text("运行 quanmin standards list 查看单位", "run quanmin standards list to see the agencies")


class TruthMissing(NotFound):
    """Accuracy needs the truth of a simulated province."""

    code = "QM-POPULATION-007"
    title = Text("缺少真值文件：{file}", "the truth file {file} is missing")
    step = Text("用 quanmin synth 重新生成", "make the province again with quanmin synth")


class NothingToVerify(Invalid):
    """The table does not say which column is which; its titles are not repeated, they may be somebody's values."""

    code = "QM-POPULATION-008"
    title = Text("待核验的表缺少列：{columns}", "the table to verify lacks the columns: {columns}")
    step = Text(
        "首行写明列名：公民身份号码、姓名，可加出生日期、性别",
        "title the columns citizen_number and name, and if you like birth_date and sex",
    )


class TooMany(Invalid):
    """A search or an identifier means more people than may be shown at once; how many is not told."""

    code = "QM-POPULATION-021"
    title = Text("符合条件的超过 {limit} 人，不予列出", "more than {limit} people fit; none is shown")
    step = Text("补充条件：姓名、完整的出生日期、性别或地区", "narrow it: name, whole birth date, sex or region")


class TooVague(Invalid):
    """A search that says nothing by which a person could be told from others."""

    code = "QM-POPULATION-022"
    title = Text(
        "检索条件不足：须有姓名或出生日期（年）", "too little to search by: a name or a birth date (or year) is needed"
    )
    step = Text("给出姓名，或出生日期、出生年份", "give a name, or a birth date or year")


class UnusableCriterion(Invalid):
    """A criterion that no person could meet; its value is not repeated."""

    code = "QM-POPULATION-023"
    title = Text("检索条件“{name}”的写法不对", "the criterion {name} is not written as it should be")
    step = Text(
        "性别用代码 1 或 2，地区用 2 至 6 位行政区划代码，年份用四位数字，地址至少两个字；出生日期与年份只给一个",
        "sex is a code of the standard, region 2 to 6 digits, year four digits, an address two characters or more; give a birth "
        "date or a year, not both",
    )


class UnknownIdentifier(NotFound):
    """No live record of the dataset has this identifier; it is not repeated."""

    code = "QM-POPULATION-024"
    title = Text("{dataset} 中没有这个号码", "{dataset} has no record with this identifier")
    step = Text("核对号码与数据集", "check the identifier and the dataset")


class NotAnIdentifier(Invalid):
    """The dataset does not identify people by this element."""

    code = "QM-POPULATION-025"
    title = Text(
        "{dataset} 不以所给的数据元标识个人；可用：{known}", "{dataset} does not identify people so; it has: {known}"
    )
    step = Text(
        "运行 quanmin population identifiers --list 查看各数据集的标识号",
        "run quanmin population identifiers --list to see the identifiers of each dataset",
    )


class PieceLost(Conflict):
    """What a finished piece of a build staged was removed before the build could commit it."""

    code = "QM-POPULATION-030"
    title = Text(
        "建库第 {piece} 部分（共 {pieces} 部分）的文件已不在，未提交任何内容",
        "the files of part {piece} of {pieces} of the build are gone; nothing was committed",
    )
    step = Text("再运行一次：其余部分无需重算", "run it again: the other parts need not be computed again")


class AlreadyAsked(Conflict):
    """A correction of this item by this source was asked for and is not answered yet."""

    code = "QM-POPULATION-031"
    title = Text("该项对该来源的更正申请正在办理", "a correction of this item by this source is under way")
    step = Text("在“更正”页查看进度；可先撤回再重新提出。", "See the page of corrections; withdraw it to ask anew.")


class NothingStated(Invalid):
    """The source says nothing of this item, so that it has nothing to correct."""

    code = "QM-POPULATION-032"
    title = Text("{source} 没有报送这一项", "{source} states nothing about this item")
    step = Text("请选择报送了这一项的来源。", "Choose a source that states it.")


class NotYourRequest(Denied):
    """A request for a correction that somebody else made, or that is another's to deal with."""

    code = "QM-POPULATION-033"
    title = Text("第 {document} 号更正申请不由您办理", "request {document} is not yours to deal with")
    step = Text("请由申请人或运维人员办理。", "Whoever asked for it, or an operator, does that.")


class NoSuchLetter(NotFound):
    """No feedback was prepared under this number."""

    code = "QM-POPULATION-040"
    title = Text("没有第 {letter} 号反馈", "there is no feedback {letter}")
    step = Text("查看反馈列表", "see the list of feedback")


class LetterWaits(Conflict):
    """Feedback for a source is prepared and not sent yet."""

    code = "QM-POPULATION-041"
    title = Text(
        "给 {source} 的第 {letter} 号反馈已备好，尚未发出",
        "feedback {letter} for {source} is prepared and not sent yet",
    )
    step = Text("先发出或作废它", "send it or drop it first")


class NothingToTell(Conflict):
    """A source has no open error."""

    code = "QM-POPULATION-042"
    title = Text("{source} 没有待反馈的错误", "{source} has no error to be told of")
    step = Text("有新的批次或建库之后再看", "look again after its next file or the next build")


class NotItsCorrection(Invalid):
    """A batch is named as the answer to feedback that cannot be it."""

    code = "QM-POPULATION-043"
    title = Text(
        "批次 {batch} 不是该单位在反馈之后报送的", "batch {batch} was not sent by this agency after the feedback"
    )
    step = Text("核对回执上的批次号", "check the number on the receipt")
