"""The 27 rows: clause of GB/T 22239-2019 (等保三级), chapter of OWASP ASVS 5.0, and the check of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import audit
from quanmin.trust.actor import Actor
from quanmin.trust.selfcheck import people, place, policies, protection, records, surface
from quanmin.trust.selfcheck.finding import Finding, Verdict
from quanmin.trust.selfcheck.place import Place


class Row(NamedTuple):
    """One row of the checklist."""

    number: int
    clause: str
    asvs: str
    title: Text
    check: Callable[[Place], Finding]


class Checked(NamedTuple):
    """A row and what was found."""

    row: Row
    finding: Finding

    @property
    def verdict(self) -> Verdict:
        """Passes, fails, or the operator's."""
        return self.finding.verdict

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        row, told = self.row, self.finding.evidence
        about = {"row": row.number, "clause": row.clause, "asvs": row.asvs, "title": row.title}
        return {**about, "verdict": self.verdict, "evidence": told}


def _rows() -> tuple[Row, ...]:
    told: tuple[tuple[str, str, str, str, Callable[[Place], Finding]], ...] = (
        ("8.1.4.1a", "V6", "身份唯一、口令复杂度", "unique identity, strong passwords", people.unique),
        ("8.1.4.1b", "V6, V7", "登录失败处理与会话结束", "failed log-ins, end of sessions", people.failures),
        ("8.1.4.1c", "V12", "远程管理受保护", "protected remote administration", surface.remote),
        ("8.1.4.1d", "V6", "双因素鉴别", "two factors, one cryptographic", people.factors),
        ("8.1.4.2a-c", "V8", "默认账号与过期账号", "default, stale and endless accounts", people.defaults),
        ("8.1.4.2d", "8.2.1", "最小权限、三员分离", "least privilege, three administrators", people.separation),
        ("8.1.4.2e", "8.1.1-8.1.4", "策略由授权主体配置", "policies set by authorised subjects", policies.changes),
        ("8.1.4.2f", "8.2.2, 8.2.3", "主体到记录与字段的访问控制", "control down to rows and fields", policies.matrix),
        ("8.1.4.2g", "8.2.3, 14.1.1", "安全标记", "security labels", policies.labels),
        ("权责一致", "8.1.2", "授权有用途、责任人与期限", "grants with purpose, owner and end", people.grants),
        ("8.1.4.3a", "16.3.1-16.3.3", "审计覆盖每个用户", "the audit covers every user", records.covers),
        ("8.1.4.3b", "16.2.1, 16.2.2", "审计记录字段齐全", "fields of the audit", records.complete),
        ("8.1.4.3c", "16.4.2, 16.4.3", "审计记录受保护", "the audit is protected", records.protected),
        ("8.1.4.3d", "16.5.3", "无记录则不答复", "no record, no answer", records.no_record_no_answer),
        ("8.1.4.11", "16.2.5, 16.4.1, 14.2.1", "日志中无个人信息", "no personal data in logs", records.no_numbers),
        ("8.1.4.4", "V1, V2", "输入有界", "bounded input", surface.limits),
        ("8.1.4.4", "V15", "已知漏洞", "known vulnerabilities", protection.weaknesses),
        ("8.1.4.7", "V11", "完整性", "integrity in transit and at rest", protection.integrity),
        ("8.1.4.8", "V11", "保密性", "confidentiality at rest", protection.at_rest),
        ("8.1.4.9", "", "备份与恢复", "backup and recovery", protection.backups),
        ("8.1.4.10", "14.2.2, 14.3.1", "剩余信息保护", "residual information", protection.leftovers),
        ("8.1.4.11", "14.2.6, 14.2.7", "无用途不得读取", "no reading without a purpose", policies.purpose),
        ("8.1.5", "", "安全管理中心", "security centre", surface.centre),
        ("8.1.4.4", "16.5.1-16.5.4", "错误信息", "errors", surface.errors),
        ("8.1.4.10", "14.2.5, 14.3.2", "缓存", "caches", surface.cache),
        ("8.1.4.2", "8.3.2", "授权变更即时生效", "a change of rights counts at once", people.at_once),
        ("8.1.4.2", "8.3.3", "代表他人的调用", "calls on behalf of others", people.behalf),
    )
    return tuple(
        Row(number, clause, asvs, Text(zh, en), check) for number, (clause, asvs, zh, en, check) in enumerate(told, 1)
    )


ROWS = _rows()

OUTSIDE = Text(
    "不在软件之内：机房、边界设备、恶意代码防护、可信启动、人员管理、密码应用测评"
    "（GB/T 39786；本系统的国密实现不是经认证的密码模块）",
    "not for software: machine rooms, boundary devices, protection from malware, trusted boot, personnel, and the assessment "
    "of cryptography (GB/T 39786; our SM2, SM3 and SM4 are no certified module)",
)


def _silent(_row: Row) -> None:
    return None


def run(settings: Settings, ledger: Ledger, actor: Actor, told: Callable[[Row], None] = _silent) -> list[Checked]:
    """Check every row, and note in the audit who did and what came of it. A check that breaks down is a row that fails.

    `told` hears which row comes next, and may end it by raising: nothing is noted then.
    """
    found = []
    with place.place(settings, ledger) as here:
        for row in ROWS:
            told(row)
            found.append(Checked(row, _found(row, here)))
    verdicts = {str(one.row.number): one.verdict for one in found}
    evidence = {str(one.row.number): list(one.finding.evidence) for one in found}
    audit.append(ledger, "selfcheck", actor.id, {"rows": verdicts, "evidence": evidence})
    return found


class Run(NamedTuple):
    """A run as the audit keeps it: by whom, when, and of each row by its number verdict and evidence."""

    at: datetime
    by: str
    verdicts: Mapping[int, Verdict]
    evidence: Mapping[int, Text]


def last(ledger: Ledger) -> Run | None:
    """The newest run; one of an earlier version has no evidence."""
    found = audit.search(ledger, event="selfcheck", limit=1)
    if not found:
        return None
    kept = found[0].fields
    verdicts = {int(number): verdict for number, verdict in kept["rows"].items()}
    seen = {int(number): Text(*words) for number, words in kept.get("evidence", {}).items()}
    return Run(found[0].at, str(kept["actor"]), verdicts, seen)


def _found(row: Row, here: Place) -> Finding:
    try:
        return row.check(here)
    except Exception as error:  # what cannot be checked does not pass
        kind = type(error).__name__
        return Finding("fail", Text(f"无法检查：{kind}", f"could not be checked: {kind}"))
