"""What can be wrong with a file that was sent, or with what is asked about a batch."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Incomplete, Invalid, NotFound, Unavailable
from quanmin.text import Text


class NoSuchFile(NotFound):
    """The path leads nowhere, or to a folder."""

    code = "QM-COLLECT-001"
    title = Text("找不到文件 {file}", "no file {file}")
    step = Text("检查路径。", "Check the path.")


class EmptyFile(Invalid):
    """Not one byte, or nothing but blank lines."""

    code = "QM-COLLECT-002"
    title = Text("{file} 是空文件", "{file} is empty")
    step = Text("请重新导出后再报送。", "Export it again and send it again.")


class NoRows(Invalid):
    """A header and nothing below it."""

    code = "QM-COLLECT-003"
    title = Text("{file} 只有表头，没有数据行", "{file} has a header and no rows")
    step = Text("如确实没有数据，则无需报送。", "If there is nothing to report, send nothing.")


class NoHeader(Invalid):
    """No column title of the file belongs to the dataset: no header, another dataset, or an unusual delimiter."""

    code = "QM-COLLECT-004"
    title = Text(
        "{file} 的 {columns} 个列标题都不属于 {dataset}",
        "none of the {columns} column titles of {file} is in {dataset}",
    )
    step = Text(
        "第一行须为列标题；分隔符须为逗号、制表符、分号或竖线；并检查数据集名称。",
        "The first row must hold the column titles, separated by comma, tab, semicolon or bar; check the dataset too.",
    )


class UnknownFormat(Invalid):
    """The bytes are none of the formats that are read."""

    code = "QM-COLLECT-005"
    title = Text("无法识别 {file} 的格式", "{file} is in no known format")
    step = Text(
        "请使用 CSV、TSV、XLSX、Parquet、JSON 或 NDJSON（可用 gzip 或 zip 压缩）。旧版 .xls 请另存为 .xlsx。",
        "Send CSV, TSV, XLSX, Parquet, JSON or NDJSON, plain or in gzip or zip. Save an old .xls as .xlsx.",
    )


class Truncated(Invalid):
    """The file ends before it is whole, or its checksum is wrong."""

    code = "QM-COLLECT-006"
    title = Text("{file} 不完整或已损坏", "{file} is cut short or damaged")
    step = Text("请重新传送。", "Transfer it again.")


class ExpandsTooFar(Invalid):
    """A small file that would unpack into a very large one."""

    code = "QM-COLLECT-007"
    title = Text("{file} 解压后超过上限 {limit} 字节", "{file} unpacks to more than the limit of {limit} bytes")
    step = Text(
        "如文件无误，请提高 QUANMIN_MAX_EXPANSION 或 QUANMIN_MAX_EXPANDED_BYTES。",
        "If the file is honest, raise QUANMIN_MAX_EXPANSION or QUANMIN_MAX_EXPANDED_BYTES.",
    )


class BadArchive(Invalid):
    """An archive must hold one readable file."""

    code = "QM-COLLECT-008"
    title = Text("{file} 须恰好包含一个未加密的文件", "{file} must hold exactly one file, not encrypted")
    step = Text("每个压缩包只放一个数据文件。", "Put one data file into each archive.")


class MixedEncodings(Invalid):
    """The text is neither UTF-8 nor GB18030 as a whole."""

    code = "QM-COLLECT-009"
    title = Text(
        "{file} 第 {line} 行的编码与前文不一致，或既非 UTF-8 也非 GB18030",
        "line {line} of {file} is in another encoding than the lines before, or in neither UTF-8 nor GB18030",
    )
    step = Text("请以同一种编码重新导出。", "Export the whole file in one encoding.")


class LineTooLong(Invalid):
    """One line of text beyond the limit."""

    code = "QM-COLLECT-010"
    title = Text("{file} 第 {line} 行超过 {limit} 字节", "line {line} of {file} is longer than {limit} bytes")
    step = Text(
        "检查换行符；上限由 QUANMIN_MAX_LINE_BYTES 设定。", "Check line ends; QUANMIN_MAX_LINE_BYTES is the limit."
    )


class OpenQuote(Invalid):
    """A quotation mark that is never closed swallows the lines below it."""

    code = "QM-COLLECT-011"
    title = Text(
        "{file} 第 {line} 行的引号在 {limit} 字节内没有闭合",
        "a quotation mark on line {line} of {file} is not closed within {limit} bytes",
    )
    step = Text("字段内的引号须写成两个引号。", "Write a quotation mark inside a field twice.")


class DuplicateColumn(Invalid):
    """Two columns of the file claim to be the same."""

    code = "QM-COLLECT-012"
    title = Text("{file} 的第 {first} 列与第 {second} 列重复", "columns {first} and {second} of {file} are the same")
    step = Text("每个数据元只保留一列。", "Keep one column for each element.")


class MissingColumn(Invalid):
    """A required element has no column."""

    code = "QM-COLLECT-013"
    title = Text("{file} 缺少必填列：{elements}", "{file} lacks required columns: {elements}")
    step = Text("补上缺少的列；列标题见 quanmin standards show。", "Add them; quanmin standards show lists the titles.")


class BadJson(Invalid):
    """The text is not a JSON array of objects."""

    code = "QM-COLLECT-014"
    title = Text("{file} 第 {row} 条记录处不是合法的 JSON 对象", "{file} is not JSON objects at record {row}")
    step = Text(
        "文件须为对象数组，或每行一个对象。", "The file must be one array of objects, or one object on each line."
    )


class SeveralSheets(Invalid):
    """More than one worksheet holds data: which one is meant cannot be told."""

    code = "QM-COLLECT-015"
    title = Text("{file} 有 {sheets} 个含数据的工作表", "{file} has {sheets} worksheets with data")
    step = Text("每个文件只保留一个工作表。", "Keep one worksheet in each file.")


class NotASender(Denied):
    """The agency is known, and it is not one that sends this dataset."""

    code = "QM-COLLECT-016"
    title = Text("{source} 无权报送 {dataset}", "{source} does not send {dataset}")
    step = Text("可报送单位：{senders}", "Agencies that send it: {senders}")


class DiskFull(Unavailable):
    """No space left while rows were being stored; nothing of the batch is visible."""

    code = "QM-COLLECT-017"
    title = Text("磁盘已满，{file} 未接收", "the disk is full; {file} was not taken")
    step = Text("腾出空间后重新报送。", "Free some space and send the file again.")


class Interrupted(Incomplete):
    """The process that collected died; nothing of the batch is visible."""

    code = "QM-COLLECT-018"
    title = Text("批次 {batch} 采集中断", "the collection of batch {batch} was interrupted")
    step = Text("请重新报送该文件。", "Send the file again.")


class NoSuchBatch(NotFound):
    """No batch has this number."""

    code = "QM-COLLECT-019"
    title = Text("没有批次 {batch}", "there is no batch {batch}")
    step = Text("quanmin receipts 可列出全部批次。", "quanmin receipts lists them.")


class NotAccepted(Conflict):
    """Only an accepted batch can be withdrawn."""

    code = "QM-COLLECT-020"
    title = Text("批次 {batch} 的状态是 {state}，不能撤回", "batch {batch} is {state} and cannot be withdrawn")
    step = Text("只有已接收的批次可以撤回。", "Only an accepted batch can be withdrawn.")


class TooManyColumns(Invalid):
    """More different column titles than a table has."""

    code = "QM-COLLECT-021"
    title = Text("{file} 的列多于 {limit} 个", "{file} has more than {limit} columns")
    step = Text("检查文件格式。", "Check the format of the file.")


class AlreadyTaken(Conflict):
    """Two equal deliveries came at once; the other one was accepted."""

    code = "QM-COLLECT-022"
    title = Text("相同的文件已作为批次 {batch} 接收", "the same file was accepted as batch {batch}")
    step = Text("无需再次报送。", "There is no need to send it again.")


class BadFileName(Invalid):
    """The name of an uploaded file is more than a name, or none; it is not repeated."""

    code = "QM-COLLECT-023"
    title = Text("文件名不可用", "the name of the file cannot be used")
    step = Text(
        '文件名不得含路径、控制字符或 / \\ : * ? " < > |，不得以点或空格开头，最长 120 个字。',
        'No path, no control characters, none of / \\ : * ? " < > |, no dot or space in front, 120 characters at most.',
    )


class FileTooLarge(Invalid):
    """A file larger than the installation takes by upload."""

    code = "QM-COLLECT-024"
    title = Text("{file} 超过上传上限 {limit} 字节", "{file} is larger than the {limit} bytes that may be uploaded")
    step = Text(
        "拆分文件，或由管理员提高 QUANMIN_UPLOAD_BYTES。", "Split the file, or have QUANMIN_UPLOAD_BYTES raised."
    )


class UploadsFull(Conflict):
    """The account's uploads that are not collected yet take all the room they may."""

    code = "QM-COLLECT-025"
    title = Text(
        "未处理的上传已达上限（{limit} 字节或 {most} 个）",
        "uploads that wait take all they may: {limit} bytes or {most} files",
    )
    step = Text("先报送或删除已上传的文件。", "Submit or delete the files that were uploaded before.")


class NoSuchUpload(NotFound):
    """There is no such upload, it is another account's, or it was too old and is gone."""

    code = "QM-COLLECT-026"
    title = Text("没有这个上传，或已过期清理", "there is no such upload, or it was too old and is gone")
    step = Text("请重新上传文件。", "Upload the file again.")


class WrongOffset(Conflict):
    """Bytes were sent for another place than where the file stopped."""

    code = "QM-COLLECT-027"
    title = Text("该上传已有 {offset} 字节，应从此处继续", "the upload has {offset} bytes and goes on from there")
    step = Text("查询偏移量后从该处继续。", "Ask for the offset and go on from there.")


class MoreThanDeclared(Invalid):
    """More bytes came than the file was said to have."""

    code = "QM-COLLECT-028"
    title = Text("收到的内容超过声明的 {size} 字节", "more came than the {size} bytes that were declared")
    step = Text("文件可能在上传期间被修改，请重新上传。", "Did the file change meanwhile? Upload it again.")


class UploadCut(Conflict):
    """Not every byte of the file is there yet."""

    code = "QM-COLLECT-029"
    title = Text("文件未传完：{offset} / {size} 字节", "the file was cut: {offset} of {size} bytes")
    step = Text("再次选择同一文件继续上传。", "Choose the same file again and the upload goes on.")


class UploadTaken(Conflict):
    """Another connection goes on with the upload."""

    code = "QM-COLLECT-030"
    title = Text("另一个连接已接着上传该文件", "another connection goes on with this upload")
    step = Text("以最后打开的页面为准。", "The page that was opened last has it.")


class NoSuchRule(NotFound):
    """The dataset of a batch has no such rule."""

    code = "QM-COLLECT-032"
    title = Text("{dataset} 没有这条规则", "{dataset} has no such rule")
    step = Text("从回执的规则列表进入。", "Choose a rule on the receipt.")


class BadSize(Invalid):
    """An upload does not say how many bytes there will be, or says it badly."""

    code = "QM-COLLECT-031"
    title = Text("没有正确声明文件大小或偏移量", "the size of the file or the offset is not declared as it must be")
    step = Text("以字节数声明。", "Declare it in bytes.")
