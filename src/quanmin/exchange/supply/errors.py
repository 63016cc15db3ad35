"""What is refused or cannot be done when rows are supplied, on either side."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound
from quanmin.text import Text


class ElementsWithheld(Denied):
    """The policy withholds elements that were agreed on."""

    code = "QM-EXCHANGE-090"
    title = Text(
        "协议 {agreement} 的要素被策略拒绝：{elements}", "the policy withholds elements of {agreement}: {elements}"
    )
    step = Text(
        "请核对协议的目的与要素，必要时修订协议。", "Look at its purpose and elements; it may need a new version."
    )


class NothingToSupply(NotFound):
    """The dataset of an agreement is not in the lake yet."""

    code = "QM-EXCHANGE-091"
    title = Text("数据湖中还没有 {dataset}", "the lake has no {dataset} yet")
    step = Text("请先采集或生成该数据集。", "Collect or build the dataset first.")


class NotSupplied(Denied):
    """Under this agreement rows are not supplied from the lake by this member to that one."""

    code = "QM-EXCHANGE-092"
    title = Text("协议 {agreement} 不由 {member} 从数据湖供数", "{member} supplies no rows under {agreement}")
    step = Text(
        "只有提供方按推送协议供应全量或变更。", "The provider of a pushing agreement supplies full rows or changes."
    )


class UnderWay(Conflict):
    """An earlier delivery of the agreement has no receipt yet."""

    code = "QM-EXCHANGE-093"
    title = Text("交付 {delivery} 尚未签收", "delivery {delivery} has no receipt yet")
    step = Text("请等待签收，或先取消该交付。", "Wait for its receipt, or cancel it first.")


class ColumnsDiffer(Invalid):
    """A delivery has other columns than were agreed on."""

    code = "QM-EXCHANGE-094"
    title = Text("交付的列与协议要素不符：{columns}", "columns differ from the elements agreed on: {columns}")
    step = Text("请发送方按协议要素重新交付。", "The sender has to deliver exactly the elements agreed on.")


class ContentBroken(Invalid):
    """A delivery of rows cannot be read, or is none that was agreed on."""

    code = "QM-EXCHANGE-095"
    title = Text("交付内容有误：{fault}", "what was delivered is wrong: {fault}")
    step = Text("请发送方重新交付。", "The sender has to deliver it anew.")


class NotLinked(Conflict):
    """A change starts from rows that this side does not have."""

    code = "QM-EXCHANGE-096"
    title = Text(
        "没有第 {since} 号快照的数据，变更无法接上", "the rows of snapshot {since} that it changes are not here"
    )
    step = Text("发送方将改发全量。", "The sender sends full rows next.")


class NoState(NotFound):
    """No full rows of an agreement were accepted."""

    code = "QM-EXCHANGE-097"
    title = Text("协议 {agreement} 还没有收到全量数据", "no full rows of {agreement} were accepted yet")
    step = Text("请向提供方请求全量交付。", "Ask the provider for a full delivery.")


class AskedBadly(Invalid):
    """A request about events or deliveries, or a heartbeat, does not read."""

    code = "QM-EXCHANGE-098"
    title = Text("请求有误：{member}", "the request is wrong: {member}")
    step = Text("请按手册“交换接口”填写。", "The manual's page of the interface shows its form.")


class FormUnwritable(Invalid):
    """Rows hold something that lines of JSON cannot tell."""

    code = "QM-EXCHANGE-123"
    title = Text("列 {column} 无法写成 NDJSON：{fault}", "column {column} cannot be written as NDJSON: {fault}")
    step = Text("请更正该列的数据，或约定以 Parquet 交付。", "Put the column right, or agree on Parquet.")


class LineBroken(Invalid):
    """A line of a delivery is not what its schema says; the delivery is refused as a whole."""

    code = "QM-EXCHANGE-124"
    title = Text("交付的第 {line} 行有误：{fault}", "line {line} of the delivery is wrong: {fault}")
    step = Text("请发送方更正后重新交付。", "The sender has to put it right and deliver it anew.")


class FormDiffers(Invalid):
    """Rows came in another form than was agreed on."""

    code = "QM-EXCHANGE-125"
    title = Text("交付的格式不是协议约定的 {agreed}", "the delivery is not in the form agreed on, {agreed}")
    step = Text("请发送方按协议约定的格式重新交付。", "The sender has to deliver it in the form agreed on.")


class CodeNotAgreed(Invalid):
    """A row has a code of an element that the agreement does not share. It is told of a row, in feedback."""

    code = "QM-EXCHANGE-130"
    title = Text("{element} 的代码不在协议范围内", "the code of {element} is none that the agreement shares")
    step = Text("更正代码；不属协议范围的行不应提供", "correct the code, or leave the row out")


class RowOutside(Invalid):
    """A row is of another division than the agreement's. It is told of a row, in feedback."""

    code = "QM-EXCHANGE-131"
    title = Text("{element} 不属于 {region}", "{element} is not of {region}")
    step = Text("更正区划；不属协议范围的行不应提供", "correct the division, or leave the row out")


class ChangeUnknown(Invalid):
    """A row of a change does not say whether it came, changed or went. It is told of a row, in feedback."""

    code = "QM-EXCHANGE-132"
    title = Text("{element} 应为 insert、update 或 delete", "{element} has to be insert, update or delete")
    step = Text("请核对生成变更的程序", "the program that makes changes has to be put right")


class OfAnotherDivision(Invalid):
    """A row is of another division than that of the agency which gives it. It is told of a row, in feedback."""

    code = "QM-EXCHANGE-135"
    title = Text("{element} 不属于提供方的行政区划", "{element} is of another division than the provider's")
    step = Text("更正号码或区划；他区划的行不应提供", "correct it, or leave the row to the division that it is of")


class ValueUnreadable(Invalid):
    """A value of a line of JSON is none of its element's type. It is told of a row, in feedback."""

    code = "QM-EXCHANGE-136"
    title = Text("{element} 不是该类型的值", "{element} is no value of its type")
    step = Text("请按清单中的类型填写（日期、数值等）", "write it as the type in the manifest says (dates, numbers)")


class ColumnsLacking(Invalid):
    """A file in which rows are looked for lacks columns of their key."""

    code = "QM-EXCHANGE-133"
    title = Text("文件缺少主键列：{columns}", "the file lacks columns of the key: {columns}")
    step = Text("列名应为协议要素名。", "Its columns have to be called as the elements of the agreement.")


class FileUnreadable(Invalid):
    """A file in which rows are looked for cannot be read."""

    code = "QM-EXCHANGE-134"
    title = Text("无法读取文件 {file}：{fault}", "the file {file} cannot be read: {fault}")
    step = Text("请提供带标题行的 CSV 或 Parquet 文件。", "Give a CSV file with titles, or a Parquet file.")
