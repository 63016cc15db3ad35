"""What can be wrong with a catalogue, or with a question to it. Errors of a catalogue give its file and line."""

from __future__ import annotations

from quanmin.errors import Invalid, NotFound
from quanmin.text import Text

_ASK = Text("用 quanmin standards list 查看目录。", "See what there is with: quanmin standards list")
_EDIT = Text("修改 {file} 第 {line} 行后重试。", "Correct line {line} of {file} and try again.")


class UnknownDataset(NotFound):
    """A dataset that the catalogue does not have."""

    code = "QM-STANDARDS-001"
    title = Text("目录中没有数据集 {dataset}。", "The catalogue has no dataset {dataset}.")
    step = _ASK


class UnknownAgency(NotFound):
    """An agency that the catalogue does not have."""

    code = "QM-STANDARDS-002"
    title = Text("目录中没有机构 {agency}。", "The catalogue has no agency {agency}.")
    step = _ASK


class UnknownFormat(Invalid):
    """A format in which a standard cannot be exported."""

    code = "QM-STANDARDS-003"
    title = Text("不能导出为 {format}。", "A standard cannot be exported as {format}.")
    step = Text("可用格式：{known}。", "Formats: {known}.")


class CatalogueError(Invalid):
    """A catalogue file is wrong; `file` and `line` say where."""

    step = _EDIT


class UnreadableFile(CatalogueError):
    """A file that is missing or not TOML or CSV."""

    code = "QM-STANDARDS-010"
    title = Text("{file} 第 {line} 行无法读取：{reason}。", "{file}, line {line}: cannot be read: {reason}.")


class UnknownKey(CatalogueError):
    """A key that means nothing here: most often a misspelling."""

    code = "QM-STANDARDS-011"
    title = Text("{file} 第 {line} 行：未知的键 {key}。", "{file}, line {line}: unknown key {key}.")


class MissingKey(CatalogueError):
    """A key that must be given and is not."""

    code = "QM-STANDARDS-012"
    title = Text("{file} 第 {line} 行：缺少键 {key}。", "{file}, line {line}: key {key} is missing.")


class WrongShape(CatalogueError):
    """A key with a value of another kind than it takes."""

    code = "QM-STANDARDS-013"
    title = Text("{file} 第 {line} 行：{key} 应为 {expected}。", "{file}, line {line}: {key} must be {expected}.")


class UnknownWord(CatalogueError):
    """A value that is not among the words its key knows."""

    code = "QM-STANDARDS-014"
    title = Text(
        "{file} 第 {line} 行：{key} 不认识 {word}，可用：{known}。",
        "{file}, line {line}: {key} does not know {word}; it knows {known}.",
    )


class UnknownType(CatalogueError):
    """An element type that does not exist."""

    code = "QM-STANDARDS-015"
    title = Text(
        "{file} 第 {line} 行：没有数据类型 {word}，可用：{known}。",
        "{file}, line {line}: there is no type {word}; types are {known}.",
    )


class UnknownValueSet(CatalogueError):
    """A value set, named with its version, that the catalogue does not have."""

    code = "QM-STANDARDS-016"
    title = Text("{file} 第 {line} 行：没有值域 {word}。", "{file}, line {line}: there is no value set {word}.")


class UnknownElement(CatalogueError):
    """A key, person, event date or rule names an element that the dataset does not have."""

    code = "QM-STANDARDS-017"
    title = Text(
        "{file} 第 {line} 行：{key} 指向不存在的数据元 {word}。",
        "{file}, line {line}: {key} names the element {word}, which the dataset does not have.",
    )


class DuplicateElement(CatalogueError):
    """Two elements with one name, or two that one column title would mean."""

    code = "QM-STANDARDS-018"
    title = Text(
        "{file} 第 {line} 行：数据元名称或标题 {word} 重复。",
        "{file}, line {line}: the element name or title {word} is taken.",
    )


class BadGrade(CatalogueError):
    """A grade outside 1 to 5."""

    code = "QM-STANDARDS-019"
    title = Text("{file} 第 {line} 行：级别应为 1 至 5。", "{file}, line {line}: a grade is a number from 1 to 5.")


class MisnamedDataset(CatalogueError):
    """A dataset whose id is not the name of its file, or does not begin with its steward."""

    code = "QM-STANDARDS-020"
    title = Text(
        "{file} 第 {line} 行：标识 {word} 与文件名或主管机构不符。",
        "{file}, line {line}: the id {word} does not match the file's name or the steward.",
    )


class UnknownName(CatalogueError):
    """An agency, area, subsystem, dataset or error code that the catalogue does not have."""

    code = "QM-STANDARDS-021"
    title = Text("{file} 第 {line} 行：{key} 不存在：{word}。", "{file}, line {line}: {key} {word} does not exist.")


class UnknownRuleKind(CatalogueError):
    """A rule kind that does not exist."""

    code = "QM-STANDARDS-022"
    title = Text(
        "{file} 第 {line} 行：没有规则类型 {word}，可用：{known}。",
        "{file}, line {line}: there is no rule kind {word}; kinds are {known}.",
    )


class BadRule(CatalogueError):
    """A rule whose parameters make no sense."""

    code = "QM-STANDARDS-023"
    title = Text("{file} 第 {line} 行：规则有误：{reason}。", "{file}, line {line}: the rule is wrong: {reason}.")


class DuplicateName(CatalogueError):
    """Two rules, value sets, items, agencies or areas with one id."""

    code = "QM-STANDARDS-024"
    title = Text("{file} 第 {line} 行：{word} 重复。", "{file}, line {line}: {word} is there twice.")


class BadPattern(CatalogueError):
    """A pattern that is not a regular expression."""

    code = "QM-STANDARDS-025"
    title = Text("{file} 第 {line} 行：正则表达式有误。", "{file}, line {line}: the pattern is no regular expression.")


class BadAlias(CatalogueError):
    """An alias that stands for a code its value set does not have."""

    code = "QM-STANDARDS-026"
    title = Text(
        "{file} 第 {line} 行：别名指向不存在的代码 {word}。",
        "{file}, line {line}: the alias stands for the code {word}, which is not in the set.",
    )


class BadIndicator(CatalogueError):
    """A measure, dimension or indicator that makes no sense: a formula that is never known, a cycle, a factor of 0."""

    code = "QM-MEASURES-001"
    title = Text(
        "{file} 第 {line} 行：指标定义有误：{reason}。", "{file}, line {line}: the definition is wrong: {reason}."
    )


class NoSuchElement(NotFound):
    """No dataset has an element of this name."""

    code = "QM-STANDARDS-027"
    title = Text("没有这个数据元", "there is no such element")
    step = Text("在“数据元”页中搜索。", "Search on the page of elements.")


class NoSuchValueSet(NotFound):
    """The catalogue has no value set of this name."""

    code = "QM-STANDARDS-028"
    title = Text("没有这个值域", "there is no such value set")
    step = Text("名称含标准号与版本，见“值域”页。", "Its name is system and version; see the page of value sets.")


class NoSuchRegion(NotFound):
    """The code was never that of a division."""

    code = "QM-STANDARDS-029"
    title = Text("从未有过这个区划代码", "the code was never that of a division")
    step = Text("区划代码是六位数字；可按名称搜索。", "A code has six digits; search by name.")
