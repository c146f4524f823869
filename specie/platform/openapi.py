"""The parts of the OpenAPI document that the framework does not write: problems, permissions, headers."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from specie.kernel import errors
from specie.kernel.errors import InvalidField, SpecieError
from specie.kernel.ids import InvalidId
from specie.kernel.pagination import InvalidCursor
from specie.kernel.permissions import Verification
from specie.platform import idempotency, strict_json

_PROBLEM_REFERENCE = {"$ref": "#/components/schemas/Problem"}


class FieldProblem(BaseModel):
    """One thing wrong with one field."""

    pointer: str = Field(description="JSON pointer into the body, or `query.name`")
    code: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem document."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Address of the page about this code")
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(description="Stable, machine-readable reason")
    request_id: str | None = None
    retryable: bool = Field(description="Whether the same request with the same key may simply be sent again")
    money_moved: bool | str = Field(description="False on every refusal; `unknown` when a commit was cut off")
    param: str | None = Field(default=None, description="The field that was refused")
    errors: list[FieldProblem] | None = None


def answers_of(refusals: Iterable[type[SpecieError]]) -> dict[int | str, dict[str, Any]]:
    """Documented answers, one per HTTP status, with an example for each code."""
    by_status: dict[int, list[type[SpecieError]]] = defaultdict(list)
    for refusal in refusals:
        by_status[refusal.status].append(refusal)
    return {status: _answer(group) for status, group in sorted(by_status.items())}


def add_answers(documented: dict[int | str, dict[str, Any]], refusals: Iterable[type[SpecieError]]) -> None:
    """Put refusals beside the ones that are documented already, in place."""
    for status, answer in answers_of(refusals).items():
        known = documented.setdefault(status, answer)
        if known is not answer:
            _examples(known).update(_examples(answer))


def _examples(answer: dict[str, Any]) -> dict[str, Any]:
    examples: dict[str, Any] = answer["content"]["application/problem+json"]["examples"]
    return examples


def common_answers(route: APIRoute) -> dict[int | str, dict[str, Any]]:
    """What any route may answer, by its method, parameters and need of a caller."""
    refusals: list[type[SpecieError]] = [errors.InvalidField, InvalidId, errors.RateLimited, errors.Unavailable]
    refusals += _of_declaration(route)
    if "{" in route.path:
        refusals.append(errors.NotFound)
    if any(parameter.name == "cursor" for parameter in route.dependant.query_params):
        refusals.append(InvalidCursor)
    if (route.methods or set()) & {"POST", "PUT", "PATCH"}:
        refusals += [strict_json.JsonInvalid, strict_json.CardNumberRefused, _BodyTooLarge, idempotency.KeyInvalid]
        refusals += [idempotency.KeyReused, idempotency.KeyInProgress, errors.StorageFull]
    if "POST" in (route.methods or set()):
        # Where money moves; the header's description says so.
        refusals += [idempotency.KeyRequired, errors.BudgetExceeded]
    known = answers_of(refusals)
    for status, declared in route.responses.items():
        if status in known:
            examples = known[status]["content"]["application/problem+json"]["examples"]
            own = declared.get("content", {}).get("application/problem+json", {}).get("examples", {})
            own.update({name: example for name, example in examples.items() if name not in own})
    return known


def _of_declaration(route: APIRoute) -> Iterator[type[SpecieError]]:
    if not getattr(route.endpoint, "takes_any_query", False):
        yield UnknownParameter
    if getattr(route, "permission", None) is not None:
        yield from (errors.Unauthenticated, errors.Forbidden)
    if getattr(route, "verification", None) is Verification.APPROVED:
        yield errors.KycRequired
    if not getattr(route, "rehearsable", True):
        yield DryRunImpossible


_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A fresh random key for each new request; repeated with it, the request is answered as before and"
    " nothing is done again. Needed where money moves.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_DRY_RUN_PARAMETER = {
    "name": "dry_run",
    "in": "query",
    "required": False,
    "description": "Show what would happen, and do nothing.",
    "schema": {"type": "boolean", "default": False},
}


def write_parameters(route: APIRoute) -> list[dict[str, Any]]:
    """What every route that changes something takes beside its own parameters: a key, and a rehearsal if it has one."""
    if not (route.methods or set()) & {"POST", "PUT", "PATCH"}:
        return []
    return [_KEY_PARAMETER, *([_DRY_RUN_PARAMETER] if getattr(route, "rehearsable", True) else [])]


class UnknownParameter(InvalidField):
    """The route has no such parameter in the query; leaving it unread could answer another question."""

    code = "unknown_parameter"
    title = "No such parameter"


class DryRunImpossible(InvalidField):
    """This route cannot show what it would do without doing it."""

    code = "dry_run_impossible"
    title = "This cannot be rehearsed"


class _BodyTooLarge(SpecieError):
    """The body is larger than the route reads."""

    code = "body_too_large"
    status = 413
    title = "The body is too large"


def _answer(group: list[type[SpecieError]]) -> dict[str, Any]:
    examples = {refusal.code: {"summary": refusal.title, "value": _example(refusal)} for refusal in group}
    content = {"application/problem+json": {"schema": _PROBLEM_REFERENCE, "examples": examples}}
    return {"description": group[0].title, "content": content}


def _example(refusal: type[SpecieError]) -> dict[str, Any]:
    return {
        "type": f"/docs/errors/{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "detail": (refusal.__doc__ or refusal.title).strip().splitlines()[0],
        "instance": "/api/v1/…",
        "code": refusal.code,
        "request_id": "req_01jx3s5v0q8e5t9m2w4r6y8zab",
        "retryable": refusal.retryable,
        "money_moved": False,
    }


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Add the problem schema, the security schemes and the idempotency header to a generated document."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key or an access token"},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-specie", "description": "A browser session"},
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            _complete_operation(operation)
    return document


def _complete_operation(operation: dict[str, Any]) -> None:
    if _DRY_RUN_PARAMETER in operation.get("parameters", ()):
        _show_rehearsal(operation["responses"])
    if "x-permission" in operation:
        operation["security"] = [{"bearer": []}, {"session": []}]
        needs = [f"Permission: `{operation['x-permission']}`"]
        if "x-verification" in operation:
            needs.append(f"Verification of the caller's own party: `{operation['x-verification']}`")
        operation["description"] = "\n\n".join([operation.get("description", ""), *needs]).strip()


def _show_rehearsal(responses: dict[str, Any]) -> None:
    """A rehearsal answers 200 in the shape of what is made otherwise."""
    made = next((responses[status] for status in ("201", "202") if status in responses), None)
    if made is not None and "200" not in responses:
        responses["200"] = {**made, "description": "What would happen, with `dry_run=true`"}
