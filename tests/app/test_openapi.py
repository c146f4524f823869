"""The OpenAPI document: valid, complete, and the one in the repository."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV31SpecValidator

from specie.app.reference import document_of
from specie.identity.errors import PasswordTooWeak
from specie.kernel.errors import NotFound
from specie.kernel.permissions import Permission
from specie.platform.http import ApiRouter, refuses_as_well


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return document_of(app)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    errors = [f"{list(error.path)}: {error.message}" for error in OpenAPIV31SpecValidator(document).iter_errors()]
    assert errors == []


def test_the_snapshot_in_the_repository_is_current_and_served(
    client: httpx2.Client, document: dict[str, Any], repository: Path
) -> None:
    kept = json.loads((repository / "docs/reference/openapi.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(document)), "run `make openapi` and look at the difference"
    answer = client.get("/api/v1/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == kept


def test_every_operation_has_a_summary_a_tag_and_an_id_of_its_own(document: dict[str, Any]) -> None:
    found = list(operations(document))
    assert [name for name, operation in found if not (operation.get("description") and operation.get("tags"))] == []
    ids = [operation["operationId"] for _, operation in found]
    assert len(ids) == len(set(ids))


def test_every_guarded_operation_names_its_permission_and_its_refusals(document: dict[str, Any]) -> None:
    known = {str(permission) for permission in Permission}
    for name, operation in operations(document):
        if "x-permission" in operation:
            assert operation["x-permission"] in known, name
            assert operation["security"], name
            assert {"401", "403", "429", "503"} <= operation["responses"].keys(), name


def test_every_guarded_write_takes_a_key_and_says_whether_it_can_be_rehearsed(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        taken = {parameter["name"] for parameter in operation.get("parameters", ())}
        is_write = name.startswith(("POST ", "PUT ", "PATCH ")) and "x-permission" in operation
        assert ("Idempotency-Key" in taken) == is_write, name
        refuses_rehearsal = "dry_run_impossible" in json.dumps(operation["responses"].get("422", {}))
        assert ("dry_run" in taken) == (is_write and not refuses_rehearsal), name
        if "dry_run" in taken:
            assert "200" in operation["responses"], name


def test_every_refusal_is_a_problem_document_with_an_example(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")):
                content = answer["content"]["application/problem+json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, f"{name} {status}"
                assert content["examples"], f"{name} {status}"


def test_no_text_of_a_query_that_the_database_is_asked_for_may_hold_nul(document: dict[str, Any]) -> None:
    # These are digested before anything is looked up; ids and cursors have a form of their own, and are read by it.
    digested = {("/api/v1/auth/sso/callback", "state"), ("/api/v1/auth/sso/callback", "code")}
    digested.add(("/api/v1/documents/{document_id}/content", "token"))
    free = [
        (path, parameter["name"])
        for path, methods in document["paths"].items()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and parameter["name"] != "cursor" and not parameter["name"].endswith("_id")
        if any(_is_free(each) for each in parameter["schema"].get("anyOf", [parameter["schema"]]))
    ]
    assert set(free) == digested


def _is_free(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "string" and not {"pattern", "format", "enum", "const"} & schema.keys()


def test_signing_up_documents_what_a_party_refuses(document: dict[str, Any]) -> None:
    answers = document["paths"]["/api/v1/auth/register"]["post"]["responses"]
    invalid = answers["422"]["content"]["application/problem+json"]["examples"]
    assert {"email_invalid", "phone_invalid", PasswordTooWeak.code, "field_invalid"} <= invalid.keys()


def test_a_refusal_cannot_be_added_to_a_route_that_is_not_there() -> None:
    with pytest.raises(LookupError):
        refuses_as_well(ApiRouter(), operations, NotFound)
