"""Opening an account and signing in: two proofs or none. Whoever fails is told only that it failed; the audit knows why."""

from __future__ import annotations

import base64
import functools
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection, update

from quanmin.ledger import Document
from quanmin.ledger.credential import CredentialRow
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import authority, certificate, credential, lockout, passkey, password, roster, session, totp
from quanmin.trust.identity.errors import (
    ActivationRefused,
    CertificateRefused,
    ClockBack,
    Locked,
    PasskeyRefused,
    PasswordOld,
    SignInRefused,
)
from quanmin.trust.identity.lockout import Attempt
from quanmin.trust.identity.registry import Registry
from quanmin.trust.identity.vault import plain_digest

PASSWORD_LASTS = timedelta(days=180)
LOCAL = "local"


class Signed(NamedTuple):
    """A certificate with a challenge that its key signed (the signature in base 64)."""

    pem: str
    challenge: str
    signature: str


class Proofs(NamedTuple):
    """What somebody shows: a password and one of the others; an organisation its certificate alone."""

    password: str | None = None
    code: str | None = None
    passkey: str | None = None
    certificate: Signed | None = None


class Way(NamedTuple):
    """How somebody proved who he is."""

    methods: str
    assurance: int
    mfa: bool


class _Failed(Exception):
    """Why a proof failed, for the audit; `alarm` when it must be looked into."""

    def __init__(self, why: str, alarm: bool = False) -> None:
        super().__init__(why)
        self.why, self.alarm = why, alarm


def sign_in(
    registry: Registry,
    account: str,
    proofs: Proofs,
    address: str = LOCAL,
    organisation: str | None = None,
    former: str | None = None,
) -> str:
    """Sign in and get the token of a new session; `former` is a token that was sent along, and ends.

    SignInRefused, Locked; PasswordOld when the password has to be changed first.
    """
    attempt, known = _begin(registry, account, address)
    fits = _password(registry, account, proofs)
    failed, old, token = None, False, ""
    with registry.ledger.writing() as connection:
        at = registry.instant(connection)
        try:
            document, way = _weigh(registry, connection, account, proofs, fits)
            place = roster.place_of(registry, connection, document, organisation)
            if organisation is not None and place is None:
                raise _Failed("organisation")
        except _Failed as error:
            failed = error
        else:
            lockout.passed(connection, attempt, at)
            old = proofs.password is not None and _old(registry, connection, account, proofs.password)
            if not old:
                token = session.begin(registry, connection, account, place, *way, former)
            fields = {"methods": way.methods, "organisation": place, "password_old": old}
            registry.note("sign_in", account, fields, connection)
    if failed is not None:
        _refuse(registry, attempt, account if known else "unknown", failed)
    if old:
        raise PasswordOld()
    return token


def _begin(registry: Registry, account: str, address: str) -> tuple[Attempt, bool]:
    known = accounts.find(registry, account) is not None
    try:
        return lockout.begin(registry, account, address), known
    except (Locked, ClockBack) as error:
        registry.note(
            "sign_in.failed",
            account if known else "unknown",
            {"why": "locked" if isinstance(error, Locked) else "clock_back"},
        )
        raise


def _refuse(registry: Registry, attempt: Attempt, account: str, failed: _Failed) -> None:
    registry.note("sign_in.failed", account, {"why": failed.why})
    if failed.alarm:
        registry.warn(failed.why, account, {})
    lockout.failed(registry, attempt)
    raise SignInRefused()


@functools.cache
def _nobody(work: int) -> str:
    """What a password is compared with where there is no account, so that it takes as long."""
    return password.digest("nobody has this one", work)


def _password(registry: Registry, account: str, proofs: Proofs) -> bool | None:
    """Whether the password fits; None where none was shown. Slow on purpose, hence outside the transaction."""
    if proofs.password is None:
        return None
    if len(proofs.password) > 4 * password.LONGEST:
        return False
    with registry.ledger.reading() as connection:
        kept = credential.of(connection, account, "password")
    fits = password.matches(proofs.password, kept[0].secret if kept else _nobody(registry.work))
    return fits and bool(kept)


def _weigh(
    registry: Registry, connection: Connection, account: str, proofs: Proofs, fits: bool | None
) -> tuple[Document, Way]:
    document = accounts.find(registry, account, connection)
    if document is None:
        raise _Failed("unknown_account")
    if document.state != "active":
        raise _Failed(f"account_{document.state}")
    if fits is False:
        raise _Failed("password")
    if document.data["kind"] in accounts.PEOPLE:
        at = registry.instant(connection)
        if accounts.dormant(registry, connection, document, at):
            accounts.lapse(registry, connection, document)
            raise _Failed("dormant")
    way = _second(registry, connection, account, proofs)
    if fits is None and (way.methods != "certificate" or document.data["kind"] != "organisation"):
        raise _Failed("password_missing")
    if fits is None:
        return document, Way("certificate", 2, False)
    return document, Way(f"password+{way.methods}", way.assurance, True)


def _second(registry: Registry, connection: Connection, account: str, proofs: Proofs) -> Way:
    """The second proof; exactly one must be shown."""
    shown = [one for one in (proofs.code, proofs.passkey, proofs.certificate) if one is not None]
    if len(shown) != 1:
        raise _Failed("second_factor_missing" if not shown else "too_many_factors")
    try:
        if proofs.code is not None:
            _code(registry, connection, account, proofs.code)
            return Way("totp", 2, True)
        if proofs.passkey is not None:
            passkey.verify(registry, connection, account, proofs.passkey)
            return Way("passkey", 3, True)
        if proofs.certificate is not None:
            _certificate(registry, connection, account, proofs.certificate)
    except PasskeyRefused as error:
        reason = str(error.fields["reason"])
        raise _Failed(f"passkey_{reason}", alarm=reason == "counter_back") from None
    except CertificateRefused as error:
        raise _Failed(f"certificate_{error.fields['reason']}") from None
    return Way("certificate", 3, True)


def _code(registry: Registry, connection: Connection, account: str, given: str) -> None:
    for one in credential.of(connection, account, "totp"):
        seed, at = registry.vault.unseal(one.secret, f"totp {account}"), registry.instant(connection)
        step = totp.match(seed, given, at, one.counter)
        if step is not None and credential.advance(connection, one.id, step):
            return
        if totp.match(seed, given, at, -1) is not None:
            raise _Failed("code_replayed")
    raise _Failed("code")


def _certificate(registry: Registry, connection: Connection, account: str, shown: Signed) -> None:
    if authority.account_of(registry, connection, shown.pem) != account:
        raise _Failed("certificate_other_account")
    try:
        raw = base64.b64decode(shown.signature, validate=True)
    except ValueError:
        raise _Failed("certificate_signature") from None
    certificate.possession(registry, connection, account, shown.pem, shown.challenge, raw)


def _old(registry: Registry, connection: Connection, account: str, shown: str) -> bool:
    """Whether the password has to be changed; one kept at an earlier cost is kept anew meanwhile."""
    kept = credential.of(connection, account, "password")[0]
    if password.outdated(kept.secret, registry.work):
        fresh = password.digest(shown, registry.work)
        connection.execute(update(CredentialRow).where(CredentialRow.id == kept.id).values(secret=fresh))
    return registry.instant(connection) - kept.at > PASSWORD_LASTS


def activate(registry: Registry, account: str, halves: tuple[str, str], chosen: str, address: str = LOCAL) -> str:
    """Open an account with both halves of its code, choose its password, and get the seed of the phone's codes.

    The account can be used once `enrol` has seen a code. ActivationRefused, WeakPassword, Locked.
    """
    attempt, known = _begin(registry, account, address)
    fits = False
    with registry.ledger.writing() as connection:
        at, document = registry.instant(connection), accounts.find(registry, account, connection)
        kept = [credential.of(connection, account, kind) for kind in accounts.HALVES]
        given = [plain_digest(f"{account} {one.strip().lower()}") for one in halves]
        fresh = all(rows and at - rows[0].at <= accounts.CODE_LASTS for rows in kept)
        same = fresh and [rows[0].secret for rows in kept] == given
        if same and document is not None and document.state == "waiting":
            fits = True
            former = [one.secret for one in credential.of(connection, account, "password", retired=True)]
            password.check(chosen, account, former[: password.KEPT])  # a weak one leaves the code good
            seed = totp.new_seed()
            credential.retire(connection, account, at)
            credential.keep(connection, account, "password", password.digest(chosen, registry.work), at)
            credential.keep(connection, account, "totp", registry.vault.seal(seed, f"totp {account}"), at)
            registry.ledger.act(document.id, "activate", None, account, connection=connection)
            registry.note("activate", account, {}, connection)
            lockout.passed(connection, attempt, at)
    if not fits:
        registry.note("activate.failed", account if known else "unknown", {"why": "code"})
        lockout.failed(registry, attempt)
        raise ActivationRefused()
    return seed


def enrol(registry: Registry, account: str, proofs: Proofs, address: str = LOCAL) -> None:
    """Show password and a first code: from then on the account is active. SignInRefused, Locked."""
    attempt, known = _begin(registry, account, address)
    fits, failed = _password(registry, account, proofs), None
    with registry.ledger.writing() as connection:
        at, document = registry.instant(connection), accounts.find(registry, account, connection)
        try:
            if not fits or document is None or document.state != "enrolling":
                raise _Failed("password" if not fits else "state")
            _code(registry, connection, account, proofs.code or "")
        except _Failed as error:
            failed = error
        else:
            registry.ledger.act(document.id, "enrol", None, account, connection=connection)
            registry.note("enrol", account, {}, connection)
            lockout.passed(connection, attempt, at)
    if failed is not None:
        _refuse(registry, attempt, account if known else "unknown", failed)


def change_password(registry: Registry, account: str, proofs: Proofs, chosen: str, address: str = LOCAL) -> None:
    """Change one's password, showing the old one and a second proof; every session of the account ends."""
    attempt, known = _begin(registry, account, address)
    fits, failed = _password(registry, account, proofs), None
    with registry.ledger.reading() as connection:
        former = [one.secret for one in credential.of(connection, account, "password", retired=True)]
    if fits:
        password.check(chosen, account, former[: password.KEPT])
        made = password.digest(chosen, registry.work)
    with registry.ledger.writing() as connection:
        at = registry.instant(connection)
        try:
            if not fits:
                raise _Failed("password")
            _weigh(registry, connection, account, proofs, fits)
        except _Failed as error:
            failed = error
        else:
            credential.retire(connection, account, at, "password")
            credential.keep(connection, account, "password", made, at)
            session.end_all(registry, connection, account, "password")
            registry.note("password", account, {}, connection)
            lockout.passed(connection, attempt, at)
    if failed is not None:
        _refuse(registry, attempt, account if known else "unknown", failed)
