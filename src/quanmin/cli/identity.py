"""`quanmin identity`: who may act here. Secrets are typed at a prompt or come as lines of standard input, never as arguments."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from quanmin.cli import patients
from quanmin.cli.certificates import certificates, passphrase, tokens
from quanmin.cli.output import AsJson, out, say
from quanmin.cli.passkeys import asked, passkeys
from quanmin.cli.register import (
    Account,
    Number,
    Place,
    Role,
    Until,
    Why,
    described,
    here,
    listed,
    secret,
    tell,
    tell_document,
    token_here,
)
from quanmin.cli.workplace import open_register, session_file
from quanmin.ledger import Document
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import identity
from quanmin.trust.identity import founding, mandate

app = typer.Typer(
    help="Accounts, proofs of identity, posts and grants. 账号、身份凭据、岗位与授权。", no_args_is_help=True
)
organisations = typer.Typer(help="The tree of organisations. 机构树。", no_args_is_help=True)
people = typer.Typer(help="Accounts of people, organisations and services. 账号。", no_args_is_help=True)
posts = typer.Typer(help="Posts: a role at an organisation for a time. 岗位。", no_args_is_help=True)
grants = typer.Typer(help="Grants with purpose, owner and end. 授权。", no_args_is_help=True)
guardians = typer.Typer(help="Guardians and their wards. 监护人。", no_args_is_help=True)
sessions = typer.Typer(help="Sessions that are open. 会话。", no_args_is_help=True)
emergency = typer.Typer(help="Emergency access and its review. 紧急访问与复核。", no_args_is_help=True)
for _name, _group in {
    "organisations": organisations,
    "people": people,
    "posts": posts,
    "grants": grants,
    "guardians": guardians,
    "certificates": certificates,
    "passkeys": passkeys,
    "patients": patients.app,
    "tokens": tokens,
    "sessions": sessions,
    "emergency": emergency,
}.items():
    app.add_typer(_group, name=_name)


@app.command()
def found(
    root: Annotated[str, typer.Argument(help="Name of the organisation at the root. 根机构代号。")],
    title: Annotated[str, typer.Option(help="What it is called. 机构名称。")],
    region: Annotated[str, typer.Option(help="Code of its region, 000000 for the nation. 行政区划代码。")],
    system: Annotated[str, typer.Option(help="Account of the system administrator. 系统管理员。")] = "system-admin",
    security: Annotated[
        str, typer.Option(help="Account of the security administrator. 安全管理员。")
    ] = "security-admin",
    audit: Annotated[str, typer.Option(help="Account of the audit administrator. 审计管理员。")] = "audit-admin",
    json: AsJson = False,
) -> None:
    """Make the accounts of the three administrators, once; asks for the number of each person. 建立三员账号。"""
    asked = (("系统管理员", system), ("安全管理员", security), ("审计管理员", audit))
    founders = [founding.Founder(name, secret(f"{zh}的证件号", f"identity number of {name}")) for zh, name in asked]
    with open_register() as register:
        codes = founding.found(register, root, title, region, *founders)
    tell({name: " / ".join(halves) for name, halves in codes.items()}, json)


@app.command()
def renew(account: Account, until: Until, json: AsJson = False) -> None:
    """Propose that another administrator stays one; the third of the three confirms. 续任管理员，须在到期前。"""
    with open_register() as register:
        tell_document(identity.renewal.propose(register, here(register), account, until.date()), json)


@app.command()
def recover(
    role: Annotated[Literal["system", "security", "audit"], typer.Argument(help="Which administrator. 哪一员。")],
    account: Account,
    json: AsJson = False,
) -> None:
    """Make an administrator anew when nobody has the role any more; asks for the person's number. It alarms. 恢复管理员。"""
    founder = founding.Founder(account, secret("证件号", "identity number"))
    with open_register() as register:
        halves = identity.renewal.recover(register, f"{role}_administrator", founder)
    tell({account: " / ".join(halves)}, json)


@app.command()
def activate(account: Account, json: AsJson = False) -> None:
    """Open an account: both halves of its code, then a password of one's choice. 激活账号。"""
    halves = secret("激活码前半", "first half of the code"), secret("激活码后半", "second half of the code")
    with open_register() as register:
        seed = identity.activate(register, account, halves, secret("新密码", "new password"))
        tell({"seed": seed, "address": identity.totp.address(seed, register.site.name, account)}, json)


def _proofs() -> identity.Proofs:
    return identity.Proofs(_password(), secret("验证码", "code"))


@app.command()
def enrol(account: Account) -> None:
    """Show the first code of the phone: the account is active from then on. 绑定手机验证码。"""
    with open_register() as register:
        identity.enrol(register, account, _proofs())
    out.print(say(Text("账号已启用", "The account is active")))


@app.command("sign-in")
def sign_in(
    account: Account,
    organisation: Annotated[str | None, typer.Option(help="Where to act, of several. 所在机构。")] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A certificate (PEM) in place of the code. 证书，代替验证码。"),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Its private key (PEM), which stays here. 证书私钥。"),
    ] = None,
    passkey: Annotated[bool, typer.Option("--passkey", help="A passkey in place of the code. 通行密钥。")] = False,
    json: AsJson = False,
) -> None:
    """Sign in with password and a second proof (code, certificate, passkey); later commands act as this account. 登录。

    An organisation signs in with its certificate alone.
    """
    if (certificate is None) != (key is None) or (passkey and certificate is not None):
        raise typer.BadParameter(
            "--certificate and --key, or --passkey, or none. 证书与私钥、通行密钥，二者选一或都不用。"
        )
    path = session_file(Settings())
    former = path.read_text("ascii").strip() if path.exists() else None
    with open_register() as register:
        if certificate is not None and key is not None:
            proofs = _by_certificate(register, account, certificate, key)
        elif passkey:
            proofs = identity.Proofs(_password(), passkey=asked(identity.passkey.options(register, account)))
        else:
            proofs = _proofs()
        token = identity.sign_in(register, account, proofs, organisation=organisation, former=former)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token)
        tell(described(identity.authenticate(register, token)), json)


def _password() -> str:
    return secret("密码", "password")


def _by_certificate(register: identity.Registry, account: str, certificate: Path, key: Path) -> identity.Proofs:
    """Sign a challenge with the key; a person shows a password, too."""
    pem = key.read_bytes()
    word = passphrase(pem)
    known = identity.account.find(register, account)
    alone = known is not None and known.data["kind"] == "organisation"
    shown = None if alone else _password()
    asked_for = identity.certificate.challenge(register, account, secrets.token_urlsafe(32))
    text = certificate.read_text("ascii", errors="replace")
    return identity.Proofs(shown, certificate=identity.holder.answer(text, pem, word, asked_for))


@app.command("sign-out")
def sign_out() -> None:
    """End the session of this terminal. 退出登录。"""
    with open_register() as register:
        identity.session.end(register, token_here())
    session_file(Settings()).unlink(missing_ok=True)
    out.print(say(Text("已退出", "Signed out")))


@app.command()
def whoami(json: AsJson = False) -> None:
    """Show as whom commands act now. 当前身份。"""
    with open_register() as register:
        tell(described(here(register)), json)


@app.command()
def password(account: Account) -> None:
    """Change one's password; every session of the account ends. 修改密码。"""
    with open_register() as register:
        identity.change_password(register, account, _proofs(), secret("新密码", "new password"))
    out.print(say(Text("密码已修改", "The password is changed")))


@app.command("act-for")
def act_for(
    guardianship: Annotated[
        int | None, typer.Argument(help="Number of the guardianship; none: oneself. 监护编号。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Act for a ward from now on, or for oneself again. 代理被监护人。"""
    with open_register() as register:
        tell(described(identity.act_for(register, token_here(), guardianship)), json)


@app.command()
def clock(reset: Annotated[bool, typer.Option("--reset", help="Forget the latest time. 重置。")] = False) -> None:
    """After the clock once stood in the future: forget that time and end every session. 校正系统时间后重置。

    While that keeps everybody out it needs no session, and alarms; otherwise the security administrator's.
    """
    if reset:
        with open_register() as register:
            nobody = identity.clock.back(register) or not founding.founded(register)
            identity.clock.reset(register, None if nobody else here(register))
    done, nothing = Text("已重置，所有会话结束", "Reset; every session has ended"), Text("未作改动", "Nothing done")
    out.print(say(done if reset else nothing))


@app.command()
def confirm(number: Number, json: AsJson = False) -> None:
    """Confirm a post, grant, guardianship or service key that another proposed; a certificate is issued. 确认授权。"""
    _decide(mandate.confirm, number, json=json)


@app.command()
def refuse(number: Number, reason: Why, json: AsJson = False) -> None:
    """Refuse a proposal. 驳回。"""
    _decide(mandate.refuse, number, reason, json=json)


@app.command()
def end(number: Number, reason: Why, json: AsJson = False) -> None:
    """End a post, grant, guardianship or service key at once. 终止授权。"""
    _decide(mandate.end, number, reason, json=json)


def _decide(step: Callable[..., Document], number: int, *more: str, json: bool) -> None:
    with open_register() as register:
        tell_document(step(register, here(register), number, *more), json)


@organisations.command("add")
def add_organisation(
    organisation: Annotated[str, typer.Argument(help="Its name. 机构代号。")],
    title: Annotated[str, typer.Option(help="What it is called. 名称。")],
    region: Annotated[str, typer.Option(help="Code of its region. 行政区划代码。")],
    parent: Annotated[str, typer.Option(help="The one above. 上级机构。")],
    json: AsJson = False,
) -> None:
    """Add an organisation under another. 新增机构。"""
    with open_register() as register:
        made = identity.organisation.add(register, here(register), organisation, title, region, parent)
    tell({"organisation": made.id, "region": made.region, "parent": made.parent}, json)


@organisations.command("move")
def move_organisation(organisation: str, parent: str, json: AsJson = False) -> None:
    """Put an organisation, with all under it, under another. 调整隶属。"""
    with open_register() as register:
        made = identity.organisation.move(register, here(register), organisation, parent)
    tell({"organisation": made.id, "parent": made.parent}, json)


@organisations.command("close")
def close_organisation(organisation: str, reason: Why) -> None:
    """Close an organisation: what is held there no longer counts. 撤销机构。"""
    with open_register() as register:
        identity.organisation.close(register, here(register), organisation, reason)
    out.print(say(Text("已撤销", "Closed")))


@organisations.command("list")
def list_organisations(json: AsJson = False) -> None:
    """List the organisations that are open. 机构清单。"""
    with open_register() as register:
        rows = [{"organisation": one.id, **vars(one)} for one in identity.organisation.tree(register)]
    listed(rows, ("organisation", "title", "region", "parent"), json)


@people.command("add")
def add_account(
    account: Account,
    kind: Annotated[
        Literal["staff", "clinician", "organisation", "service"], typer.Option(help="Of what sort. 类别。")
    ],
    organisation: Place,
    json: AsJson = False,
) -> None:
    """Propose an account; asks for number and name of a person. Gives the first half of the code. 新增账号。"""
    human = kind in identity.account.PEOPLE
    person = secret("证件号", "identity number") if human else None
    shown = secret("姓名", "name") if human else None
    with open_register() as register:
        half = identity.account.add(register, here(register), account, kind, organisation, person, shown)
    tell({"account": account, "half": half if human else None}, json)


@people.command("confirm")
def confirm_account(account: Account, json: AsJson = False) -> None:
    """Confirm an account that another proposed. Gives the second half of the code. 确认账号。"""
    with open_register() as register:
        half = identity.account.confirm(register, here(register), account)
    tell({"account": account, "half": half or None}, json)


@people.command("disable")
def disable_account(account: Account, reason: Why) -> None:
    """Disable an account; its sessions end at once. 停用账号。"""
    with open_register() as register:
        identity.account.disable(register, here(register), account, reason)
    out.print(say(Text("已停用", "Disabled")))


@people.command("enable")
def enable_account(account: Account, reason: Why, json: AsJson = False) -> None:
    """Propose that a disabled account is used again; another confirms. Half of a code if it needs new proofs. 恢复账号。"""
    with open_register() as register:
        half = identity.account.enable(register, here(register), account, reason)
    tell({"account": account, "half": half or None}, json)


@people.command("reset")
def reset_account(account: Account, reason: Why, json: AsJson = False) -> None:
    """Start an account anew (lost phone, forgotten password); needs a confirmation again. 重置账号。"""
    with open_register() as register:
        half = identity.account.reset(register, here(register), account, reason)
    tell({"account": account, "half": half}, json)


@people.command("dormant")
def dormant_accounts(json: AsJson = False) -> None:
    """Disable accounts that nobody used for ninety days. 停用九十天未用的账号。"""
    with open_register() as register:
        tell({"disabled": ", ".join(identity.account.sweep(register, here(register)))}, json)


@people.command("list")
def list_accounts(json: AsJson = False) -> None:
    """List the accounts. 账号清单。"""
    with open_register() as register:
        rows = identity.account.listing(register, here(register))
    listed(rows, ("account", "kind", "organisation", "state", "since", "shown"), json)


def _propose(sort: mandate.Sort, account: str, until: datetime, json: bool, **data: Any) -> None:
    with open_register() as register:
        tell_document(mandate.propose(register, here(register), sort, account, until.date(), **data), json)


def _mandates(sort: mandate.Sort, expiring: int | None, json: bool) -> None:
    with open_register() as register:
        rows = mandate.listing(register, here(register), sort, expiring)
    listed(rows, ("document", "account", "role", "organisation", "owner", "from", "until", "state"), json)


Expiring = Annotated[int | None, typer.Option(help="Only those that end within so many days. 即将到期天数。")]


@posts.command("propose")
def propose_post(account: Account, role: Role, organisation: Place, until: Until, json: AsJson = False) -> None:
    """Propose a post. 提出任职。"""
    _propose("post", account, until, json, role=role, organisation=organisation)


@posts.command("list")
def list_posts(expiring: Expiring = None, json: AsJson = False) -> None:
    """List posts. 岗位清单。"""
    _mandates("post", expiring, json)


@grants.command("propose")
def propose_grant(
    account: Account,
    role: Role,
    organisation: Place,
    purpose: Annotated[str, typer.Option(help="What for. 目的。")],
    owner: Annotated[str, typer.Option(help="Account that answers for it. 负责人账号。")],
    until: Until,
    json: AsJson = False,
) -> None:
    """Propose a grant. 提出授权。"""
    _propose("grant", account, until, json, role=role, organisation=organisation, purpose=purpose, owner=owner)


@grants.command("list")
def list_grants(expiring: Expiring = None, json: AsJson = False) -> None:
    """List grants. 授权清单。"""
    _mandates("grant", expiring, json)


@guardians.command("propose")
def propose_guardian(
    account: Account,
    basis: Annotated[str, typer.Option(help="parent, court. 依据。")],
    until: Until,
    json: AsJson = False,
) -> None:
    """Propose that an account acts for a ward; asks for the ward's number. 提出监护关系。"""
    ward = secret("被监护人证件号", "identity number of the ward")
    with open_register() as register:
        made = identity.patient.guardian(register, here(register), account, ward, basis, until.date())
    tell_document(made, json)


@guardians.command("list")
def list_guardians(expiring: Expiring = None, json: AsJson = False) -> None:
    """List guardianships, without the wards. 监护清单。"""
    _mandates("guardianship", expiring, json)


@sessions.command("list")
def list_sessions(json: AsJson = False) -> None:
    """List the sessions that are open. 会话清单。"""
    with open_register() as register:
        rows = identity.session.listing(register, here(register))
    listed(rows, ("account", "organisation", "methods", "at", "seen", "ends"), json)


@sessions.command("revoke")
def revoke_sessions(account: Account, json: AsJson = False) -> None:
    """End every session of an account at once. 终止会话。"""
    with open_register() as register:
        tell({"sessions": identity.session.revoke(register, here(register), account)}, json)


@emergency.command("open")
def open_emergency(reason: Why, json: AsJson = False) -> None:
    """Open emergency access to one person for four hours; asks for the number. It alarms. 启用紧急访问。"""
    person = secret("证件号", "identity number")
    with open_register() as register:
        tell_document(identity.emergency.open_access(register, here(register), person, reason), json)


@emergency.command("review")
def review_emergency(
    number: Number,
    finding: Annotated[Literal["justified", "unjustified"], typer.Argument(help="The finding. 结论。")],
    remark: Annotated[str, typer.Option(help="Why. 说明。")],
    json: AsJson = False,
) -> None:
    """Review an emergency access, within one working day. 复核紧急访问。"""
    with open_register() as register:
        tell_document(identity.emergency.review(register, here(register), number, finding, remark), json)


@emergency.command("list")
def list_emergencies(json: AsJson = False) -> None:
    """List emergency accesses and which reviews are due. 紧急访问清单。"""
    with open_register() as register:
        rows = identity.emergency.listing(register, here(register))
    listed(rows, ("document", "account", "at", "reason", "state", "due", "overdue", "finding"), json)
