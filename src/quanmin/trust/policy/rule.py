"""Policies as they are in force: parsed and checked against the schema once, and kept until another version is activated."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast, get_args

import cedarpy
from sqlalchemy import select

from quanmin.ledger import Ledger
from quanmin.ledger.table import ActionRow, DocumentRow
from quanmin.text import Text
from quanmin.trust.errors import PolicyInvalid
from quanmin.trust.policy.rows import Scope

HERE = Path(__file__).resolve().parent
KIND = "policy_change"
IN_FORCE = "active"
MOST = 64
"""More policies than this are no longer few and readable, and each costs every decision."""
_REMEMBERED = 4096


@dataclass(frozen=True)
class Policy:
    """One policy as readers see it: `rows` is its row filter, `owes` what a reader then owes, `coarse` how far is generalised.

    `to` is the role that its head names; None: it may concern anybody. `text` is all of it, as JSON.
    """

    id: str
    effect: str
    title: Text
    rows: Scope = "all"
    owes: tuple[str, ...] = ()
    coarse: str = ""
    to: str | None = None
    text: str = ""


@dataclass
class Rules:
    """A whole set of policies, ready to be asked; `version` is the digest of its files."""

    version: str
    files: Mapping[str, str]
    policies: Mapping[str, Policy]
    parsed: cedarpy.PolicySet
    schema: cedarpy.Schema
    memory: OrderedDict[Any, Any] = field(default_factory=OrderedDict)

    def apart(self) -> Rules:
        """The same rules with a memory of their own, for many questions that are not those of readers."""
        return replace(self, memory=OrderedDict())

    def remember(self, key: Any, answer: Any) -> Any:
        """Keep an answer: the same facts give the same one as long as these rules are in force."""
        self.memory[key] = answer
        self.memory.move_to_end(key)
        while len(self.memory) > _REMEMBERED:
            try:
                self.memory.popitem(last=False)
            except KeyError:  # another thread took the last one
                break
        return answer


def digest(files: Mapping[str, str]) -> str:
    """The version of a set of files: SHA-256 over their names and texts."""
    text = json.dumps(dict(sorted(files.items())), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def schema_text() -> str:
    """The schema, which belongs to the program and is not changed with the policies."""
    return (HERE / "schema.cedarschema").read_text("utf-8")


@lru_cache(1)
def shipped() -> Rules:
    """The policies that come with the project."""
    return load({path.name: path.read_text("utf-8") for path in sorted(HERE.glob("*.cedar"))})


def load(files: Mapping[str, str]) -> Rules:
    """Parse and check files; PolicyInvalid says which policy is wrong, and how."""
    text, schema = "\n".join(files[name] for name in sorted(files)), schema_text()
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(text))
        statics: dict[str, Any] = parsed["staticPolicies"]
    except ValueError as error:
        raise PolicyInvalid(policy="-", reason=_first(error)) from None
    if parsed["templates"] or not statics or len(statics) > MOST:
        raise PolicyInvalid(policy="-", reason=f"{len(statics)} policies, {len(parsed['templates'])} templates")
    checked = cedarpy.validate_policies(text, schema)
    if not checked.validation_passed:
        raise PolicyInvalid(policy=checked.errors[0].policy_id or "-", reason=_first(checked.errors[0].error))
    named = [_policy(place, one) for place, one in statics.items()]
    if len({one.id for one in named}) != len(named):
        raise PolicyInvalid(policy="-", reason="two policies have the same id")
    renamed = {**parsed, "staticPolicies": {one.id: body for one, body in zip(named, statics.values(), strict=True)}}
    policies = {one.id: one for one in named}
    handle = cedarpy.PolicySet.from_json_str(json.dumps(renamed))
    return Rules(digest(files), dict(files), policies, handle, cedarpy.Schema.from_str(schema))


def _policy(place: str, body: Mapping[str, Any]) -> Policy:
    notes = body.get("annotations") or {}
    name = str(notes.get("id") or place)
    if not all(notes.get(key) for key in ("id", "zh", "en")):
        raise PolicyInvalid(policy=name, reason="@id, @zh or @en is missing")
    rows = notes.get("rows", "all")
    if rows not in get_args(Scope) or (body["effect"] == "permit" and "rows" not in notes):
        raise PolicyInvalid(policy=name, reason="@rows is missing or unknown")
    if set(notes) - {"id", "zh", "en", "rows", "owes", "coarse"}:
        raise PolicyInvalid(policy=name, reason="an unknown annotation")
    owes = tuple(str(notes.get("owes", "")).split())
    title = Text(notes["zh"], notes["en"])
    whole = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return Policy(
        name, body["effect"], title, cast(Scope, rows), owes, str(notes.get("coarse", "")), _head(body), whole
    )


def _head(body: Mapping[str, Any]) -> str | None:
    """The role of `principal in Role::"…"` in a policy's head: Cedar asks nothing else of a policy whose head does not fit."""
    principal = body["principal"]
    named = principal.get("entity") or {}
    return str(named["id"]) if principal["op"] == "in" and named.get("type") == "Role" else None


def _first(error: object) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else "-"


_ACTIVE = select(DocumentRow.id).where(DocumentRow.kind == KIND, DocumentRow.state == IN_FORCE)
_loaded: OrderedDict[tuple[str, int], Rules] = OrderedDict()


def active(ledger: Ledger) -> Rules:
    """The policies in force: asked of the ledger each time, so that a change holds at once; the shipped ones if none."""
    with ledger.reading() as connection:
        found = list(connection.execute(_ACTIVE).scalars())
    if not found:
        return shipped()
    if len(found) > 1:
        raise PolicyInvalid(policy="-", reason="two versions are in force")
    key = (str(ledger.engine.url), found[0])
    known = _loaded.get(key)
    if known is None:
        known = _loaded[key] = _from(ledger, found[0])
        while len(_loaded) > 8:
            _loaded.popitem(last=False)
    return known


def _from(ledger: Ledger, document: int) -> Rules:
    with ledger.reading() as connection:
        query = select(ActionRow.data).where(ActionRow.document == document, ActionRow.sequence == 0)
        data = connection.execute(query).scalar_one()
    rules = load(data["files"])
    if rules.version != data["version"]:
        raise PolicyInvalid(policy="-", reason="the files are not those that were approved")
    return rules
