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
    _reading("customer_account", "/billing/customers/{party_id}/account", "What a customer owes, has left and why."),
    _reading("list_receipts", "/billing/receipts", "Payments that customers made, with what each has paid."),
    _reading("list_quotes", "/quotes", "Find quotes; `state` for those that wait for an answer."),
    _reading("get_quote", "/quotes/{quote_id}", "One quote with its lines, versions and answer."),
    _reading("list_sales_orders", "/sales-orders", "Find customers' orders; `waits` for those that wait for goods."),
    _reading("get_sales_order", "/sales-orders/{sales_order_id}", "One order: what it waits for, what left, invoices."),
    _reading("list_products", "/products", "Find products and services with their prices."),
    _reading("list_warehouses", "/stock/warehouses", "The warehouses that goods come into and leave."),
    _reading("stock_levels", "/stock/levels", "What is in the warehouses and what it is worth."),
    _reading("stock_movements", "/stock/movements", "What came into the warehouses and left them."),
    _reading("list_bills", "/payables/bills", "Find suppliers' bills; `state` for those that are held."),
    _reading("get_bill", "/payables/bills/{bill_id}", "One bill: lines, why it is held, what paid it."),
    _reading("payable_ageing", "/payables/ageing", "What suppliers are owed, by how late it is."),
    _reading("list_purchase_orders", "/payables/orders", "Find orders to suppliers, and how far each is."),
    _reading("get_purchase_order", "/payables/orders/{purchase_order_id}", "One order: what came and was billed."),
    _reading("list_opportunities", "/crm/opportunities", "Deals that are being talked about, won or lost."),
    _reading("list_accounts", "/ledger/accounts", "Accounts of the ledger with their balances."),
    _reading("account_statement", "/ledger/accounts/{account_id}/statement", "The postings of an account."),
    _reading("get_entry", "/ledger/entries/{entry_id}", "One journal entry with its postings."),
    _reading("trial_balance", "/ledger/trial-balance", "Every balance of a day, by `depth` parts of the codes."),
    _reading("balance_sheet", "/reports/balance-sheet", "What is owned and owed on a day."),
    _reading("profit_and_loss", "/reports/profit-and-loss", "Income and costs of a period."),
    _reading("business_report", "/reports/business/{report}", "Cash flow, forecast, sales, tax, stock."),
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
    _writing("mail_invoice", "/billing/invoices/{invoice_id}/mail", "Mail an issued invoice with the way to pay."),
    _writing("credit_invoice", "/billing/invoices/{invoice_id}/credit-notes", "Credit an invoice, or lines of it."),
    _writing("record_receipt", "/billing/receipts", "Note money that a customer paid, and which invoices it pays."),
    _writing("draft_quote", "/quotes", "Write a quote that its customer does not see yet."),
    _writing("send_quote", "/quotes/{quote_id}/send", "Open a quote's public address to its customer's answer."),
    _writing("mail_quote", "/quotes/{quote_id}/mail", "Mail a quote with the way to answer it."),
    _writing("accept_quote", "/quotes/{quote_id}/accept", "Note that the customer said yes to a quote."),
    _writing("order_quote", "/quotes/{quote_id}/order", "Make the order of an accepted quote."),
    _writing("create_sales_order", "/sales-orders", "Note what a customer ordered without a quote."),
    _writing("deliver_sales_order", "/sales-orders/{sales_order_id}/deliveries", "Give out an order's goods, or part."),
    _writing("invoice_sales_order", "/sales-orders/{sales_order_id}/invoices", "Issue an order's invoice, or of part."),
    _writing("create_product", "/products", "Add a product or service."),
    _writing("create_purchase_order", "/payables/orders", "Order of a supplier."),
    _writing("receive_purchase_order", "/payables/orders/{purchase_order_id}/receive", "Take in an order's goods."),
    _writing("record_bill", "/payables/bills", "Record a bill; held where it differs from order or goods."),
    _writing("match_bill", "/payables/bills/{bill_id}/match", "Compare a held bill with its order and goods again."),
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
