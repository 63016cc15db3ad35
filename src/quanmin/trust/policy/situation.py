"""What is known of a question beside who asks: relations, consent, agreement, the case. Looked up, never claimed by the asker."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Agreed:
    """What an agreement of the exchange gives of one dataset: these elements, and of its rows those of `region` (None: all)
    whose columns have one of the codes in `where`."""

    elements: frozenset[str] = frozenset()
    region: str | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Situation:
    """The facts of one question. `person` is a key: with it the answer is about this person's rows only.

    `own`, `ward`, `care`, `rescue`, `consent`, `withdrawn` are about that person, `agreement` about the actor's organisation;
    `region` is the division that is asked about (None: the actor's own). `without` are pseudonyms to be left out. `exchange`:
    an agreement of the exchange is in force and gives the actor's organisation what `agreed` says; `bound`: it asks for a case.
    """

    case: bool = False
    own: bool = False
    ward: bool = False
    care: bool = False
    rescue: bool = False
    consent: bool = False
    withdrawn: bool = False
    agreement: bool = False
    exchange: bool = False
    bound: bool = False
    region: str | None = None
    person: int | None = None
    without: frozenset[str] = frozenset()
    agreed: Agreed = Agreed()

    def with_case(self, case: str | None) -> Situation:
        """The same with or without a case number."""
        return replace(self, case=bool(case and case.strip()))

    @property
    def facts(self) -> dict[str, bool]:
        """The facts that are true or false, by name; `named`: it is about one person."""
        return {**{name: getattr(self, name) for name in FACTS}, "named": self.person is not None}


FACTS: tuple[str, ...] = tuple(one.name for one in fields(Situation) if one.type == "bool")
