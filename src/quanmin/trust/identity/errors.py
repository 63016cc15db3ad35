"""What identity refuses. Reasons are stable words of the program; nothing repeats what was typed."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from quanmin.text import Text


class SignInRefused(Denied):
    """A sign-in failed; which part of it is told to the audit alone."""

    code = "QM-IDENTITY-001"
    title = Text("登录未成功", "the sign-in was refused")
    step = Text(
        "请核对账号、密码和第二凭据；失败已记入审计。", "Check account, password and second factor; it is in the audit."
    )


class Locked(Denied):
    """Too many failures of this account or from this address."""

    code = "QM-IDENTITY-002"
    title = Text("失败次数过多，暂停登录 {seconds} 秒", "too many failures: no sign-in for {seconds} s")
    step = Text("请稍候再试；期间的尝试也会被拒绝。", "Wait and try again; until then every try is refused.")


class SessionOver(Denied):
    """The session is unknown, idle too long, at its end, or revoked."""

    code = "QM-IDENTITY-003"
    title = Text("会话无效或已结束", "the session is unknown or over")
    step = Text("请重新登录：quanmin identity sign-in。", "Sign in again: quanmin identity sign-in.")


class WeakPassword(Invalid):
    """The password does not meet the policy."""

    code = "QM-IDENTITY-004"
    title = Text("密码不符合要求：{reason}", "the password does not meet the policy: {reason}")
    step = Text(
        "至少 12 个字符，不用常见词、账号名或用过的密码。",
        "At least 12 characters; no common word, no account name, none that was used before.",
    )


class ActivationRefused(Denied):
    """The activation code is wrong, used up or too old."""

    code = "QM-IDENTITY-005"
    title = Text("激活码不正确或已失效", "the activation code is wrong or no longer valid")
    step = Text(
        "请向系统管理员和安全管理员申请新的激活码。", "Ask the system and the security administrator for a new one."
    )


class NotYourWork(Denied):
    """The work belongs to another role."""

    code = "QM-IDENTITY-006"
    title = Text("“{work}”须由 {role} 办理", "{work} is the work of {role}")
    step = Text(
        "请由该角色登录后办理；这次尝试已记入审计。", "Somebody of that role must do it; this try is in the audit."
    )


class RolesApart(Conflict):
    """One person may not hold these roles together."""

    code = "QM-IDENTITY-007"
    title = Text("{first} 与 {second} 不得由一人兼任", "{first} and {second} may not be held by one person")
    step = Text("请先结束其中一项授权，或授予他人。", "End one of them first, or give it to somebody else.")


class OwnFavour(Denied):
    """Somebody would grant, confirm or review something for himself, or confirm what he proposed."""

    code = "QM-IDENTITY-008"
    title = Text(
        "不得为自己办理“{work}”，也不得确认本人提出的事项",
        "nobody does {work} for himself or confirms his own proposal",
    )
    step = Text("请由另一人办理；这次尝试已记入审计。", "Another person must do it; this try is in the audit.")


class UnknownAccount(NotFound):
    """No account has this name."""

    code = "QM-IDENTITY-009"
    title = Text("没有这个账号", "there is no such account")
    step = Text("查看：quanmin identity people list", "see: quanmin identity people list")


class AccountTaken(Conflict):
    """The account, or one of the same person, exists already."""

    code = "QM-IDENTITY-010"
    title = Text(
        "账号已存在，或此人已有账号（{reason}）", "the account exists, or the person has one already ({reason})"
    )
    step = Text("一人一号；请使用已有的账号。", "One account a person: use the one that exists.")


class UnknownOrganisation(NotFound):
    """No open organisation has this name."""

    code = "QM-IDENTITY-011"
    title = Text("没有这个机构，或机构已撤销：{organisation}", "no such organisation, or it is closed: {organisation}")
    step = Text("查看：quanmin identity organisations list", "see: quanmin identity organisations list")


class BadOrganisation(Invalid):
    """The organisation cannot stand where it is put."""

    code = "QM-IDENTITY-012"
    title = Text("机构 {organisation} 不成立：{reason}", "organisation {organisation} cannot be so: {reason}")
    step = Text("请核对上级机构和行政区划。", "Check its parent and its region.")


class BadMandate(Invalid):
    """A post or grant lacks what it must have, or is too long."""

    code = "QM-IDENTITY-013"
    title = Text("授权不完整或不成立：{fields}", "the mandate is incomplete or cannot be so: {fields}")
    step = Text(
        "每项授权须写明目的、负责人和到期日，最长一年。",
        "Each grant says its purpose, its owner and its end, at most a year away.",
    )


class Founded(Conflict):
    """The administrators exist already."""

    code = "QM-IDENTITY-014"
    title = Text("三员账号已经建立", "the administrators have been founded already")
    step = Text("请用管理员账号登录。", "Sign in as one of the administrators.")


class NotFounded(Conflict):
    """There are no accounts yet."""

    code = "QM-IDENTITY-015"
    title = Text("尚未建立账号", "there are no accounts yet")
    step = Text("请先执行：quanmin identity found", "First run: quanmin identity found")


class CertificateRefused(Denied):
    """A certificate or a request for one was refused."""

    code = "QM-IDENTITY-016"
    title = Text("证书被拒绝（{reason}）", "the certificate was refused ({reason})")
    step = Text(
        "请核对签发机构、有效期、用途和吊销状态。", "Check its issuer, validity, usage and whether it was revoked."
    )


class TokenRefused(Denied):
    """A service token was refused."""

    code = "QM-IDENTITY-017"
    title = Text("服务令牌被拒绝（{reason}）", "the service token was refused ({reason})")
    step = Text(
        "请用登记的密钥重新签发，有效期不超过 10 分钟。",
        "Sign a new one with the registered key, for 10 minutes at most.",
    )


class PasskeyRefused(Denied):
    """A passkey was refused."""

    code = "QM-IDENTITY-018"
    title = Text("通行密钥被拒绝（{reason}）", "the passkey was refused ({reason})")
    step = Text("请重新取得质询后再试。", "Ask for a new challenge and try again.")


class ClockBack(Unavailable):
    """The clock stands before a time that was already seen."""

    code = "QM-IDENTITY-019"
    title = Text("系统时间早于已记录的时间", "the clock stands before a time that was already seen")
    step = Text(
        "请校正时间；确属误调时：quanmin identity clock --reset（结束所有会话）。",
        "Put the clock right; if it once stood in the future: quanmin identity clock --reset, which ends all sessions.",
    )


class NotProven(Denied):
    """The person was not proven against the base."""

    code = "QM-IDENTITY-020"
    title = Text("未能与人口库核对一致", "the base does not confirm this person")
    step = Text("请持证件到服务窗口办理。", "Come to the counter with your identity card.")


class EmergencyRefused(Denied):
    """Emergency access is not open to this actor or lacks a reason."""

    code = "QM-IDENTITY-021"
    title = Text("不能启用紧急访问（{reason}）", "emergency access is not given ({reason})")
    step = Text(
        "须由在岗医务人员双因素登录并写明理由。",
        "It is for clinicians in a post, signed in with two factors, with a reason.",
    )


class VaultUnreadable(Unavailable):
    """The key of identity cannot be read, made, or does not fit."""

    code = "QM-IDENTITY-022"
    title = Text("身份密钥不可用：{reason}", "the key of identity cannot be used: {reason}")
    step = Text("请检查运行目录下 keys 目录的权限。", "Check the permissions of the folder keys in the home.")


class PasswordOld(Denied):
    """The password is older than it may be."""

    code = "QM-IDENTITY-023"
    title = Text("密码已过期", "the password has expired")
    step = Text("请修改：quanmin identity password", "Change it: quanmin identity password")


class WrongState(Conflict):
    """The state of the account or mandate does not allow this."""

    code = "QM-IDENTITY-024"
    title = Text("当前状态（{state}）不允许此操作", "the state {state} does not allow this")
    step = Text("请先查看其状态。", "Look at its state first.")


class BadName(Invalid):
    """A name of an account, organisation or role is not usable."""

    code = "QM-IDENTITY-025"
    title = Text("名称不可用：{field}", "not a usable name: {field}")
    step = Text(
        "用 2 到 40 个小写字母、数字和连字符，以字母开头；不要用证件号码。",
        "Use 2 to 40 small letters, digits and hyphens, a letter first; never a number of a person.",
    )


class IssueInstead(Conflict):
    """A request for a certificate is not confirmed by itself: it would stand confirmed without a certificate."""

    code = "QM-IDENTITY-026"
    title = Text("第 {document} 号是证书申请，不能单独确认", "document {document} is a request for a certificate")
    step = Text(
        "请签发：quanmin identity certificates issue {document}",
        "Issue it: quanmin identity certificates issue {document}",
    )


class NothingToRenew(Conflict):
    """The account holds no administrator's grant that is in force."""

    code = "QM-IDENTITY-027"
    title = Text("该账号没有可续期的管理员授权", "the account holds no administrator's grant that is in force")
    step = Text(
        "须在到期前续期；已全部到期时：quanmin identity recover。",
        "Renew before the end; when nobody has the role any more: quanmin identity recover.",
    )


class RoleHeld(Conflict):
    """Somebody has the role: it is not taken up anew."""

    code = "QM-IDENTITY-028"
    title = Text("{role} 仍有人担任，不能恢复", "somebody is {role}: there is nothing to recover")
    step = Text(
        "请由在任者办理：quanmin identity renew；这次尝试已记入审计。",
        "Let those in office do it: quanmin identity renew; this try is in the audit.",
    )


class RevokeInstead(Conflict):
    """A certificate is not ended by its request: it would go on proving."""

    code = "QM-IDENTITY-029"
    title = Text("第 {document} 号是证书申请，证书须吊销", "document {document} is a certificate's: it is revoked")
    step = Text(
        "请吊销：quanmin identity certificates revoke；未签发的申请用 refuse 驳回。",
        "Revoke it: quanmin identity certificates revoke; a request that was not issued is refused.",
    )


class NotYourNumber(Denied):
    """The number is not that of whoever signed in, nor of the ward acted for; it is not repeated."""

    code = "QM-IDENTITY-030"
    title = Text(
        "所填号码不是本账号本人（或当前被监护人）的", "that is not the number of this account's holder, nor of the ward"
    )
    step = Text(
        "请核对号码；代办时请先选择被监护人。", "Check the number; to act for a ward choose the guardianship first."
    )
