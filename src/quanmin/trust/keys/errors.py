"""What the keys refuse. A message names keys, versions and places, never a key or a value."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from quanmin.text import Text


class KeyUnknown(NotFound):
    """No key has this name, or the key has no such version."""

    code = "QM-KEY-001"
    title = Text("没有密钥 {name} 的版本 {version}", "there is no key {name} of version {version}")
    step = Text("请用 quanmin keys list 查看现有的密钥。", "quanmin keys list shows the keys there are.")


class KeyGone(Conflict):
    """The version was revoked or destroyed."""

    code = "QM-KEY-002"
    title = Text("密钥 {name} 的版本 {version} 不可再用（{state}）", "version {version} of key {name} is {state}")
    step = Text(
        "已吊销的版本可以恢复；已销毁的不能，用它加密的内容无法再读。",
        "A revoked version can be reinstated; a destroyed one cannot, and what it encrypted cannot be read again.",
    )


class Altered(Conflict):
    """What is encrypted does not hold: changed, moved to another place, or made with another key."""

    code = "QM-KEY-003"
    title = Text(
        "密文不成立：内容、位置或密钥不符（{place}）",
        "the encrypted content does not hold: content, place or key differs ({place})",
    )
    step = Text("请保全现状并与备份比对。", "Keep everything as it is and compare it with a backup.")


class MasterMissing(Unavailable):
    """The master key is not where the settings say."""

    code = "QM-KEY-004"
    title = Text("找不到主密钥（{kind} {id}）", "the master key is not there ({kind} {id})")
    step = Text(
        "请设置 QUANMIN_PASSPHRASE，或让 QUANMIN_MASTER 指向存放主密钥文件的目录。",
        "Set QUANMIN_PASSPHRASE, or let QUANMIN_MASTER name the folder that holds the file of the master key.",
    )


class MasterWrong(Denied):
    """The master key does not open the key ring."""

    code = "QM-KEY-005"
    title = Text("主密钥打不开密钥环", "the master key does not open the key ring")
    step = Text(
        "请核对口令或主密钥文件；若确认无误，则密钥环已被改动，请与备份比对。",
        "Check the passphrase or the file; if they are right the key ring was changed: compare it with a backup.",
    )


class TooOpen(Denied):
    """Others may read the file of the master key."""

    code = "QM-KEY-006"
    title = Text(
        "主密钥文件的权限过宽：{mode}", "the file of the master key is open to others than its owner: mode {mode}"
    )
    step = Text(
        "请改为 0600，并考虑主密钥已经泄露：quanmin keys rewrap。",
        "Make it 0600, and consider the master known to others: quanmin keys rewrap.",
    )


class Sm2Missing(Unavailable):
    """SM2 was asked for and its library is not installed."""

    code = "QM-KEY-007"
    title = Text("没有安装 SM2 算法库", "the library for SM2 is not installed")
    step = Text("请安装附加组件：pip install 'quanmin[sm2]'。", "Install the extra: pip install 'quanmin[sm2]'.")


class KeyFixed(Conflict):
    """A new version of this key would lose what was written under its pseudonyms."""

    code = "QM-KEY-008"
    title = Text(
        "密钥 {name} 不能轮换：台账中的引用依赖它",
        "key {name} cannot be rotated: references in the ledger are made with it",
    )
    step = Text("请轮换其他用途的密钥。", "Rotate the keys of other purposes.")


class WrongUse(Invalid):
    """The key is of another kind, or its name is none."""

    code = "QM-KEY-009"
    title = Text("密钥 {name} 不能用于此处（{use}）", "key {name} is not for this use ({use})")
    step = Text("请核对密钥的名称和种类。", "Check the name and the kind of the key.")


class NotAPseudonym(Invalid):
    """Some of what was given is no pseudonym of this purpose, or none that can be led back."""

    code = "QM-KEY-010"
    title = Text(
        "第 {places} 个不是“{purpose}”用途下可还原的假名",
        "number {places} is no pseudonym of purpose {purpose} that can be led back",
    )
    step = Text(
        "请核对假名及其用途；早期版本的假名是摘要，无法还原。",
        "Check the pseudonym and its purpose; those of the first version are digests and lead nowhere.",
    )


class TwoPeople(Denied):
    """One person tried to do both halves of a two-person action, or not the one who asked."""

    code = "QM-KEY-011"
    title = Text(
        "第 {document} 号还原申请须由两人办理（{action}）",
        "re-identification {document} takes two people ({action})",
    )
    step = Text(
        "申请与批准不能是同一人；批准后只有申请人可以取得结果。",
        "Whoever asks cannot approve; once approved, only the one who asked gets the answer.",
    )


class RoleMissing(Denied):
    """The actor does not hold the role."""

    code = "QM-KEY-012"
    title = Text("须由“{role}”办理", "this is for {role}")
    step = Text("请由具备该角色的人办理。", "Ask somebody who holds that role.")


class ReasonMissing(Invalid):
    """A re-identification without a case number, a reason or a pseudonym."""

    code = "QM-KEY-013"
    title = Text("还原假名须有：{fields}", "a re-identification needs: {fields}")
    step = Text("请补上缺少的各项。", "Give what is missing.")
