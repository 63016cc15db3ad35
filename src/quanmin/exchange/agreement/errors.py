"""What is refused of agreements: terms that do not hold, steps that are not one's own, signatures, copies."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound
from quanmin.text import Text


class AgreementUnknown(NotFound):
    """There is no such agreement, or the member takes no part in it."""

    code = "QM-EXCHANGE-020"
    title = Text(
        "没有协议 {agreement}，或本部门不是其当事方", "there is no agreement {agreement} that this member takes part in"
    )
    step = Text("请用 quanmin exchange agreement list 查看。", "See quanmin exchange agreement list.")


class NotInForce(Denied):
    """The cited version of an agreement does not count now: nothing may be asked, sent or taken under it."""

    code = "QM-EXCHANGE-021"
    title = Text("协议 {agreement} 当前不生效", "agreement {agreement} is not in force")
    step = Text(
        "请核对编号、版本、有效期与状态；已有新版本的，须引用新版本。",
        "Check its number, version, dates and state; where there is a newer version, cite that one.",
    )


class NotASide(Denied):
    """Another member has to do this."""

    code = "QM-EXCHANGE-022"
    title = Text("{agency} 不得对协议 {agreement} 办理“{action}”", "{agency} may not {action} agreement {agreement}")
    step = Text("请由 {roles} 办理。", "It is for {roles} to do.")


class DatasetClosed(Denied):
    """The catalogue does not share the dataset."""

    code = "QM-EXCHANGE-023"
    title = Text("目录规定数据集 {dataset} 不予共享", "dataset {dataset} is not shared")
    step = Text("请向主管部门提出调整共享类型。", "Ask its steward to change how it is shared.")


class DatasetUnknown(NotFound):
    """Terms name a dataset that the catalogue does not have."""

    code = "QM-EXCHANGE-024"
    title = Text("共享目录中没有数据集 {dataset}", "the sharing catalogue has no dataset {dataset}")
    step = Text("请用 quanmin exchange agreement catalogue 查看。", "See quanmin exchange agreement catalogue.")


class ElementsUnfit(Invalid):
    """Terms name no elements, one twice, or one that the dataset does not have."""

    code = "QM-EXCHANGE-025"
    title = Text(
        "数据项为空、重复，或不属于 {dataset}：{elements}", "elements missing, repeated or not of {dataset}: {elements}"
    )
    step = Text("请从数据集的数据项中选取，每项一次。", "Choose from the elements of the dataset, each of them once.")


class IdentifierUnneeded(Invalid):
    """Direct identifiers of other people than the record's own are asked for without need."""

    code = "QM-EXCHANGE-026"
    title = Text(
        "用途“{purpose}”不需要直接标识：{elements}", "purpose {purpose} needs no direct identifiers: {elements}"
    )
    step = Text("请去掉这些数据项，或选用确需它们的用途。", "Leave them out, or choose a purpose that needs them.")


class PurposeUnfit(Invalid):
    """Nothing is shared between agencies for this purpose."""

    code = "QM-EXCHANGE-027"
    title = Text("“{purpose}”不是共享协议的用途", "{purpose} is no purpose of an agreement")
    step = Text("可用的用途：{known}。", "Purposes of agreements: {known}.")


class PeriodWrong(Invalid):
    """The days of an agreement do not hold."""

    code = "QM-EXCHANGE-028"
    title = Text(
        "有效期须自起始日至终止日，至多 {years} 年，且尚未届满",
        "an agreement ends after it begins, within {years} years, and not in the past",
    )
    step = Text("请更正起止日期。", "Correct its days.")


class ProviderWithout(Invalid):
    """The provider is no agency that has the dataset."""

    code = "QM-EXCHANGE-029"
    title = Text("{agency} 不掌握数据集 {dataset}", "{agency} does not have dataset {dataset}")
    step = Text("提供方须为：{known}。", "Its providers are {known}.")


class SidesUnfit(Invalid):
    """The sides of an agreement are one and the same, or no members."""

    code = "QM-EXCHANGE-030"
    title = Text("提供方与使用方须为两个不同的成员", "provider and consumer must be two members of the exchange")
    step = Text("请核对部门代码。", "Check the codes of the agencies.")


class ModeUnfit(Invalid):
    """Mode, operations, content and frequency do not go together."""

    code = "QM-EXCHANGE-031"
    title = Text("共享方式与其他约定不相容：{reason}", "the mode does not go with the rest: {reason}")
    step = Text(
        "请求类须有操作且用途允许；推送类须有内容与频率。",
        "Requests need operations that the purpose permits; pushes need a content and a frequency.",
    )


class OnwardUnconsented(Denied):
    """What is shared may be passed on only where its provider consented."""

    code = "QM-EXCHANGE-032"
    title = Text("转交他人须由提供方答复同意", "passing it on needs the consent of the provider")
    step = Text("请由提供方在答复中同意，或删去该项约定。", "Let the provider consent in its answer, or leave it out.")


class CaseUnasked(Invalid):
    """Look-ups that show grade 5 need a case number."""

    code = "QM-EXCHANGE-033"
    title = Text("按人查询第五级数据须逐次提供办件号", "look-ups of grade 5 need a case number each")
    step = Text("请在条款中约定 case = true。", "Agree on case = true.")


class BasisMissing(Invalid):
    """Terms say nothing of a legal basis, or have no title."""

    code = "QM-EXCHANGE-034"
    title = Text(
        "“{field}”不得为空，至多 {limit} 个字符", "{field} must not be empty and has {limit} characters at most"
    )
    step = Text("请写明事项、名称与法律依据。", "State the item, the titles and the legal basis.")


class TermsWidened(Denied):
    """An answer grants what was not asked for."""

    code = "QM-EXCHANGE-035"
    title = Text("答复只能收窄申请：{fields}", "an answer may only narrow what was asked: {fields}")
    step = Text("要扩大范围，须另行申请。", "To share more, let it be asked for.")


class SignatureRefused(Denied):
    """A signature under terms does not hold."""

    code = "QM-EXCHANGE-036"
    title = Text("协议 {agreement} 的签名不成立：{reason}", "the signature under {agreement} does not hold: {reason}")
    step = Text(
        "请由当事方以现行有效的签名密钥对现行条款重新签名。",
        "Let that side sign the terms as they are now, by a key that counts.",
    )


class CopyRefused(Denied):
    """What is said to be an agreement does not bear the signatures it needs."""

    code = "QM-EXCHANGE-037"
    title = Text("拒收协议副本 {agreement}：{reason}", "the copy of {agreement} is refused: {reason}")
    step = Text(
        "请核对平台地址与成员目录后重新获取。", "Check the platform's address and the directory, and fetch it again."
    )


class TermsUnreadable(Invalid):
    """A document holds no terms."""

    code = "QM-EXCHANGE-038"
    title = Text("这不是协议条款：{reason}", "these are no terms of an agreement: {reason}")
    step = Text("请按手册中的字段填写。", "Fill in the fields that the manual names.")


class RowsUnfit(Invalid):
    """The rows of an agreement cannot be told from the dataset."""

    code = "QM-EXCHANGE-039"
    title = Text("数据集 {dataset} 无法按此划定行范围：{reason}", "rows of {dataset} cannot be limited so: {reason}")
    step = Text(
        "请填写目录中的行政区划、数据集的代码型数据项及其值域中的代码。",
        "Give a division of the table, and elements of the dataset with codes of their value sets.",
    )


class DivisionOver(Conflict):
    """A side of new terms is of a division that is none on the day on which they begin; what is in force goes on."""

    code = "QM-EXCHANGE-143"
    title = Text(
        "{member} 的行政区划 {division} 在 {day} 不存在，承接者：{successors}",
        "{member}: division {division} is none on {day}; it passed to {successors}",
    )
    step = Text(
        "请与承接的行政区划的机构签订；原有协议可执行至期满。",
        "Agree with the agency of the division that took over; an agreement in force goes on to its end.",
    )


class DivisionOutside(Invalid):
    """An agency of a division gives rows of its own division only, and the terms must say so."""

    code = "QM-EXCHANGE-144"
    title = Text(
        "{member} 只能提供 {division} 的数据：条款 region 须为该区划或其下级，现为 {region}",
        "{member} gives rows of {division} only: region of the terms must lie in it, and is {region}",
    )
    step = Text(
        "请在条款中写明 region；以文件推送的，另订协议应答请求。",
        "Write region into the terms; where files are pushed, answer requests under an agreement of their own.",
    )
