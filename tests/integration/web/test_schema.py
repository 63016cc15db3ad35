"""Every address, asked with whatever its description allows and with what it does not: no failure, no answer undescribed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import identity
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import roster
from quanmin.web import application
from quanmin.web.console import console
from quanmin.web.place import Place
from quanmin.web.portal import portal

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
FACES = {"console": (console, "/console"), "portal": (portal, "")}
POSTS = {
    "operator": "demo-operator",
    "security_administrator": "demo-security",
    "audit_administrator": "demo-audit",
    "system_administrator": "demo-system",
    "reviewer": "demo-reviewer",
    "clinician": "demo-doctor",
    "registrar": "demo-clerk",
}
ANYBODY = {"console": "demo-operator", "portal": "demo-citizen"}
EXAMPLES = 4
"""Of each address."""
SLOW = ("sign-in", "changes/")
"""What takes long: a password is slow to guess on purpose, and a change of policies is compared. Asked once."""


@pytest.fixture
def installed(made: Path, tmp_path: Path) -> Settings:
    """A copy of the demonstration that anything may be done to."""
    return Settings(home=Path(shutil.copytree(made, tmp_path / "home")), web_rate=1e6, web_burst=1e6)


def _token(settings: Settings, account: str) -> str:
    with Ledger.open(settings) as ledger:
        registry = identity.Registry.open(ledger, settings)
        with ledger.writing() as connection:
            document = accounts.find(registry, account, connection)
            assert document is not None
            place = roster.place_of(registry, connection, document, None)
            return identity.session.begin(registry, connection, account, place, "password+totp", 2, True)


def _operations(settings: Settings, face: str) -> Iterator[tuple[Any, str]]:
    """Every address, and the account of somebody whose it is."""
    make, base = FACES[face]
    made = make(Place(settings), base)
    description = made.app.openapi()
    description["servers"] = [{"url": base or "/"}]
    schema = schemathesis.openapi.from_dict(description)
    schema.app = application(settings)
    schema.config.update(base_url=f"http://localhost:8000{base}", request_timeout=300)
    for found in schema.get_all_operations():
        operation = found.ok()
        rule = made.rules.get(operation.path.removeprefix("/{language}"))
        mine = [POSTS[role] for role in (rule.roles if rule else ()) if role in POSTS]
        yield operation, mine[0] if mine else ANYBODY[face]


def _ask(operation: Any, cookies: dict[str, str]) -> None:
    """Ask one address several times; whatever a check finds is raised."""
    slow = operation.method == "post" and any(one in operation.path for one in SLOW)
    examples = 1 if slow else EXAMPLES

    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    def asked(case: Any) -> None:
        headers = {"sec-fetch-site": "same-origin"}
        case.call_and_validate(headers=headers, cookies=cookies, checks=CHECKS, allow_redirects=False)

    asked()


def _told(failure: BaseException) -> str:
    """What was found, on a line."""
    found = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
    return " | ".join(" ".join(str(one).split())[:300] for one in found)


@pytest.mark.parametrize("face", FACES)
def test_no_request_makes_it_fail_or_answer_as_not_described(installed: Settings, face: str) -> None:
    wrong: list[str] = []
    for operation, account in _operations(installed, face):
        try:
            _ask(operation, {f"quanmin_{face}": _token(installed, account)})
        except (Exception, FailureGroup) as failure:
            wrong.append(f"{operation.label} as {account}: {_told(failure)}")
    assert not wrong, "\n".join(wrong)
