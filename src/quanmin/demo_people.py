"""Accounts for the people of a demonstration, so that somebody can sign in as each of them. Never for real work.

The home is founded and its accounts are opened as any installation's are: one administrator proposes, another confirms, each
holder chooses a password and shows a first code; the citizen is proven against the base. What a phone would keep for each of
them stands beside the password in `<home>/sign-ins.json` (mode 0600), hence whoever reads that file can sign in as everybody.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from quanmin import population, trust
from quanmin.errors import NotFound
from quanmin.exchange.role import OPERATOR as EXCHANGE_OPERATOR
from quanmin.lake import Lake
from quanmin.opendata.participation.role import MODERATOR, PUBLISHER
from quanmin.opendata.release import CHECKER, OFFICER
from quanmin.population.proof import ITEMS, prover
from quanmin.population.review.item import ARBITER, REVIEWER
from quanmin.population.tables import PERSON
from quanmin.programs.vital import role as vital
from quanmin.standards.region import NATION
from quanmin.text import Text
from quanmin.trust import Actor, identity
from quanmin.trust.actor import Kind
from quanmin.trust.identity import Claim, Proofs, Registry, account, credential, founding, mandate, organisation, totp
from quanmin.trust.identity.errors import Founded, NotProven
from quanmin.trust.work import OPERATOR

FILE = "sign-ins.json"
NOTE = Text(
    "这些账号仅供演示：密码与验证码种子明文存放于 sign-ins.json，不得用于真实数据。",
    "These accounts are for demonstration only: their password and seeds lie in clear in sign-ins.json. Not for real data.",
)
WORK = 14
"""The cost of scrypt here, as a power of two (17 elsewhere): a tenth of the time. The first sign-in raises it."""
POSTS_LAST = timedelta(days=30)
ROOT, HOSPITAL = "demo-commission", "demo-hospital"
ORGANISATIONS = {
    HOSPITAL: "演示医院",
    "demo-bureau": "演示统计局",
    "demo-university": "演示大学",
    "demo-insurer-co": "演示保险公司",
}
_DESK = "demonstration"


class NoSignIns(NotFound):
    """The demo has not been run, or without accounts."""

    code = "QM-DEMO-001"
    title = Text("演示没有账号", "the demo has no accounts")
    step = Text("请先运行 quanmin demo --sign-ins。", "Run quanmin demo --sign-ins first.")


class Person(NamedTuple):
    """Somebody of the demonstration: who it is, where, and with which posts."""

    account: str
    title: Text
    kind: Kind
    organisation: str | None
    roles: tuple[str, ...]


SYSTEM, SECURITY, AUDIT = "demo-system", "demo-security", "demo-audit"
CLERK, CITIZEN = "demo-clerk", "demo-citizen"
RELEASE_OFFICER, RELEASE_CHECKER = "demo-release-officer", "demo-release-checker"
ADMINISTRATORS = (
    Person(SYSTEM, Text("系统管理员", "system administrator"), "staff", ROOT, ("system_administrator",)),
    Person(SECURITY, Text("安全管理员", "security administrator"), "staff", ROOT, ("security_administrator",)),
    Person(AUDIT, Text("审计管理员", "audit administrator"), "staff", ROOT, ("audit_administrator",)),
)
STAFF = (
    Person("demo-operator", Text("运维人员", "operator"), "staff", ROOT, (OPERATOR,)),
    Person("demo-reviewer", Text("审核员", "clerical reviewer"), "staff", ROOT, (REVIEWER,)),
    Person("demo-reviewer-2", Text("第二审核员", "second reviewer"), "staff", ROOT, (REVIEWER,)),
    Person("demo-arbiter", Text("裁定人", "arbiter of the reviewers"), "staff", ROOT, (ARBITER,)),
    Person(CLERK, Text("医院窗口人员", "clerk at the hospital's desk"), "staff", HOSPITAL, ("registrar", "verifier")),
    Person("demo-doctor", Text("经治医师", "treating doctor"), "clinician", HOSPITAL, ("clinician",)),
    Person("demo-statistician", Text("统计人员", "statistician"), "staff", "demo-bureau", ("statistician",)),
    Person(RELEASE_OFFICER, Text("数据发布员", "release officer"), "staff", ROOT, (OFFICER,)),
    Person(RELEASE_CHECKER, Text("发布复核员", "release checker"), "staff", ROOT, (CHECKER,)),
    Person("demo-researcher", Text("科研人员", "researcher"), "staff", "demo-university", ("researcher",)),
    Person("demo-moderator", Text("门户审核员", "moderator of the portal"), "staff", ROOT, (MODERATOR,)),
    Person("demo-publisher", Text("数据发布人", "publisher of data"), "staff", ROOT, (PUBLISHER,)),
    Person("demo-exchange", Text("共享交换操作员", "operator of the exchange"), "staff", ROOT, (EXCHANGE_OPERATOR,)),
    Person("demo-insurer", Text("保险机构", "insurer"), "staff", "demo-insurer-co", ("insurer",)),
    Person("demo-blank-keeper", vital.ROLES[vital.KEEPER], "staff", HOSPITAL, (vital.KEEPER,)),
    Person("demo-birth-clerk", vital.ROLES[vital.CLERK], "staff", HOSPITAL, (vital.CLERK,)),
    Person("demo-birth-approver", vital.ROLES[vital.APPROVER], "staff", HOSPITAL, (vital.APPROVER,)),
    Person("demo-seal-keeper", vital.ROLES[vital.SEALER], "staff", HOSPITAL, (vital.SEALER,)),
    Person("demo-birth-supervisor", vital.ROLES[vital.SUPERVISOR], "staff", ROOT, (vital.SUPERVISOR,)),
)
PATIENT = Person(CITIZEN, Text("居民本人", "the citizen"), "patient", None, ("patient",))


@dataclass(frozen=True)
class SignIn:
    """Who somebody is and what he signs in with; `seed` is what his phone would keep (base 32)."""

    account: str
    title: Text
    organisation: str | None
    roles: tuple[str, ...]
    password: str = field(repr=False)
    seed: str = field(repr=False)

    def code(self, step: int) -> str:
        """The six digits of a half-minute."""
        return totp.code(base64.b32decode(self.seed), step)


class Current(NamedTuple):
    """The code that a sign-in takes now, and for how many seconds; without one, `wait` says in how many there is the next."""

    code: str | None
    seconds: int
    wait: int = 0


class Reception:
    """Opens the accounts, and signs people in, each once; `close` ends their sessions."""

    def __init__(self, registry: Registry) -> None:
        self._registry, self._password = registry, _word()
        self._tokens: dict[str, str] = {}
        self._opened: dict[str, SignIn] = {}

    @property
    def sign_ins(self) -> list[SignIn]:
        """Everybody, in the order of the lists above."""
        everybody = (*ADMINISTRATORS, *STAFF, PATIENT)
        return [self._opened[one.account] for one in everybody if one.account in self._opened]

    def actor(self, name: str) -> Actor:
        """Somebody who signed in with password and code."""
        if name not in self._tokens:
            now = self._registry.ledger.now()
            proofs = Proofs(self._password, self._opened[name].code(totp.step_of(now)))
            self._tokens[name] = identity.sign_in(self._registry, name, proofs, _DESK)
        return identity.authenticate(self._registry, self._tokens[name])

    def close(self) -> None:
        """Sign everybody out."""
        while self._tokens:
            identity.session.end(self._registry, self._tokens.popitem()[1])

    def found(self) -> None:
        """The root and its three administrators."""
        founders = [founding.Founder(one.account, _number(one)) for one in ADMINISTRATORS]
        codes = founding.found(self._registry, ROOT, "演示卫生健康委", NATION, *founders)
        for one in ADMINISTRATORS:
            self._open(one, codes[one.account])

    def hire(self) -> None:
        """The other organisations, and everybody who works there."""
        for name, title in ORGANISATIONS.items():
            organisation.add(self._registry, self.actor(SYSTEM), name, title, NATION, ROOT)
        for one in STAFF:
            self._hire(one)

    def _hire(self, one: Person) -> None:
        registry, system, security = self._registry, self.actor(SYSTEM), self.actor(SECURITY)
        until, place = (registry.ledger.now() + POSTS_LAST).date(), str(one.organisation)
        first = account.add(registry, system, one.account, one.kind, place, _number(one), one.title.zh)
        self._open(one, (first, account.confirm(registry, security, one.account)))
        for role in one.roles:
            post = mandate.propose(registry, system, "post", one.account, until, role=role, organisation=place)
            mandate.confirm(registry, security, post.id)

    def prove(self, lake: Lake, claim: Claim) -> None:
        """The citizen, as at a counter: number, name and address are asked of the base."""
        asked = prover(lake, self.actor(CLERK))
        name, halves = identity.patient.enrol(self._registry, asked, claim, _DESK, CITIZEN)
        self._open(PATIENT._replace(account=name), halves)

    def _open(self, one: Person, halves: tuple[str, str]) -> None:
        """Password and first code, that of the half-minute before, so that the present one is left for signing in."""
        seed = identity.activate(self._registry, one.account, halves, self._password, _DESK)
        made = SignIn(one.account, one.title, one.organisation, one.roles, self._password, seed)
        with _still(self._registry) as step:
            identity.enrol(self._registry, one.account, Proofs(self._password, made.code(step - 1)), _DESK)
        self._opened[one.account] = made


@contextmanager
def reception(lake: Lake, number: str) -> Iterator[Reception]:
    """The accounts, opened and kept in the file; whoever signs in there is signed out at the end.

    `number` is the citizen's, who must live and have an address in the base. Founded, NotBuilt, UnknownNumber, NotProven.
    """
    registry = replace(Registry.open(lake.ledger, lake.settings), work=WORK)
    if founding.founded(registry):
        raise Founded()
    claim = _claim(lake, number)
    here = Reception(registry)
    try:
        here.found()
        here.hire()
        here.prove(lake, claim)
        _keep(lake.settings.home, here.sign_ins)
        yield here
    finally:
        here.close()


def open_accounts(lake: Lake, number: str) -> list[SignIn]:
    """The accounts, opened and kept in the file; what it raises is told at `reception`."""
    with reception(lake, number) as here:
        return here.sign_ins


def read(home: Path) -> list[SignIn]:
    """What is kept of the accounts of a demo's home; NoSignIns."""
    try:
        kept = json.loads((home / FILE).read_text("utf-8"))
    except FileNotFoundError:
        raise NoSignIns() from None
    return [SignIn(**{**one, "title": Text(**one["title"]), "roles": tuple(one["roles"])}) for one in kept["accounts"]]


def current(registry: Registry, signs: Sequence[SignIn]) -> list[Current]:
    """The code of each: the present one, or the next one where that was used. None where the account was reset since."""
    now = registry.ledger.now()
    return [_current(registry, one, now.timestamp()) for one in signs]


def _current(registry: Registry, one: SignIn, now: float) -> Current:
    with registry.ledger.reading() as connection:
        known = credential.of(connection, one.account, "totp")
    used = [each.counter for each in known if registry.vault.unseal(each.secret, f"totp {one.account}") == one.seed]
    if not used:
        return Current(None, 0)
    present = int(now) // totp.STEP
    step = max(present, used[0] + 1)
    if step > present + totp.AROUND:
        return Current(None, 0, (step - totp.AROUND) * totp.STEP - int(now))
    return Current(one.code(step), (step + 1 + totp.AROUND) * totp.STEP - int(now))


def _claim(lake: Lake, number: str) -> Claim:
    """What the citizen would say, read by the local administrator, who is there as long as there are no accounts. NotProven."""
    clerk = trust.local_administrator()
    made = trust.decide(lake.ledger, clerk, "supervision", PERSON, population.PERSON_COLUMNS, case=_DESK)
    shown = {one["item"]: one["value"] for one in population.show(lake, made, number)["items"]}
    item = next((one for one in ITEMS if shown.get(one)), None)
    if item is None or shown["death_date"] is not None:
        raise NotProven()
    return Claim(number, str(shown["name"]), item, str(shown[item]))


def _number(one: Person) -> str:
    """What stands for the number of somebody invented: words, which are nobody's number."""
    return f"{_DESK} {one.account}"


def _word() -> str:
    """A password of 49 random bits that can be said aloud: four groups of four letters and two figures."""
    pairs = [[secrets.choice("bdfgjklmnprstv") + secrets.choice("aeiou") for _ in range(2)] for _ in range(4)]
    return "-".join([*map("".join, pairs), str(10 + secrets.randbelow(90))])


@contextmanager
def _still(registry: Registry) -> Iterator[int]:
    """The half-minute of now, which does not pass meanwhile: a code is not late because the machine is slow."""
    clock = registry.ledger.now
    moment = clock()
    registry.ledger.now = lambda: moment
    try:
        yield totp.step_of(moment)
    finally:
        registry.ledger.now = clock


def _keep(home: Path, signs: Sequence[SignIn]) -> None:
    accounts: list[dict[str, Any]] = [{**vars(one), "title": one.title._asdict()} for one in signs]
    text = json.dumps(
        {"note": NOTE._asdict(), "password_work": WORK, "accounts": accounts}, ensure_ascii=False, indent=1
    )
    path = home / FILE
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
