"""Rows about people: accounts, sign-in, factors, administrators, grants, and how fast a change counts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from quanmin.ledger import Document
from quanmin.ledger.credential import CertificateRow, CredentialRow, SessionRow
from quanmin.trust.actor import ADMINISTRATOR, Actor
from quanmin.trust.column import kind_of, known
from quanmin.trust.decision import consider
from quanmin.trust.identity import account, duty, mandate, password, session
from quanmin.trust.identity.errors import Locked, SessionOver, SignInRefused, WeakPassword
from quanmin.trust.policy import Situation
from quanmin.trust.policy.expected import FULL, columns_of, datasets
from quanmin.trust.policy.role import ROLES, typical
from quanmin.trust.purpose import PURPOSES
from quanmin.trust.selfcheck.finding import NO_ACCOUNTS, Finding, judged
from quanmin.trust.selfcheck.place import THREE, Place, Trial

WEAK = ("1234567890123", "password1234", "qwertyuiop12", "trial-system-1", "aaaaaaaaaaaaaa")
"""Passwords that nobody may have: a run, a common word, the keyboard, the account's name, one sign."""
DEMO = "demo-"
"""How the accounts of a demonstration begin, whose password and seeds lie in a file."""
_SECOND = ("totp", "passkey")
_SOON = timedelta(days=30)
"""A grant that ends so soon is told, so that it is renewed in time."""


def unique(place: Place) -> Finding:
    """No person has two accounts of one sort, and weak passwords are refused."""
    if not place.founded:
        return NO_ACCOUNTS
    subjects = Counter(
        (one.data["subject"], one.data["group"])
        for one in place.ledger.find(account.KIND.kind)
        if one.data.get("subject")
    )
    twice, taken = sum(count > 1 for count in subjects.values()), [one for one in WEAK if not _refused(one)]
    return judged(
        not twice and not taken,
        f"{len(subjects)} 人有账号，{twice} 人重复；{len(WEAK)} 个弱密码中接受 {len(taken)} 个",
        f"{len(subjects)} people have accounts, {twice} of them twice; {len(taken)} of {len(WEAK)} weak passwords taken",
    )


def _refused(word: str) -> bool:
    try:
        password.check(word, THREE[0])
    except WeakPassword:
        return True
    return False


def failures(place: Place) -> Finding:
    """Tried: wrong passwords lock, a session ends when signed out, idle or at its end. Looked at: no session is past its end."""
    trial = place.trial()
    ends = [_over_after(trial, None), _over_after(trial, session.IDLE), _over_after(trial, session.ABSOLUTE)]
    tries = _until_locked(trial)
    with place.ledger.reading() as connection:
        now, query = place.ledger.now(), select(SessionRow.ends).where(SessionRow.ended.is_(None))
        late = sum(one + session.ABSOLUTE < now for one in connection.execute(query).scalars())
    zh, en = ("从不锁定", "never locked") if tries is None else (f"{tries} 次错误后锁定", f"locked after {tries} tries")
    return judged(
        all(ends) and tries is not None,
        f"{zh}；退出、闲置 {session.IDLE}、满 {session.ABSOLUTE} 后会话均失效；过期未清会话 {late} 个",
        f"{en}; sessions end when signed out, idle for {session.IDLE}, and after "
        f"{session.ABSOLUTE}; {late} ended ones are still listed",
    )


def _over_after(trial: Trial, time: timedelta | None) -> bool:
    token = trial.sign_in(THREE[1])
    if time is None:
        session.end(trial.registry, token)
    elif time == session.ABSOLUTE:
        for _ in range(int(time / (session.IDLE / 2))):
            trial.now += session.IDLE / 2
            if not _holds(trial, token):
                return True
    else:
        trial.now += time
    return not _holds(trial, token)


def _holds(trial: Trial, token: str) -> bool:
    try:
        session.hold(trial.registry, token)
    except SessionOver:
        return False
    return True


def _until_locked(trial: Trial, most: int = 20) -> int | None:
    for tries in range(most):
        try:
            trial.sign_in(THREE[2], "wrong " + "x" * 12)
        except Locked:
            trial.now += timedelta(days=2)
            return tries
        except SignInRefused:
            trial.now -= timedelta(seconds=59)
    return None


def factors(place: Place) -> Finding:
    """By the policies in force nobody with one proof sees grade 4 or 5 in clear; no active account has but one proof."""
    if not place.founded:
        return NO_ACCOUNTS
    seen = [
        (role, purpose, dataset)
        for role in ROLES
        for purpose in PURPOSES
        for dataset in datasets()
        if role != ADMINISTRATOR and _high(place, role, purpose, dataset)
    ]
    people = [one for one in place.ledger.find(account.KIND.kind, state="active") if _human(one)]
    with place.ledger.reading() as connection:
        query = select(CredentialRow.account).where(CredentialRow.kind.in_(_SECOND), CredentialRow.retired.is_(None))
        second: set[str | None] = set(connection.execute(query).scalars())
        valid = (
            CertificateRow.account.is_not(None),
            CertificateRow.revoked.is_(None),
            CertificateRow.ends > place.ledger.now(),
        )
        second |= set(connection.execute(select(CertificateRow.account).where(*valid)).scalars())
    bare = sum(one.ref not in second for one in people)
    return judged(
        not seen and not bare,
        f"仅一种证明可见第 4、5 级明文的组合 {len(seen)} 个；{len(people)} 个账号中缺第二因素 {bare} 个",
        f"{len(seen)} combinations show grade 4 or 5 with one proof; {bare} of {len(people)} accounts lack a second proof",
    )


def _high(place: Place, role: str, purpose: str, dataset: str) -> bool:
    actor, columns = typical(role, mfa=False), columns_of(dataset)
    made = consider(place.rules, place.ledger.now(), actor, purpose, dataset, columns, "-", FULL)
    shown = (known(dataset, one.name) for one in made.columns if one.outcome == "clear")
    return any(one is not None and one.grade >= 4 for one in shown)


def _human(document: Document) -> bool:
    return document.data["kind"] in account.PEOPLE


def defaults(place: Place) -> Finding:
    """Tried: a new installation has no account. Looked at: dormant and demo accounts, and mandates without an end."""
    before = place.trial().before
    with place.ledger.reading() as connection:
        now = place.ledger.now()
        active = place.ledger.find(account.KIND.kind, state="active", connection=connection)
        asleep = sum(account.dormant(place.registry, connection, one, now) for one in active if _human(one))
    endless = sum(not one.data.get("until") for one in _held(place))
    demo = sum(str(one.ref).startswith(DEMO) for one in active)
    return judged(
        before == 0 and not asleep and not endless and not demo,
        f"新装系统账号 {before} 个；90 天未用仍启用 {asleep} 个；无期限授权 {endless} 个；演示账号 {demo} 个",
        f"{before} accounts in a new installation; {asleep} active ones unused for 90 days; {endless} mandates without end; "
        f"{demo} demo accounts",
    )


def _held(place: Place) -> list[Document]:
    sorts: tuple[mandate.Sort, ...] = ("post", "grant")
    return [one for sort in sorts for one in place.ledger.find(mandate.KINDS[sort].kind, state="held")]


def _now(place: Place) -> list[Document]:
    today = place.ledger.now().date().isoformat()
    return [one for one in _held(place) if one.data["from"] <= today <= one.data["until"]]


def separation(place: Place) -> Finding:
    """Each of the three administrators is somebody, they are three people, and nobody holds roles that exclude one another."""
    if not place.founded:
        return NO_ACCOUNTS
    roles: dict[str, set[str]] = {}
    people = {one.ref: one.data.get("subject") for one in place.ledger.find(account.KIND.kind, state="active")}
    for one in _now(place):
        if one.data["account"] in people:
            roles.setdefault(str(people[one.data["account"]] or one.data["account"]), set()).add(one.data["role"])
    missing = [role for role in duty.ADMINISTRATORS if not any(role in held for held in roles.values())]
    both = sum(duty.conflict(held) is not None for held in roles.values())
    return judged(
        not missing and not both,
        f"空缺的管理员角色：{'、'.join(missing) or '无'}；兼任互斥角色者 {both} 人",
        f"administrators that nobody is: {', '.join(missing) or 'none'}; people who hold roles that exclude each other: {both}",
    )


def grants(place: Place) -> Finding:
    """Every grant in force names purpose, owner and end, and was not confirmed by who proposed it or by its holder."""
    if not place.founded:
        return NO_ACCOUNTS
    held = place.ledger.find(mandate.KINDS["grant"].kind, state="held")
    bare = sum(not all(one.data.get(name) for name in mandate.NEEDS["grant"]) for one in held)
    alone = sum(_alone(one) for one in held)
    today = place.ledger.now().date()
    soon = (today + _SOON).isoformat()
    ending = sum(today.isoformat() <= str(one.data.get("until") or "") <= soon for one in held)
    return judged(
        not bare and not alone,
        f"有效授权 {len(held)} 项：缺用途、责任人或期限 {bare} 项，未经他人确认 {alone} 项；{_SOON.days} 天内到期 {ending} 项",
        f"{len(held)} grants held: {bare} lack purpose, owner or end, {alone} were not confirmed by another person; "
        f"{ending} end within {_SOON.days} days",
    )


def _alone(document: Document) -> bool:
    proposed = document.actions[0].actor
    confirmed = next((one.actor for one in document.actions if one.name == "confirm"), None)
    if confirmed is None:
        return not any(one.name == "found" for one in document.actions)
    return confirmed in (proposed, document.data["account"])


def at_once(place: Place) -> Finding:
    """Tried: an administrator's grant is ended in the middle of a session, then the session is revoked."""
    trial = place.trial()
    token = trial.sign_in(THREE[0])
    before = trial.actor(token).roles
    grant = next(one for one in trial.ledger.find(mandate.KINDS["grant"].kind) if one.data["account"] == THREE[0])
    security = trial.actor(trial.sign_in(THREE[1]))
    mandate.end(trial.registry, security, grant.id, "trial")
    after = trial.actor(token).roles
    session.revoke(trial.registry, security, THREE[0])
    over = not _holds(trial, token)
    return judged(
        bool(before) and not after and over,
        f"会话中终止授权：角色由 {len(before)} 个变为 {len(after)} 个；吊销后会话{'失效' if over else '仍有效'}",
        f"a grant ended in mid-session: {len(before)} roles become {len(after)}; revoked, the session "
        f"{'is over' if over else 'still holds'}",
    )


def behalf(place: Place) -> Finding:
    """A service by itself sees nothing: it acts for a person, whose rights then count."""
    service = Actor("trial-service", frozenset(), "trial", "110000", kind="service", assurance=2)
    closed, at = [one for one in datasets() if kind_of(one)[0] != "open"], place.ledger.now()
    shown = sum(
        consider(place.rules, at, service, purpose, dataset, columns_of(dataset), "-", Situation(case=True)).allowed
        for purpose in PURPOSES
        for dataset in closed
    )
    asked = len(PURPOSES) * len(closed)
    return judged(
        not shown,
        f"服务令牌本身在 {asked} 种用途与数据集组合中可见 {shown} 种（公开数据除外）",
        f"a service's token by itself shows something in {shown} of {asked} combinations of purpose and dataset"
        " (open data aside)",
    )
