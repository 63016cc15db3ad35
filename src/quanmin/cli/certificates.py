"""`quanmin identity certificates | tokens`: the own certificate authority, and keys and tokens of services."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from quanmin.cli.output import AsJson, out, say
from quanmin.cli.register import Account, Number, Until, described, here, listed, secret, tell, tell_document
from quanmin.cli.workplace import open_register
from quanmin.text import Text
from quanmin.trust import identity
from quanmin.trust.keys import file as keeping

certificates = typer.Typer(help="The own certificate authority. 证书。", no_args_is_help=True)
tokens = typer.Typer(help="Keys and tokens of services. 服务令牌。", no_args_is_help=True)


@certificates.command("create")
def create_authority() -> None:
    """Make the root of the own authority; prints its certificate. 建立根证书。"""
    with open_register() as register:
        sys.stdout.write(identity.authority.create(register, here(register)))


@certificates.command("request")
def request_certificate(
    account: Account,
    file: Annotated[Path, typer.Argument(help="The request (CSR, PEM); made if it is not there. 申请文件。")],
    until: Until,
    key: Annotated[
        Path | None, typer.Option(help="Private key of a request that is made; default: beside it, .key. 私钥文件。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Ask for a certificate with a request that the holder signed; makes key and request if need be. 申请证书。"""
    with open_register() as register:
        actor = here(register)
        identity.account.get(register, account)
        if not file.exists():
            _make(account, file, key or file.with_suffix(".key"))
        csr = file.read_text("ascii", errors="replace")
        tell_document(identity.authority.request(register, actor, account, csr, until.date()), json)


def _make(account: str, file: Path, key: Path) -> None:
    """A request, and its key unless there is one; both are readable by their owner only."""
    known = key.read_bytes() if key.exists() else b""
    word = secret("私钥口令（可空）", "passphrase of the key, or empty") if not known else passphrase(known)
    if not known:
        keeping.once(key, identity.holder.new_key(word))
    keeping.once(file, identity.holder.request(key.read_bytes(), word, account))


def passphrase(pem: bytes) -> str:
    """What opens a key, where it needs to be opened."""
    return secret("私钥口令", "passphrase of the key") if identity.holder.encrypted(pem) else ""


@certificates.command("issue")
def issue_certificate(number: Number) -> None:
    """Confirm a request and print the certificate; earlier ones of the account are superseded. 签发证书。"""
    with open_register() as register:
        sys.stdout.write(identity.authority.issue(register, here(register), number))


@certificates.command("revoke")
def revoke_certificate(
    serial: Annotated[str, typer.Argument(help="Serial number. 序列号。")],
    reason: Annotated[str, typer.Option(help="key_compromise, affiliation_changed, superseded, ceased. 原因。")],
) -> None:
    """Revoke a certificate. 吊销证书。"""
    with open_register() as register:
        identity.authority.revoke(register, here(register), serial, reason)
    out.print(say(Text("已吊销", "Revoked")))


@certificates.command("crl")
def print_revocations() -> None:
    """Print the signed list of revoked certificates. 输出吊销列表。"""
    with open_register() as register:
        sys.stdout.write(identity.authority.revocation_list(register))


@certificates.command("list")
def list_certificates(json: AsJson = False) -> None:
    """List the certificates. 证书清单。"""
    with open_register() as register:
        rows = identity.authority.listing(register, here(register))
    listed(rows, ("serial", "account", "at", "ends", "revoked", "why"), json)


@tokens.command("register")
def register_key(account: Account, key: Path, until: Until, json: AsJson = False) -> None:
    """Propose the public key (Ed25519, PEM) of a service. 登记服务公钥。"""
    with open_register() as register:
        public = key.read_text("ascii", errors="replace")
        tell_document(identity.token.register(register, here(register), account, public, until.date()), json)


@tokens.command("sign")
def sign_token(account: Account, key: Path) -> None:
    """Sign a token with a service's private key (PEM file), good for ten minutes and once. 签发令牌。"""
    with open_register() as register:
        site, now = register.site.name, register.ledger.now()
        sys.stdout.write(identity.token.sign(key.read_text("ascii"), account, site, now) + "\n")


@tokens.command("check")
def check_token(json: AsJson = False) -> None:
    """Accept a token from standard input, using it up, and show whose it is. 校验令牌。"""
    with open_register() as register:
        tell(described(identity.token.accept(register, secret("令牌", "token"))), json)


@certificates.command("challenge")
def challenge(account: Account) -> None:
    """Print what the holder of a certificate has to sign in order to sign in. 输出签名质询。"""
    with open_register() as register:
        sys.stdout.write(identity.certificate.challenge(register, account, secrets.token_urlsafe(32)) + "\n")
