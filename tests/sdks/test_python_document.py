"""Whatever the Python client names is in the API's document: addresses, parameters, fields and their types."""

import inspect
import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import unquote

from specie_client import endpoints, invoices, ledger, parties, payments, payouts, transfers, wallets
from specie_client import types as answers
from specie_client.calls import Call, Listing

SPEC = json.loads((Path(__file__).parents[2] / "docs" / "reference" / "openapi.json").read_text())
SCHEMAS = SPEC["components"]["schemas"]
MODULES = (endpoints, invoices, ledger, parties, payments, payouts, transfers, wallets)
JSON_TYPES = {str: "string", int: "integer", bool: "boolean", dict: "object", Mapping: "object"}

Function = Callable[..., Call[Any] | Listing[Any]]


def functions() -> list[Function]:
    return [
        function
        for module in MODULES
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
    ]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return SCHEMAS[name] if name else schema


def choices(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema's alternatives, without null."""
    found = resolved(schema)
    return [one for part in found["anyOf"] for one in choices(part)] if "anyOf" in found else [found]


def faults(kind: Any, schema: dict[str, Any], place: str) -> Iterator[str]:
    """Where a Python type says something else than the schema."""
    alternatives = [one for one in choices(schema) if one.get("type") != "null"]
    origin, arguments = get_origin(kind), get_args(kind)
    if typing.is_typeddict(kind):
        yield from faults_of_fields(kind, alternatives, place)
    elif origin in (types.UnionType, typing.Union):
        yield from faults(next(one for one in arguments if one is not type(None)), schema, place)
    elif origin in (list, Sequence):
        yield from faults(arguments[0], alternatives[0]["items"], f"{place}[]")
    elif origin is typing.Literal:
        if set(arguments) - set(alternatives[0].get("enum", arguments)):
            yield f"{place}: {arguments}, but the document has {alternatives[0].get('enum')}"
    elif kind is not Any and all(one.get("type") != JSON_TYPES[origin or kind] for one in alternatives):
        yield f"{place}: {kind}, but the document has {alternatives}"


def faults_of_fields(kind: Any, alternatives: list[dict[str, Any]], place: str) -> Iterator[str]:
    """The same for the fields of a typed dictionary: each is in at least one of the alternatives, and of its type."""
    named = [one.get("properties", {}) for one in alternatives]
    for field, wanted in get_type_hints(kind).items():
        holders = [properties[field] for properties in named if field in properties]
        if not holders:
            yield f"{place}.{field} is not in the document"
        for holder in holders:
            yield from faults(wanted, holder, f"{place}.{field}")


def made(function: Function) -> tuple[Call[Any], dict[str, Any]]:
    """The request a function makes, each argument given, and the operation it is for."""
    parameters = inspect.signature(function).parameters
    values = {name: f"{{{name}}}" for name in parameters}
    result = function(**values)
    request = result.page("c") if isinstance(result, Listing) else result
    path = SPEC["paths"].get(f"/api/v1{unquote(request.path)}")
    assert path is not None, f"there is no {request.path}"
    return request, path[request.method.lower()]


def body_schema(operation: dict[str, Any]) -> dict[str, Any]:
    if "requestBody" not in operation:
        return {}
    return resolved(operation["requestBody"]["content"]["application/json"]["schema"])


def faults_of_the_request(function: Function) -> Iterator[str]:
    request, operation = made(function)
    hints = get_type_hints(function)
    known = {one["name"]: one["schema"] for one in operation.get("parameters", [])}
    schema = body_schema(operation)
    fields, body = schema.get("properties", {}), request.body or {}
    yield from (f"there is no parameter {name}" for name in set(request.query) - set(known))
    yield from (f"there is no field {name}" for name in set(body) - set(fields))
    yield from (f"the required {name} is not sent" for name in set(schema.get("required", [])) - set(body))
    for name, place in {**known, **fields}.items():
        if name in hints and name in {**request.query, **body}:
            yield from faults(hints[name], place, name)


def faults_of_the_answer(function: Function) -> Iterator[str]:
    _, operation = made(function)
    returned = get_type_hints(function)["return"]
    (promised,) = get_args(returned)
    success = next(one for status, one in operation["responses"].items() if status[0] == "2")
    schema = success.get("content", {}).get("application/json", {}).get("schema", {})
    if get_origin(returned) is Listing:
        schema = resolved(schema)["properties"]["data"]["items"]
    if typing.is_typeddict(promised):
        yield from faults(promised, schema, promised.__name__)
    elif schema:
        yield f"{promised} is promised, but the document has {schema}"


def test_every_function_is_an_operation_of_the_document() -> None:
    checked = {f"{one.__module__}.{one.__name__}": one for one in functions()}
    assert len(checked) > 35
    found = {
        name: [*faults_of_the_request(function), *faults_of_the_answer(function)] for name, function in checked.items()
    }
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_events_and_problems_have_the_fields_of_the_document() -> None:
    event = {"$ref": "#/components/schemas/EventOut"}
    assert list(faults(answers.Event, event, "Event")) == []
    problem = set(SCHEMAS["Problem"]["properties"])
    assert {"code", "param", "errors", "retryable", "money_moved", "request_id", "title", "detail"} <= problem
    assert {"data", "has_more", "next_after"} <= set(SCHEMAS["FeedOut"]["properties"])
    assert {"data", "has_more", "next_cursor"} <= set(SCHEMAS["ListOf_PartyOut_"]["properties"])


def test_the_comparison_sees_a_wrong_name_and_a_wrong_type() -> None:
    class Wrong(typing.TypedDict):
        id: int
        colour: str

    found = list(faults(Wrong, {"$ref": "#/components/schemas/PaymentOut"}, "Wrong"))
    assert [fault.split(" ")[0] for fault in found] == ["Wrong.id:", "Wrong.colour"]
