"""Rows about the policies: who changed them, what they decide, labels on every column, and no reading without a purpose."""

from __future__ import annotations

from quanmin.trust import policy
from quanmin.trust.column import known
from quanmin.trust.decision import decide
from quanmin.trust.keys import open_store
from quanmin.trust.policy import change
from quanmin.trust.policy.expected import FULL, columns_of, computed, datasets, shipped_table
from quanmin.trust.policy.role import ROLES, typical
from quanmin.trust.selfcheck.finding import Finding, judged
from quanmin.trust.selfcheck.place import Place


def changes(place: Place) -> Finding:
    """Every change in force was approved by another than its proposer, and the version in force is signed, or as shipped."""
    done = [one for one in place.ledger.find(change.CHANGE.kind) if one.state in ("active", "replaced")]
    alone = sum(
        {step.actor for step in one.actions if step.name == "approve"} <= {one.actions[0].actor} for one in done
    )
    signed = change.sound(place.ledger, open_store(place.settings))
    told = {True: ("签名有效", "signed"), None: ("随程序发布", "as shipped"), False: ("签名无效", "not signed")}[signed]
    return judged(
        not alone and (signed is True or (signed is None and not done)),
        f"已生效变更 {len(done)} 次，未经他人批准 {alone} 次；现行版本{told[0]}",
        f"{len(done)} changes went into force, {alone} without another's approval; the version in force: {told[1]}",
    )


def matrix(place: Place) -> Finding:
    """Every table as every role: the policies in force decide as the shipped table expects, or as an approved change told."""
    now, expected = {one.asked: one for one in computed(place.rules)}, {one.asked: one for one in shipped_table()}
    other = sum(now.get(asked) != expected.get(asked) for asked in {*now, *expected})
    own = place.rules.version != policy.shipped().version
    return judged(
        not other or own,
        f"{len(datasets())} 个数据集 × {len(ROLES)} 种角色：与随附预期表不同 {other} 处{'（已批准的变更）' if own else ''}",
        f"{len(datasets())} datasets × {len(ROLES)} roles: {other} lines differ from the shipped table"
        f"{' (an approved change)' if own else ''}",
    )


def labels(place: Place) -> Finding:
    """Every column of every dataset has a grade, and one that the catalogue does not know is never shown."""
    columns = [(dataset, name) for dataset in datasets() for name in columns_of(dataset)]
    bare = sum((found := known(*one)) is None or not 1 <= found.grade <= 5 for one in columns)
    unknown = known(datasets()[0], "no such column")
    return judged(
        not bare and unknown is None,
        f"{len(columns)} 列中无安全级别 {bare} 列；目录外的列一律不出示",
        f"{bare} of {len(columns)} columns have no grade; a column outside of the catalogue is withheld",
    )


def purpose(place: Place) -> Finding:
    """Tried: every role asks for everything without a purpose, and with one that does not exist."""
    ledger = place.trial().ledger
    shown = sum(
        decide(ledger, typical(role), aim, dataset, columns_of(dataset), case="-", context=FULL).allowed
        for role in ROLES
        for dataset in datasets()
        for aim in ("", "no such purpose")
    )
    asked = 2 * len(ROLES) * len(datasets())
    return judged(
        not shown,
        f"无用途的 {asked} 次申请中批准 {shown} 次",
        f"{shown} of {asked} requests without a purpose were granted",
    )
