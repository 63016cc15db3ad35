"""`quanmin vital certificate`: a certificate shown, printed, made electronic, verified."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.vital.office import office
from quanmin.ledger import Ledger
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital.certificate import record, replacement
from quanmin.programs.vital.certificate import verification as verifications
from quanmin.programs.vital.certificate.workflow import KINDS, STATES
from quanmin.programs.vital.document import birth_page, electronic, public_key
from quanmin.programs.vital.document.errors import DocumentUnreadable
from quanmin.programs.vital.role import CLERK
from quanmin.settings import Settings
from quanmin.text import Language, Text

app = typer.Typer(
    help="Birth certificates: print, sign, verify. 出生医学证明：打印、电子证照与查验。", no_args_is_help=True
)

Number = Annotated[str, typer.Argument(help="Its number, as E370000001. 编号。", metavar="NUMBER")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where to write it. 写入文件。")]


@app.command()
def show(number: Number, json: AsJson = False) -> None:
    """Show what became of a certificate, and what took its place; nothing of people. 查看证件状态及换补发链。"""
    key = numbers.key(number)
    with office() as at:
        with at.ledger.reading() as connection:
            at.require(CLERK, record.by_number(connection, key).holder)
        chain = replacement.chain(at, key)
    if json:
        print_json({"number": numbers.text(key), "chain": [one.to_dict() for one in chain]})
        return
    titles = [Text("编号", "number"), Text("版次", "edition"), Text("签发类别", "kind"), Text("机构", "holder")]
    titles += [Text("状态", "state"), Text("签发日期", "issued on")]
    rows = [
        (one.text, one.edition, KINDS[one.kind], one.holder, STATES[one.state], str(one.issued_on or "-"))
        for one in chain
    ]
    print_table(titles, rows)


@app.command()
def pdf(
    number: Number,
    file: Out,
    language: Annotated[
        Language, typer.Option(help="Of the values; captions stand in both. 内容的语言；栏目名为中英对照。")
    ] = "zh",
) -> None:
    """Write the printed page: first page, second page and stub on A4. 生成打印页（正页、副页、存根）。"""
    with office() as at:
        made = birth_page.printed(at, numbers.key(number), language)
    file.write_bytes(made)
    out.print(say(Text(f"已写入 {file}，{len(made):,} 字节", f"Written to {file}, {len(made):,} bytes")))


@app.command("electronic")
def make_electronic(number: Number, file: Out) -> None:
    """Write the signed electronic certificate. 生成带签名的电子证照。"""
    with office() as at:
        made = electronic.issue(at, numbers.key(number))
    file.write_bytes(made)
    out.print(say(Text(f"已写入 {file}，{len(made):,} 字节", f"Written to {file}, {len(made):,} bytes")))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The electronic certificate. 电子证照文件。", metavar="FILE")],
    keys: Annotated[
        Path | None, typer.Option(help="The issuer's public keys; default: this home's. 签发方公钥。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Check the signature of an electronic certificate and say what it says; asks nobody. 离线核验电子证照。"""
    known = public_key.own(Settings()) if keys is None else public_key.read(_content(keys))
    claims = electronic.check(_content(file), known)
    if json:
        print_json(claims.to_dict())
        return
    told = Text(
        f"签名有效：{claims.number}，{claims.issued_on} 由 {claims.holder} 签发；未披露 {claims.withheld} 项",
        f"The signature holds: {claims.number}, issued {claims.issued_on} by {claims.holder}; {claims.withheld} withheld",
    )
    out.print(say(told))
    print_table([Text("项", "field"), Text("值", "value")], list(claims.fields.items()))
    out.print(
        say(Text(f"是否仍然有效，请在 {claims.verify} 查验", f"Whether it still counts is told at {claims.verify}"))
    )


@app.command("keys")
def show_keys() -> None:
    """Print the public keys by which anybody checks this home's electronic certificates. 输出验签公钥（JWK 集）。"""
    print_json(public_key.written(public_key.own(Settings())))


@app.command()
def verify(
    number: Number,
    code: Annotated[str, typer.Argument(help="The verification code of its first page. 验证码。", metavar="CODE")],
    json: AsJson = False,
) -> None:
    """Answer valid, void or unknown, and nothing else. 查验：有效 / 无效 / 查无此证。"""
    with Ledger.open(Settings()) as ledger:
        verdict = verifications.verify(ledger, number, code)
    if json:
        print_json({"verdict": verdict, "title": verifications.VERDICTS[verdict]})
        return
    out.print(say(verifications.VERDICTS[verdict]))


def _content(file: Path) -> bytes:
    """What a file holds; DocumentUnreadable."""
    try:
        return file.read_bytes()
    except OSError:
        raise DocumentUnreadable(file=file.name) from None
