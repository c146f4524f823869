"""Which operations of the API are tools. What they take comes from the platform's own OpenAPI document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

_SCHEMAS = "#/components/schemas/"
CONFIRM = "confirm"

_THE_DESKS_OWN = ("Idempotency-Key", "dry_run")
_CONFIRM_SCHEMA = {
    "type": "string",
    "description": "Leave out first: then nothing happens; the answer shows what would, with the value for here.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """A tool: its name, the operation below /api/v1 it stands for, and what it is good for."""

    name: str
    method: str
    path: str
    purpose: str

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"


def _reading(name: str, path: str, purpose: str) -> Operation:
    return Operation(name, "GET", path, purpose)


def _writing(name: str, path: str, purpose: str) -> Operation:
    return Operation(name, "POST", path, purpose)


READING = (
    _reading("explain", "/explain/{id}", "Everything about one id: its story, money, requests, callbacks, webhooks."),
    _reading("dashboard", "/dashboard", "Today's figures at a glance."),
    _reading("list_payments", "/payments", "Find payments, the newest first."),
    _reading("get_payment", "/payments/{payment_id}", "One payment with its attempts, entries, refunds and timeline."),
    _reading("list_refunds", "/refunds", "Find refunds."),
    _reading("list_payouts", "/payouts", "Find payouts to banks and e-wallets."),
    _reading("get_payout", "/payouts/{payout_id}", "One payout with its attempts and timeline."),
    _reading("list_beneficiaries", "/beneficiaries", "The bank accounts and e-wallets that can be paid out to."),
    _reading("list_approvals", "/approvals", "What waits for a second person, or did."),
    _reading("list_parties", "/parties", "Find persons and companies."),
    _reading("get_party", "/parties/{party_id}", "One person or company."),
    _reading("list_wallets", "/wallets", "Wallets with their balances."),
    _reading("get_wallet", "/wallets/{wallet_id}", "One wallet with its balances."),
    _reading("wallet_history", "/wallets/{wallet_id}/history", "What came into a wallet and left it."),
    _reading("get_transfer", "/transfers/{transfer_id}", "One transfer between wallets."),
    _reading("list_invoices", "/billing/invoices", "Find invoices; `overdue` for the late ones."),
    _reading("get_invoice", "/billing/invoices/{invoice_id}", "One invoice with lines, taxes and what paid it."),
    _reading("invoice_ageing", "/billing/ageing", "Who owes how much, by how late it is."),
    _reading("stock_levels", "/stock/levels", "What is in the warehouses and what it is worth."),
    _reading("list_accounts", "/ledger/accounts", "Accounts of the ledger with their balances."),
    _reading("account_statement", "/ledger/accounts/{account_id}/statement", "The postings of an account."),
    _reading("get_entry", "/ledger/entries/{entry_id}", "One journal entry with its postings."),
    _reading("trial_balance", "/ledger/trial-balance", "Every account's balance at one moment."),
    _reading("balance_sheet", "/reports/balance-sheet", "What is owned and owed on a day."),
    _reading("profit_and_loss", "/reports/profit-and-loss", "Income and costs of a period."),
    _reading("list_settlements", "/settlements", "What merchants were settled."),
    _reading("reconciliation_exceptions", "/reconciliation/exceptions", "Where books and bank statements differ."),
    _reading("list_events", "/events", "What happened, in order, after event number `after`."),
    _reading("find_request", "/requests/{request_id}", "What a request asked, was answered, and moved."),
)
WRITING = (
    _writing("create_party", "/parties", "Add a person or company."),
    _writing("create_payment", "/payments", "Ask a customer for a payment."),
    _writing("create_payment_link", "/payment-links", "Make an address at which to pay."),
    _writing("refund_payment", "/payments/{payment_id}/refunds", "Give back a payment, or part of it."),
    _writing("create_transfer", "/transfers", "Move money from one wallet to another."),
    _writing("draft_invoice", "/billing/invoices", "Write an invoice that is not yet issued."),
    _writing("issue_invoice", "/billing/invoices/{invoice_id}/issue", "Number and post a drafted invoice."),
    _writing("credit_invoice", "/billing/invoices/{invoice_id}/credit-notes", "Credit an invoice, or lines of it."),
)


class UnknownArgument(Exception):
    """The tool has no such argument, or lacks one that its address needs."""


@dataclass(frozen=True, slots=True)
class Tool:
    """An operation with what it takes: where each argument goes, and the JSON schema of all of them."""

    operation: Operation
    places: dict[str, str]
    schema: dict[str, Any]

    def request(self, arguments: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any] | None]:
        """Path, query and body for these arguments. Raises UnknownArgument."""
        unknown = sorted(set(arguments) - set(self.places))
        if unknown:
            raise UnknownArgument(f"there is no {', '.join(unknown)}")
        missing = sorted(
            name
            for name, place in self.places.items()
            if place == "path" and not str(arguments.get(name, "")).strip(".")
        )
        if missing:
            raise UnknownArgument(f"{', '.join(missing)} is needed")
        path, query, body = (
            {name: value for name, value in arguments.items() if self.places[name] == place}
            for place in ("path", "query", "body")
        )
        # Quoted, an id stays one segment of its path, so that no text leads to an operation that is not a tool.
        quoted = {name: quote(str(value), safe="") for name, value in path.items()}
        return self.operation.path.format(**quoted), query, None if self.operation.reads else body


def tools(document: dict[str, Any], *, writes: bool) -> dict[str, Tool]:
    """The tools of a platform with this OpenAPI document, by name; those that change something only when asked for.

    An operation that this platform lacks, being of another version, is left out.
    """
    chosen = READING + WRITING if writes else READING
    described = {operation.name: _described(document, operation) for operation in chosen}
    return {name: tool for name, tool in described.items() if tool is not None}


def _described(document: dict[str, Any], operation: Operation) -> Tool | None:
    found = document["paths"].get(f"/api/v1{operation.path}", {}).get(operation.method.lower())
    if found is None:
        return None
    # The desk itself chooses the key and when to rehearse.
    parameters = {one["name"]: one for one in found.get("parameters", []) if one["name"] not in _THE_DESKS_OWN}
    places = {name: one["in"] for name, one in parameters.items()}
    properties = {name: one["schema"] for name, one in parameters.items()}
    required = [name for name, one in parameters.items() if one.get("required")]
    body = _body(document, found)
    places |= dict.fromkeys(body.get("properties", {}), "body")
    properties |= body.get("properties", {})
    required += body.get("required", [])
    if not operation.reads:
        properties[CONFIRM] = _CONFIRM_SCHEMA
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return Tool(operation, places, _self_contained(document, schema))


def _body(document: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    content = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema: dict[str, Any] = content.get("schema", {})
    for option in (schema, *schema.get("anyOf", ())):
        if "$ref" in option:
            named: dict[str, Any] = document["components"]["schemas"][option["$ref"].removeprefix(_SCHEMAS)]
            return named
    return schema


def _self_contained(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with every schema it names beside it, since a tool's schema cannot point into another document."""
    definitions: dict[str, Any] = {}
    whole = _moved(schema, definitions, document["components"]["schemas"])
    return {**whole, "$defs": definitions} if definitions else whole


def _moved(part: Any, definitions: dict[str, Any], schemas: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_moved(item, definitions, schemas) for item in part]
    if not isinstance(part, dict):
        return part
    reference = part.get("$ref")
    if isinstance(reference, str):
        name = reference.removeprefix(_SCHEMAS)
        if name not in definitions:
            definitions[name] = {}  # A schema that names itself ends here.
            definitions[name] = _moved(schemas[name], definitions, schemas)
        return {"$ref": f"#/$defs/{name}"}
    return {key: _moved(value, definitions, schemas) for key, value in part.items()}
