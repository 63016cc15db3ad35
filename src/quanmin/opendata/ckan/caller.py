"""Who calls, and what of the portal may be changed by whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from quanmin.opendata.access import ANYBODY, Reader
from quanmin.opendata.ckan.errors import NotEditor
from quanmin.text import Language
from quanmin.trust import Actor, identity

EDITOR = "catalogue_editor"
"""The role that describes and uploads open files which say nothing of a person, for its organisation and those below it."""


@dataclass(frozen=True)
class Caller:
    """Whoever calls: an actor by a token (None: anybody), and the language of messages."""

    language: Language = "zh"
    actor: Actor | None = None
    token: str | None = field(default=None, repr=False)
    reader: Reader = ANYBODY

    @property
    def edits(self) -> bool:
        """Whether the caller is an editor of anything."""
        return self.actor is not None and EDITOR in self.actor.roles and self.actor.organisation is not None


def editor(caller: Caller) -> Actor:
    """The editor who calls; NotEditor for anybody else."""
    if caller.actor is None or not caller.edits:
        raise NotEditor(role=EDITOR)
    return caller.actor


def require(caller: Caller, publisher: str, tree: identity.organisation.Tree) -> None:
    """Let an editor of this publisher, or of an organisation above it, pass; NotEditor."""
    actor = editor(caller)
    own = actor.organisation
    if own != publisher and not (own is not None and publisher in tree and own in tree and tree.within(publisher, own)):
        raise NotEditor(role=EDITOR)
