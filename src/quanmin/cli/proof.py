"""`quanmin proof`: check a proof of the exchange with public keys alone; no home, ledger or network is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quanmin.cli.output import AsJson, out, print_json, say
from quanmin.exchange.log import verify as verifying
from quanmin.exchange.log.errors import ProofUnreadable
from quanmin.text import Text
from quanmin.trust.audit import Ed25519Public, Roots

app = typer.Typer(
    help="Check proofs of the exchange with public keys alone. 仅凭公钥核验举证文件。", no_args_is_help=True
)

_SIGNS = {True: "✓", False: "✗", None: "?"}


@app.callback()
def _only_group() -> None:
    """Verbs of proofs."""


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The proof. 举证文件。")],
    key: Annotated[Path | None, typer.Option(help="Public key of the log's audit (audit.pub). 审计公钥。")] = None,
    platform: Annotated[Path | None, typer.Option(help="Public key of the platform. 平台公钥。")] = None,
    tsa: Annotated[Path | None, typer.Option(help="Roots of time stamps (PEM). 时间戳根证书。")] = None,
    body: Annotated[
        list[Path] | None, typer.Option(help="Bodies of its messages, as they travelled. 正文文件。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Tell everything that was checked; exit 12 when something does not hold, 10 when it is no proof. 核验举证文件。"""
    trusted = verifying.Trusted(
        Ed25519Public.read(key) if key else None,
        verifying.platform_key(platform) if platform else None,
        Roots.read(tsa) if tsa else None,
        [_read(one) for one in body or ()],
    )
    checks = verifying.verify(_read(file), trusted, file.name)
    if json:
        sound = all(one.holds is not False for one in checks)
        open_ = sum(one.holds is None for one in checks)
        print_json({"sound": sound, "unchecked": open_, "checks": verifying.documents(checks)})
    else:
        for one in checks:
            out.print(f"{_SIGNS[one.holds]} {say(one.name)}{'' if one.holds is not None else say(_UNCHECKED)}")
    verifying.require(checks)


_UNCHECKED = Text("（未核验）", " (unchecked)")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ProofUnreadable(file=file.name, reason=type(error).__name__) from error
