"""The data API against its own description, asked with what that allows, with what it does not, and in sequences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from quanmin.opendata import Reader, exports
from quanmin.opendata.holding import published
from quanmin.opendata.rows import OPERATORS
from quanmin.settings import Settings
from quanmin.web import application
from quanmin.web.data.description import document
from quanmin.web.place import Place

from ...unit.opendata.publishing import publish

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    unsupported_method,
]
EXAMPLES = 25
"""Of each address and way of making them."""


class Asked:
    """A portal with one dataset, its description, and a key of somebody."""

    def __init__(self, home: Path) -> None:
        settings = Settings(home=home, web_rate=1e6, web_burst=1e6, api_minute_quota=10**6, api_day_quota=10**6)
        self.place = Place(settings)
        self.files = publish(self.place.portal)
        record = published(self.place.portal, "beds")
        export = exports.ask(self.place.portal, Reader("somebody"), record, {}, "csv")
        self.export = exports.make(self.place.portal, export.number).number
        self.key = self.place.keys.make("somebody", "schemathesis")[1]
        self.schema = schemathesis.openapi.from_dict(document())
        self.schema.app = _lasting(application(settings))
        self.schema.config.update(base_url="http://localhost:8000", request_timeout=300)

    def ask(self, case: Any, checks: list[Any]) -> Any:
        """One call, of the dataset that there is as often as of none."""
        return case.call_and_validate(headers={"x-api-key": self.key}, checks=checks)


def _lasting(app: Any) -> Any:
    """The application, whose end is not that of each call's client."""

    async def lasting(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for one in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{one}.complete"})

    return lasting


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    patch = pytest.MonkeyPatch()
    patch.setattr("quanmin.web.place.accounts.find", lambda *_given: type("D", (), {"state": "active"}))
    made = Asked(tmp_path_factory.mktemp("schema") / "home")
    yield made
    made.place.close()
    patch.undo()


def operations() -> list[str]:
    return [f"{method} {path}" for path, methods in document()["paths"].items() for method in methods]


def _there(asked: Asked, case: Any) -> Any:
    """The same call, of things that are there."""
    known: dict[str, object] = {
        "name": "beds",
        "file": asked.files["csv"].removeprefix("/files/"),
        "number": asked.export,
    }
    case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
    return case


@pytest.mark.parametrize("there", [True, False], ids=["there", "anywhere"])
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda one: one.value)
@pytest.mark.parametrize("operation", operations())
def test_every_address_keeps_to_its_description(asked: Asked, operation: str, mode: Any, there: bool) -> None:
    method, path = operation.split()
    found = asked.schema[path][method]
    positive = mode == schemathesis.GenerationMode.POSITIVE
    extra = [positive_data_acceptance] if positive and there and "rows" not in path and method == "get" else []
    extra += [negative_data_rejection] if not positive and not there and "rows" in path else []
    asked_for: list[int] = []

    @hypothesis.given(case=found.as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def one(case: Any) -> None:
        answer = asked.ask(_there(asked, case) if there else case, [*CHECKS, *extra])
        asked_for.append(answer.status_code)

    try:
        one()
    except hypothesis.errors.Unsatisfiable:
        assert not positive  # there is nothing that such an address could refuse
        return
    assert asked_for


def test_sequences_of_calls_follow_the_links(asked: Asked) -> None:
    machine = asked.schema.as_state_machine()

    class Sequence(machine):  # type: ignore[misc, valid-type]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"x-api-key": asked.key}}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    Sequence.run(
        settings=hypothesis.settings(
            max_examples=15,
            stateful_step_count=6,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
    )


def test_the_document_is_one_of_openapi_3_1_and_tells_the_grammar() -> None:
    told = document()
    assert told["openapi"] == "3.1.0"
    names = [one["operationId"] for methods in told["paths"].values() for one in methods.values()]
    assert len(set(names)) == len(names)
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    filters = {**told["components"]["schemas"]["Filter"], "components": told["components"]}
    compared = filters["additionalProperties"]["anyOf"][-1]
    assert set(compared["properties"]) == set(OPERATORS)
    validator = Draft202012Validator(filters)
    for text in ('{"a": "x"}', '{"a": {"gte": 1}}', '{"$or": [{"a": null}, {"$not": {"b": [1, 2]}}]}', "{}"):
        assert validator.is_valid(json.loads(text)), text
    for text in ('{"a": {"between": 1}}', "[1]", '{"$or": {}}'):
        assert not validator.is_valid(json.loads(text)), text
