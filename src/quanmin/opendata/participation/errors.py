"""What the portal refuses of what the public adds to it."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from quanmin.text import Text


class TextRefused(Invalid):
    """A text is empty, too long, or holds what cannot be seen."""

    code = "QM-PARTICIPATION-001"
    title = Text("“{field}”须为 1–{limit} 个可见字符", "{field} must be 1-{limit} visible characters")
    step = Text(
        "请改短，或去掉不可见的字符后重新提交。", "Shorten it, or take out what cannot be seen, and send it again."
    )


class PersonInText(Invalid):
    """A text holds what looks like a citizen number or a phone number; it is not repeated."""

    code = "QM-PARTICIPATION-002"
    title = Text(
        "“{field}”含有像公民身份号码或手机号码的数字，未予发布",
        "{field} holds what looks like a citizen number or a mobile number and was not taken",
    )
    step = Text(
        "请删去他人与本人的号码。此处所写人人可见。", "Take out every number of a person: everybody can read this."
    )


class BadAddress(Invalid):
    """An address is none of the web."""

    code = "QM-PARTICIPATION-003"
    title = Text(
        "地址须为可公开访问的 http 或 https 网址", "the address must be an http or https address that is open to all"
    )
    step = Text("例如 https://example.org/app。", "Such as https://example.org/app.")


class AddressKnown(Conflict):
    """Another reuse has this address."""

    code = "QM-PARTICIPATION-004"
    title = Text("该网址已登记为另一项应用成果", "this address belongs to another reuse already")
    step = Text("请先查找已登记的应用成果。", "Look for it among the reuses.")


class NameNeeded(Conflict):
    """Whoever writes in public needs a public name first."""

    code = "QM-PARTICIPATION-005"
    title = Text("请先选择公开名称", "choose a public name first")
    step = Text("在“我的参与”页面选择；不必是真名。", "On the page My participation; it need not be your own.")


class BadPublicName(Invalid):
    """What cannot be a public name."""

    code = "QM-PARTICIPATION-006"
    title = Text(
        "公开名称须为 2–20 个字符，不含号码、网址，也不得冒充管理方",
        "a public name has 2-20 characters, no number or address, and passes for nobody official",
    )
    step = Text("请换一个名称。", "Choose another one.")


class PublicNameTaken(Conflict):
    """Somebody else is called so."""

    code = "QM-PARTICIPATION-007"
    title = Text("该公开名称已有人使用", "this public name is somebody else's")
    step = Text("请换一个名称。", "Choose another one.")


class TooOften(Unavailable):
    """More than anybody writes."""

    code = "QM-PARTICIPATION-008"
    title = Text("提交过于频繁（{hours} 小时内至多 {limit} 次）", "too often: {limit} times in {hours} hours at most")
    step = Text("请稍后再提交。", "Send it later.")


class UnknownPaper(NotFound):
    """There is no such thing, or it is not for whoever asks."""

    code = "QM-PARTICIPATION-009"
    title = Text("没有这一项，或不对您开放", "there is no such thing, or it is not for you to see")
    step = Text("请从列表进入。", "Begin at the list.")


class NotYours(Denied):
    """It is another's, or another organisation's, to do this."""

    code = "QM-PARTICIPATION-010"
    title = Text(
        "须由提交人本人或相应的机构办理", "this is for whoever wrote it, or for the organisation that it is about"
    )
    step = Text("请由有关人员登录办理。", "Ask whoever it concerns to sign in and do it.")


class OwnMatter(Denied):
    """Nobody decides his own matter."""

    code = "QM-PARTICIPATION-011"
    title = Text("不得办理本人提交的事项", "nobody decides what he handed in himself")
    step = Text("请由同机构的另一人办理。", "Ask a colleague to do it.")


class DatasetNeeded(Invalid):
    """A reuse uses at least one public dataset."""

    code = "QM-PARTICIPATION-012"
    title = Text("至少应关联一个已公开的数据集", "at least one published dataset that is public must be named")
    step = Text(
        "请填写数据集名称，每行一个，即其网址的最后一段。",
        "Give names of datasets, one a line: the last part of their address.",
    )


class NoSuchDataset(NotFound):
    """No published record has this name."""

    code = "QM-PARTICIPATION-013"
    title = Text("目录中没有已公布的数据集“{dataset}”", "the catalogue has no published dataset {dataset}")
    step = Text("请从目录中复制名称。", "Copy the name from the catalogue.")


class NotAPicture(Invalid):
    """A file is no picture that can be shown."""

    code = "QM-PARTICIPATION-014"
    title = Text("截图须为完好的 PNG、JPEG 或 WebP 图片", "a screenshot must be a sound PNG, JPEG or WebP picture")
    step = Text("请另存为其中一种格式后重新上传。", "Save it in one of these forms and upload it again.")


class PictureTooLarge(Invalid):
    """A picture has too many bytes or pixels."""

    code = "QM-PARTICIPATION-015"
    title = Text("截图至多 {bytes} 字节、{pixels} 像素", "a screenshot has {bytes} bytes and {pixels} pixels at most")
    step = Text("请缩小后重新上传。", "Make it smaller and upload it again.")


class NotAPackage(Invalid):
    """A file is no package that can be taken."""

    code = "QM-PARTICIPATION-016"
    title = Text("不能接收这个程序包：{reason}", "this package cannot be taken: {reason}")
    step = Text(
        "请上传未加密、首尾无多余内容的 zip（含 apk、jar、whl）或 tar.gz 文件。",
        "Upload a zip (also apk, jar, whl) or tar.gz file, not encrypted and with nothing before or after it.",
    )


class PackageTooLarge(Invalid):
    """A package has too many bytes."""

    code = "QM-PARTICIPATION-017"
    title = Text("程序包至多 {bytes} 字节", "a package has {bytes} bytes at most")
    step = Text("请改为登记下载网址。", "Give the address of a download instead.")


class PackageInfected(Invalid):
    """The scanner found something in a package."""

    code = "QM-PARTICIPATION-018"
    title = Text(
        "安全扫描在程序包中发现 {signature}，已拒收", "the scanner found {signature} in the package; it was refused"
    )
    step = Text("请清除后重新打包上传。", "Clean it, pack it anew and upload it again.")


class PackageWaits(Conflict):
    """A package was not scanned yet."""

    code = "QM-PARTICIPATION-019"
    title = Text("程序包尚未完成安全扫描", "the package has not been scanned yet")
    step = Text("扫描恢复后重新扫描，再行审核。", "Scan it again when the scanner answers, then decide.")


class PictureMissing(NotFound):
    """There is no such file of a reuse."""

    code = "QM-PARTICIPATION-020"
    title = Text("该应用成果没有这个文件", "this reuse has no such file")
    step = Text("请返回应用成果页面。", "Go back to the page of the reuse.")


class NotOnApplication(Conflict):
    """The data need no application, or are not to be had by one."""

    code = "QM-PARTICIPATION-021"
    title = Text("该数据集不是依申请提供的", "this dataset is not given on application")
    step = Text("请查看数据集页面的获取方式。", "See on its page how it can be had.")


class AlreadyApplied(Conflict):
    """An application for these data waits or is granted."""

    code = "QM-PARTICIPATION-022"
    title = Text(
        "您对该数据集的申请正在办理或已获批准", "you have an application for this dataset that waits or is granted"
    )
    step = Text("在“我的参与”中查看。", "See it on the page My participation.")


class TermsNotAccepted(Invalid):
    """The terms of use must be accepted."""

    code = "QM-PARTICIPATION-023"
    title = Text("须同意使用条款", "the terms of use must be accepted")
    step = Text("阅读并勾选后重新提交。", "Read them, tick the box and send it again.")


class BadPeriod(Invalid):
    """A period begins in the past, ends before it begins or lasts too long."""

    code = "QM-PARTICIPATION-024"
    title = Text("截止日期须在今天之后，至多 {days} 天", "the last day must be after today and within {days} days")
    step = Text("请更正日期。", "Correct the day.")


class RegistrationClosed(Denied):
    """The operator does not let people register themselves."""

    code = "QM-PARTICIPATION-025"
    title = Text("本站未开放自助注册", "this site does not let people register themselves")
    step = Text("请联系管理方开立账号。", "Ask its operator for an account.")


class ChoiceUnknown(Invalid):
    """A value is not one of those that there are."""

    code = "QM-PARTICIPATION-026"
    title = Text("“{field}”不在可选范围内", "{field} is not one of the choices")
    step = Text("请从列表中选择。", "Choose from the list.")


class NoSuchField(Invalid):
    """A dataset has no such field."""

    code = "QM-PARTICIPATION-027"
    title = Text("该数据集没有这个数据项", "the dataset has no such field")
    step = Text("请从列表中选择数据项。", "Choose the field from the list.")


class SignInNeeded(Denied):
    """Nobody takes part without an account of a person."""

    code = "QM-PARTICIPATION-028"
    title = Text("须以个人账号登录", "this is for somebody who signed in with an account of a person")
    step = Text("请登录或注册。", "Sign in, or register.")
