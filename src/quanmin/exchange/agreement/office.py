"""The office: where the platform keeps the courses of agreements, and members act on them, each in its part."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from quanmin.exchange.agreement import narrowing, rule, standing
from quanmin.exchange.agreement.document import changed, terms_of
from quanmin.exchange.agreement.errors import AgreementUnknown, NotASide, SidesUnfit
from quanmin.exchange.agreement.signature import Signature, verify
from quanmin.exchange.agreement.workflow import AGREEMENT, AUTHORITY, CONSUMER, OPEN, PROVIDER, SIDE
from quanmin.exchange.member.member import Directory
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document, Ledger, database
from quanmin.ledger.errors import IllegalAction
from quanmin.ledger.ledger import SYSTEM
from quanmin.ledger.table import DocumentRow
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.agreed import IN_FORCE, SUSPENDED, day

_SIDES = {PROVIDER: "provider", CONSUMER: "consumer", AUTHORITY: "authority"}


@dataclass(frozen=True)
class Part:
    """A member as the ledger asks about it: which sides of some terms it is."""

    member: str
    terms: Terms

    def holds(self, role: str) -> bool:
        """Whether the member is this side."""
        return role in _SIDES and getattr(self.terms, _SIDES[role]) == self.member


@dataclass(frozen=True)
class Office:
    """The courses of agreements in the ledger of the platform. `directory` tells who takes part, by which keys.

    Members act; `by` is the account of whoever acts for one here, for the audit.
    """

    ledger: Ledger
    settings: Settings
    directory: Callable[[], Directory]
    by: str | None = None

    def terms(self, document: Document) -> Terms:
        """The terms of a course as they stand."""
        return Terms.read(document.data["terms"])

    def find(self, member: str, states: Collection[str] = ()) -> list[Document]:
        """The courses in which a member takes part, oldest first."""
        found = self.ledger.find(AGREEMENT.kind, states=tuple(states))
        return [one for one in found if self._takes_part(member, one)]

    def course(self, member: str, agreement: str, version: int | None = None) -> Document:
        """One version of an agreement, the newest unless one is named; AgreementUnknown for those who take no part."""
        with self.ledger.reading() as connection:
            return self._courses(connection, member, agreement, version)[-1]

    # What the sides do

    def draft(self, member: str, terms: Mapping[str, Any]) -> Document:
        """Write down what one would like to have, or to give; it gets its number. TermsUnreadable, NotASide."""
        own = {"authority": self.directory().authority, "id": "A-0000-0000", "version": 1}
        read = terms_of({**own, **terms, "version": 1})
        self._side(member, read, "draft", (CONSUMER, PROVIDER))
        with self.ledger.writing() as connection:
            numbered = replace(read, id=self._number(connection))
            return self._create(connection, member, numbered)

    def revise(self, member: str, agreement: str, changes: Mapping[str, Any]) -> Document:
        """Draft the next version; the one in force stays until the new one is. NotASide, IllegalAction."""
        with self._acting(agreement) as connection:
            found = self._courses(connection, member, agreement)
            before = found[-1]
            if before.state not in (IN_FORCE, SUSPENDED, "expired", "revoked", "refused", "withdrawn"):
                raise IllegalAction(document=before.id, state=before.state, action="revise", allowed="change")
            terms = self.terms(before)
            self._side(member, terms, "revise", (CONSUMER, PROVIDER))
            fixed = {"id": terms.id, "version": terms.version + 1}
            return self._create(connection, member, changed(terms, {**changes, **fixed}))

    def change(self, member: str, agreement: str, changes: Mapping[str, Any]) -> Document:
        """Write a draft anew."""

        def given(terms: Terms, _document: Document) -> dict[str, Any]:
            made = changed(terms, {**changes, "id": terms.id, "version": terms.version})
            self._side(member, made, "change", (CONSUMER, PROVIDER))
            return {"terms": made.to_dict()}

        return self._act(member, agreement, "change", given)

    def request(self, member: str, agreement: str) -> Document:
        """Hand a draft in; its terms must hold (`rule`), and its sides be members."""

        def given(terms: Terms, _document: Document) -> dict[str, Any]:
            self._members(terms)
            rule.check(terms, day(self.ledger.now()))
            return {"asked": terms.to_dict()}

        return self._act(member, agreement, "request", given)

    def review(self, member: str, agreement: str) -> Document:
        """The authority passes a request on to the provider; what is shared without conditions it grants itself."""

        def given(terms: Terms, _document: Document) -> dict[str, Any]:
            rule.check(terms, day(self.ledger.now()))
            return {}

        def granted(terms: Terms, document: Document) -> dict[str, Any]:
            rule.unconsented(terms)
            return given(terms, document)

        with self._acting(agreement) as connection:
            document = self._fitting(connection, member, agreement, "review")
            share = rule.shared(self.terms(document).dataset, self.terms(document).authority).share
            if share == "unconditional":
                return self._do(connection, member, document, "grant", granted)
            return self._do(connection, member, document, "review", given)

    def answer(self, member: str, agreement: str, changes: Mapping[str, Any] | None = None) -> Document:
        """The provider grants what was asked, or less of it; an answer not yet signed by both can be written anew.

        Passing on is granted by `onward` in `changes` only. TermsWidened.
        """

        def given(_terms: Terms, document: Document) -> dict[str, Any]:
            asked = Terms.read(document.data["asked"])
            made = changed(asked, {"onward": False, **(changes or {}), "id": asked.id, "version": asked.version})
            narrowing.check(asked, made)
            rule.check(made, day(self.ledger.now()))
            return {"terms": made.to_dict(), "signatures": {}}

        return self._act(member, agreement, "answer", given)

    def refuse(self, member: str, agreement: str, reason: str) -> Document:
        """The authority, then the provider, refuses and says why."""
        return self._act(member, agreement, "refuse", lambda _terms, _document: {"reason": reason})

    def withdraw(self, member: str, agreement: str, reason: str | None = None) -> Document:
        """The consumer takes back what it asked for, or needs it no more."""
        return self._act(member, agreement, "withdraw", lambda _terms, _document: {"reason": reason} if reason else {})

    def sign(self, member: str, agreement: str, key: str, signature: str) -> Document:
        """A side signs `Terms.text()`; with the second signature the agreement is in force. SignatureRefused."""

        def given(terms: Terms, document: Document) -> dict[str, Any]:
            made = Signature(member, key, self.ledger.now(), signature)
            verify(self.directory(), terms, member, made)
            rule.check(terms, day(made.at))
            side = "provider" if member == terms.provider else "consumer"
            return {"signatures": {**(document.data.get("signatures") or {}), side: made.to_dict()}}

        done = self._act(member, agreement, "sign", given)
        if done.state == IN_FORCE:
            self._overtake(agreement)
        return done

    def suspend(self, member: str, agreement: str, reason: str) -> Document:
        """The provider or the authority stops everything at once."""
        return self._act(
            member, agreement, "suspend", lambda _terms, _document: {"reason": reason, "suspended_by": member}
        )

    def resume(self, member: str, agreement: str) -> Document:
        """Whoever suspended it lets it go on. NotASide for the other."""

        def given(terms: Terms, document: Document) -> dict[str, Any]:
            by = document.data["suspended_by"]
            if by != member:
                raise NotASide(agency=member, agreement=terms.id, action="resume", roles=by)
            return {}

        return self._act(member, agreement, "resume", given)

    def revoke(self, member: str, agreement: str, reason: str) -> Document:
        """The provider or the authority ends it for good."""
        return self._act(member, agreement, "revoke", lambda _terms, _document: {"reason": reason})

    # What the clock does

    def tick(self) -> int:
        """Expire what is over and let newer versions that have begun take the place of older ones; how many changed."""
        today, done = day(self.ledger.now()), 0
        for one in self.ledger.find(AGREEMENT.kind, states=OPEN):
            if self.terms(one).until < today:
                done += self._ended(one, "expire")
        for agreement in sorted({str(one.ref) for one in self.ledger.find(AGREEMENT.kind, state=IN_FORCE)}):
            done += self._overtake(agreement)
        return done

    def _overtake(self, agreement: str) -> int:
        today, done = day(self.ledger.now()), 0
        found = self.ledger.find(AGREEMENT.kind, ref=agreement, states=(IN_FORCE, SUSPENDED))
        begun = [one for one in found if self.terms(one).starts <= today]
        newest = max((self.terms(one).version for one in begun), default=0)
        for one in found:
            if self.terms(one).version < newest:
                done += self._ended(one, "supersede")
        return done

    def _ended(self, document: Document, action: str) -> int:
        with self._acting(str(document.ref)) as connection:
            now = self.ledger.get(document.id, connection)
            if AGREEMENT.action(now.state, action) is None:  # somebody was first
                return 0
            self.ledger.act(document.id, action, {}, SYSTEM, connection=connection)
            self._note(connection, SYSTEM, action, document)
        standing.forget()
        return 1

    # All

    def _act(
        self, member: str, agreement: str, action: str, given: Callable[[Terms, Document], Mapping[str, Any]]
    ) -> Document:
        with self._acting(agreement) as connection:
            document = self._fitting(connection, member, agreement, action)
            return self._do(connection, member, document, action, given)

    def _do(
        self,
        connection: Connection,
        member: str,
        document: Document,
        action: str,
        given: Callable[[Terms, Document], Mapping[str, Any]],
    ) -> Document:
        terms = self.terms(document)
        declared = AGREEMENT.action(document.state, action)
        roles = declared.roles if declared is not None else ()
        role = self._side(member, terms, action, roles)
        if role in document.waiting.get(action, frozenset()):
            others = ", ".join(SIDE[one].en for one in roles if one != role)
            raise NotASide(agency=member, agreement=terms.id, action=action, roles=others)
        said = dict(given(terms, document))
        part = Part(member, terms)
        done = self.ledger.act(document.id, action, said, member, role=role, permit=part, connection=connection)
        self._note(connection, member, action, done)
        standing.forget()
        return done

    @contextmanager
    def _acting(self, agreement: str) -> Iterator[Connection]:
        """One transaction in which nobody else acts on this agreement."""
        with self.ledger.writing() as connection:
            database.lock(connection, f"exchange agreement {agreement}")
            yield connection

    def _fitting(self, connection: Connection, member: str, agreement: str, action: str) -> Document:
        """The newest version of which this can be done; IllegalAction says what can be done with the newest."""
        found = self._courses(connection, member, agreement)
        fitting = [one for one in found if AGREEMENT.action(one.state, action) is not None]
        if not fitting:
            allowed = ", ".join(one.name for one in AGREEMENT.allowed(found[-1].state)) or "-"
            raise IllegalAction(document=found[-1].id, state=found[-1].state, action=action, allowed=allowed)
        return fitting[-1]

    def _courses(
        self, connection: Connection, member: str, agreement: str, version: int | None = None
    ) -> Sequence[Document]:
        found = [
            one
            for one in self.ledger.find(AGREEMENT.kind, ref=agreement, connection=connection)
            if one.ref == agreement
            and self._takes_part(member, one)
            and version in (None, one.data["terms"]["version"])
        ]
        if not found:
            raise AgreementUnknown(agreement=agreement)
        return sorted(found, key=lambda one: int(one.data["terms"]["version"]))

    def _takes_part(self, member: str, document: Document) -> bool:
        return member in (document.data["terms"][side] for side in _SIDES.values())

    def _side(self, member: str, terms: Terms, action: str, roles: Collection[str]) -> str:
        part = Part(member, terms)
        own = [role for role in roles if part.holds(role)]
        if not own:
            others = ", ".join(SIDE[role].en for role in roles)
            raise NotASide(agency=member, agreement=terms.id, action=action, roles=others)
        return own[0]

    def _members(self, terms: Terms) -> None:
        directory = self.directory()
        known = [directory.members.get(one) for one in (terms.provider, terms.consumer)]
        if terms.authority != directory.authority or any(one is None or not one.active for one in known):
            raise SidesUnfit()

    def _create(self, connection: Connection, member: str, terms: Terms) -> Document:
        made = self.ledger.create(AGREEMENT.kind, terms.id, {"terms": terms.to_dict()}, member, connection)
        self._note(connection, member, "draft", made)
        return made

    def _number(self, connection: Connection) -> str:
        database.lock(connection, "exchange agreement numbers")
        stem = f"A-{day(self.ledger.now()).year}-"
        refs = select(DocumentRow.ref).where(DocumentRow.kind == AGREEMENT.kind, DocumentRow.ref.startswith(stem))
        last = max((int(str(ref)[len(stem) :]) for ref in connection.execute(refs).scalars()), default=0)
        return f"{stem}{last + 1:04d}"

    def _note(self, connection: Connection, actor: str, action: str, document: Document) -> None:
        told: dict[str, Any] = {"action": action, "agreement": document.ref}
        told |= {"version": document.data["terms"]["version"], **({"by": self.by} if self.by else {})}
        audit.append(self.ledger, "exchange.agreement", actor, {**told, "state": document.state}, connection)
