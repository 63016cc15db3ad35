"""Rows about the audit: that everything is in it, whole, protected, and that no person's number is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

import pyarrow as pa
from sqlalchemy import select, text

from quanmin.ledger.table import ActionRow, AuditLinkRow, AuditRow
from quanmin.standards import kernels
from quanmin.trust import audit
from quanmin.trust.audit import record
from quanmin.trust.column import BASE
from quanmin.trust.decision import decide
from quanmin.trust.policy.expected import FULL, columns_of
from quanmin.trust.policy.role import typical
from quanmin.trust.selfcheck.finding import Finding, judged
from quanmin.trust.selfcheck.place import Place

NEWEST = 10_000
"""So many of the newest entries are looked at one by one; the log itself is verified whole."""
FIELDS = {"decision", "purpose", "dataset", "columns", "allowed", "policies", "by", "rows", "facts"}
OFTEN = timedelta(days=1)
_SOME = 500


def covers(place: Place) -> Finding:
    """Every read in the log has its decision in the log."""
    reads = [one.fields().get("decision") for one in _newest(place, "read")]
    wanted, found = sorted({str(one) for one in reads}), set[str]()
    with place.ledger.reading() as connection:
        for start in range(0, len(wanted), _SOME):
            keys = [f"d:{one}" for one in wanted[start : start + _SOME]]
            found |= set(connection.execute(select(AuditLinkRow.key).where(AuditLinkRow.key.in_(keys))).scalars())
    missing = len(wanted) - len(found)
    return judged(
        not missing,
        f"最近 {len(reads)} 次读取中缺少决定记录 {missing} 次",
        f"{missing} of the newest {len(reads)} reads have no decision in the log",
    )


def complete(place: Place) -> Finding:
    """Every decision in the log says when, who, what, why, by which policies, and how it went."""
    made = _newest(place, "decide")
    bare = sum(not (one.at and one.actor and FIELDS <= {*one.fields(), "purpose"}) for one in made)
    return judged(
        not bare,
        f"最近 {len(made)} 条决定中字段不全 {bare} 条",
        f"{bare} of the newest {len(made)} decisions lack a field",
    )


def protected(place: Place) -> Finding:
    """The whole log is verified against its signed heads and the noted one; the newest head is no older than a day."""
    own = place.settings.home / "keys" / "audit.pub"
    noted = audit.noted(place.settings)
    verdict = audit.verify(place.ledger, noted, audit.Ed25519Public.read(own) if own.exists() else None)
    age = place.ledger.now() - noted.at if noted is not None else None
    fresh = age is not None and age <= OFTEN
    zh = f"{int(age.total_seconds() // 3600)} 小时前" if age is not None else "从未"
    en = f"{int(age.total_seconds() // 3600)} hours ago" if age is not None else "never"
    return judged(
        verdict.sound and fresh,
        f"{verdict.entries:,} 条{'全部相符' if verdict.sound else '不符'}；上次签发树头：{zh}（应不超过 24 小时，并另处保存）",
        f"{verdict.entries:,} entries {'hold' if verdict.sound else 'do not hold'}; last signed head: {en} "
        "(a day at most; keep a copy elsewhere)",
    )


def no_record_no_answer(place: Place) -> Finding:
    """Tried: a decision that can be made but not written down is a no."""
    ledger = place.trial().ledger
    actor, columns = typical("supervisor"), columns_of(BASE)
    before = decide(ledger, actor, "supervision", BASE, columns, case="-", context=FULL).allowed
    with ledger.writing() as connection:
        connection.execute(text("ALTER TABLE audit RENAME TO audit_away"))
    try:
        after = decide(ledger, actor, "supervision", BASE, columns, case="-", context=FULL).allowed
    finally:
        with ledger.writing() as connection:
            connection.execute(text("ALTER TABLE audit_away RENAME TO audit"))
    return judged(
        before and not after,
        f"审计可写时{'准' if before else '不准'}，审计不可写时{'准' if after else '不准'}",
        f"with the log writable: {'yes' if before else 'no'}; with the log gone: {'yes' if after else 'no'}",
    )


def no_numbers(place: Place) -> Finding:
    """No sound citizen number, nor a person key, stands in the newest entries of the log or in documents."""
    texts = [one.entry for one in _newest(place, None)]
    with place.ledger.reading() as connection:
        query = select(ActionRow.data).order_by(ActionRow.document.desc()).limit(NEWEST)
        texts += [str(one) for one in connection.execute(query).scalars()]
    found = numbers(texts)
    return judged(
        not found,
        f"{len(texts):,} 段记录中出现公民身份号码 {found} 处",
        f"{found} citizen numbers in {len(texts):,} entries and documents",
    )


_RUN = re.compile(r"(?<![0-9A-Za-z])(\d{17}[0-9Xx]|\d{15}|\d{17})(?![0-9A-Za-z])")


def numbers(texts: Iterable[str]) -> int:
    """How many sound citizen numbers (18 or 15 digits) or person keys (17) stand in texts."""
    runs = [run for one in texts for run in _RUN.findall(one)]
    keys = [int(run) for run in runs if len(run) == 17]
    whole = [run for run in runs if len(run) != 17]
    whole += [str(one) for one in kernels.decode(pa.array(keys, pa.int64())).to_pylist()]
    return int(kernels.read_numbers(pa.array(whole, pa.string())).ok.sum()) if whole else 0


def _newest(place: Place, event: str | None) -> list[record.Event]:
    query = select(AuditRow.__table__).order_by(AuditRow.sequence.desc()).limit(NEWEST)
    query = query.where(AuditRow.event == event) if event is not None else query
    with place.ledger.reading() as connection:
        return [record.Event(*row[:-1]) for row in connection.execute(query)]
