"""What an account is called in public: chosen by itself, one of a kind, never the name that is held of a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from quanmin.ledger import Ledger, database
from quanmin.ledger.forum import PublicNameRow
from quanmin.opendata.participation.errors import BadPublicName, NameNeeded, PublicNameTaken
from quanmin.redaction import redacted
from quanmin.text import Text
from quanmin.trust import Actor, audit

SHORTEST, LONGEST = 2, 20
NOBODY = Text("已停用的账号", "an account without a name")
_OFFICIAL = re.compile(
    "官方|管理员|管理方|审核员|平台|卫健委|卫生健康委|政府|public|admin|moderat|official|quanmin|全民|system", re.I
)
_MANY_DIGITS = re.compile(r"\d{5}")


def checked(name: str) -> str:
    """A name as it is kept; BadPublicName."""
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    kinds = {unicodedata.category(sign)[0] for sign in plain.replace(" ", "")}
    odd = bool(kinds - set("LN")) and bool({*plain} - {*" -_.·"} - {s for s in plain if s.isalnum()})
    folded = fold(plain)
    if not SHORTEST <= len(plain) <= LONGEST or odd or "L" not in kinds or _OFFICIAL.search(folded):
        raise BadPublicName()
    if redacted(plain) != plain or _MANY_DIGITS.search(folded) or "www" in folded:
        raise BadPublicName()
    return plain


def fold(name: str) -> str:
    """One spelling of names that look alike: width, case, and what stands between letters make no difference."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def choose(ledger: Ledger, actor: Actor, name: str) -> str:
    """Be called so from now on, in what was written before, too. BadPublicName, PublicNameTaken."""
    with ledger.writing() as connection:
        said = take(connection, ledger, actor.id, name)
        audit.append(ledger, "participation", actor.id, {"action": "name"}, connection)
    return said


def take(connection: Connection, ledger: Ledger, account: str, name: str) -> str:
    """The same within a transaction, without a word to the audit."""
    said = checked(name)
    database.lock(connection, "public names")
    holder = connection.execute(
        select(PublicNameRow.account).where(PublicNameRow.folded == fold(said))
    ).scalar_one_or_none()
    if holder is not None and holder != account:
        raise PublicNameTaken()
    connection.execute(delete(PublicNameRow).where(PublicNameRow.account == account))
    try:
        values = {"account": account, "shown": said, "folded": fold(said), "at": ledger.now()}
        connection.execute(insert(PublicNameRow).values(**values))
    except IntegrityError:
        raise PublicNameTaken() from None
    return said


def of(connection: Connection, account: str) -> str | None:
    """What an account is called; None before it chose a name."""
    found = connection.execute(select(PublicNameRow.shown).where(PublicNameRow.account == account))
    return found.scalar_one_or_none()


def needed(connection: Connection, account: str) -> str:
    """The same; NameNeeded."""
    found = of(connection, account)
    if found is None:
        raise NameNeeded()
    return found


def several(ledger: Ledger, accounts: Collection[str]) -> Mapping[str, str]:
    """What some accounts are called; those without a name are left out."""
    query = select(PublicNameRow.account, PublicNameRow.shown).where(PublicNameRow.account.in_(sorted(set(accounts))))
    with ledger.reading() as connection:
        return {account: shown for account, shown in connection.execute(query)}
