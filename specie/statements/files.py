"""A statement as a file: the frozen JSON itself, its rows as CSV, or a page to print. All from what was frozen."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files
from typing import Any

import orjson
import typst
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency

from specie.kernel.money import Money
from specie.platform.spreadsheets import harmless
from specie.statements.heading import Letterhead
from specie.statements.model import Statement

MEDIA = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "camt053": "application/xml",
}
ENDINGS = {"camt053": "camt053.xml"}
_HEAD = ("section", "at", "title", "reference", "amount", "balance", "currency", "entry_id")
_KINDS = {
    "cashback": "cashback",
    "wallet": "wallet",
    "installments": "installments",
    "provider": "card, bank or e-wallet",
}


def as_csv(statement: Statement) -> bytes:
    """One row for each figure, amounts in whole units of the currency with a point; formulas are disarmed."""
    said = statement.stated
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    for row in _csv_rows(said):
        shown = [harmless(str(value)) for value in row[:4]]
        figures = ["" if value is None else f"{Money(value, statement.currency).major():f}" for value in row[4:6]]
        writer.writerow([*shown, *figures, statement.currency.code, row[6]])
    return out.getvalue().encode("utf-8-sig")


def _csv_rows(said: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [("opening", said["from_day"], "", "", said["opening"], None, "")]
    for wallet in said["wallets"]:
        kind = f"wallet {wallet['purpose']}"
        rows += [
            (kind, each["at"], each["title"], "", each["amount"], each["balance"], each["entry_id"])
            for each in wallet["movements"]
        ]
    for one in said["purchases"]:
        rows.append((one["role"], one["at"], one["title"], one["reference"], one["amount"], None, ""))
        rows += [(f"{one['role']} by {leg['kind']}", "", "", "", leg["amount"], None, "") for leg in one["legs"]]
        if one["returned"]:
            rows.append((f"{one['role']} and returned", "", one["title"], one["reference"], one["returned"], None, ""))
    for order in said["installments"]:
        rows.append(("installments paid", "", order["title"], order["reference"], order["paid"], order["owed"], ""))
        rows += [
            ("installment due", due["due_on"], order["title"], "", due["amount"], None, "") for due in order["due"]
        ]
        rows += [("late fee due", "", order["title"], "", fee, None, "")] if (fee := _late_fees(order)) else []
    rows += _invoice_rows(said)
    cash = said["cashback"]
    rows += [("cashback pending", "", "", "", cash["pending"], None, "")]
    rows += [("cashback available", "", "", "", cash["available"], None, "")]
    rows += [("cashback expiring", each["at"], "", "", each["amount"], None, "") for each in cash["expiring"]]
    return [*rows, ("closing", said["through_day"], "", "", said["closing"], None, "")]


def _invoice_rows(said: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    part, rows = _billed(said), list[tuple[Any, ...]]()
    for one in part["invoices"]:
        told = {"invoice issued": one["amount"] if one["is_new"] else 0}
        told |= {"invoice paid": one["paid"], "invoice credited": one["credited"]}
        told |= {"invoice credited of what was paid": _to_credit(one)}
        rows += [(name, "", one["number"], "", amount, None, "") for name, amount in told.items() if amount]
        if one["owed"]:
            section = "invoice overdue" if one["is_overdue"] else "invoice open"
            rows.append((section, one["due_on"], one["number"], "", one["owed"], None, ""))
    return [*rows, *([("invoice credit left", "", "", "", part["credit"], None, "")] if part["credit"] else [])]


def _billed(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is said of invoices; statements made before invoices were part of them say nothing."""
    found: Mapping[str, Any] = said.get("invoices") or {"owed": 0, "overdue": 0, "credit": 0, "invoices": []}
    return found


def _to_credit(invoice: Mapping[str, Any]) -> int:
    """What of the credited had been paid; statements made before it was told apart say nothing."""
    return int(invoice.get("to_credit", 0))


def _late_fees(order: Mapping[str, Any]) -> int:
    """What was owed of an order as late fees; statements made before they were told apart say nothing."""
    return int(order.get("late_fees", 0))


def as_pdf(statement: Statement, head: Letterhead) -> bytes:
    """A tagged PDF. Scripts beyond Latin, Greek and Cyrillic need a font for them on the machine."""
    return printed(_Printed(statement, head).data())


def printed(said: Mapping[str, Any]) -> bytes:
    """What `statement.typ` makes of the data of a page. Texts are data and never markup."""
    source = files("specie.statements").joinpath("statement.typ").read_bytes()
    # Its own time would make every print of the same statement another file.
    made: bytes = typst.compile(source, format="pdf", sys_inputs={"said": orjson.dumps(said).decode()}, timestamp=0)
    return made


class _Printed:
    def __init__(self, statement: Statement, head: Letterhead) -> None:
        self._statement, self._head, self._said = statement, head, statement.stated

    def data(self) -> dict[str, Any]:
        said, statement = self._said, self._statement
        period = f"{self._day(said['from_day'])} – {self._day(said['through_day'])}"
        cash = said["cashback"]
        figures = [("Opening", said["opening"]), ("Closing", said["closing"])]
        figures += [("Cashback on its way", cash["pending"])] if cash["pending"] else []
        owed = sum(order["owed"] for order in said["installments"])
        figures += [("Owed in installments", owed)] if owed else []
        billed = _billed(said)
        told = (("Open invoices", "owed"), ("Of them overdue", "overdue"), ("Credit to use", "credit"))
        figures += [(name, billed[key]) for name, key in told if billed[key]]
        return {
            "title": f"Statement {statement.n}",
            "lang": self._head.locale[:2],
            "tenant": self._head.tenant,
            "party": self._head.party,
            "party_id": said["party_id"],
            "period": period,
            "footer": f"Statement {statement.n} · made {self._moment(said['made_at'])} · "
            f"SHA-256 {statement.digest.hex()[:32]}…",
            "figures": [{"name": name, "amount": self._money(minor)} for name, minor in figures],
            "parts": [
                *self._wallets(),
                *self._purchases(),
                *self._installments(),
                *self._invoices(),
                *self._cashback(),
            ],
        }

    def _wallets(self) -> list[dict[str, Any]]:
        return [
            part(
                "Wallet" if wallet["purpose"] == "main" else f"Wallet: {wallet['purpose']}",
                f"Opening {self._money(wallet['opening'])}, in {self._money(wallet['arrived'])}, "
                f"out {self._money(wallet['left'])}, closing {self._money(wallet['closing'])}",
                ("Date", "*What", "#Amount", "#Balance"),
                [
                    [
                        self._moment(each["at"]),
                        each["title"],
                        self._money(each["amount"]),
                        self._money(each["balance"]),
                    ]
                    for each in wallet["movements"]
                ],
            )
            for wallet in self._said["wallets"]
        ]

    def _purchases(self) -> list[dict[str, Any]]:
        lines = [
            [
                self._moment(one["at"]),
                f"{one['title']} ({one['reference']})",
                ", ".join(f"{_KINDS[leg['kind']]} {self._money(leg['amount'])}" for leg in one["legs"]),
                self._money(one["returned"]),
                self._money(one["amount"]),
            ]
            for one in self._said["purchases"]
        ]
        head = ("Date", "*What", "*Paid by", "#Returned", "#Amount")
        return [part("Purchases", "", head, lines)] if lines else []

    def _installments(self) -> list[dict[str, Any]]:
        orders = self._said["installments"]
        lines = [
            [order["title"], order["status"].replace("_", " "), self._money(order["paid"]), self._money(order["owed"])]
            for order in orders
        ]
        due = sorted((due["due_on"], order["title"], due["amount"]) for order in orders for due in order["due"])
        dates = [[self._day(day), title, self._money(amount)] for day, title, amount in due]
        dates += [["now", f"{one['title']}: late fees", self._money(fee)] for one in orders if (fee := _late_fees(one))]
        found = [part("Installments", "", ("*What", "Status", "#Paid", "#Owed"), lines)] if lines else []
        return found + ([part("Parts to come", "", ("Due", "*What", "#Amount"), dates)] if dates else [])

    def _invoices(self) -> list[dict[str, Any]]:
        lines = [
            [
                one["number"],
                self._day(one["issued_on"]),
                self._day(one["due_on"]) + (", overdue" if one["is_overdue"] else ""),
                self._money(one["amount"]),
                self._money(one["paid"]),
                self._money(one["credited"]),
                self._money(one["owed"]),
            ]
            for one in _billed(self._said)["invoices"]
        ]
        head = ("*Invoice", "Issued", "Due", "#Amount", "#Paid", "#Credited", "#Open")
        freed = sum(_to_credit(one) for one in _billed(self._said)["invoices"])
        note = f"Of what was credited {self._money(freed)} had been paid" if freed else ""
        return [part("Invoices", note, head, lines)] if lines else []

    def _cashback(self) -> list[dict[str, Any]]:
        cash = self._said["cashback"]
        if not cash["pending"] and not cash["available"] and not cash["expiring"]:
            return []
        note = f"On its way {self._money(cash['pending'])}, to spend {self._money(cash['available'])}"
        lines = [[self._moment(each["at"]), "runs out", self._money(each["amount"])] for each in cash["expiring"]]
        return [part("Cashback", note, ("Date", "*What", "#Amount"), lines)]

    def _money(self, minor: int) -> str:
        money = Money(minor, self._statement.currency)
        shown: str = format_currency(money.major(), money.currency.code, locale=self._head.locale)
        return shown

    def _day(self, text: str) -> str:
        shown: str = format_date(date.fromisoformat(text), "medium", locale=self._head.locale)
        return shown

    def _moment(self, text: str) -> str:
        local = datetime.fromisoformat(text).astimezone(self._head.zone)
        shown: str = format_datetime(local, "dd MMM yyyy HH:mm", locale=self._head.locale)
        return shown


def part(title: str, note: str, head: Sequence[str], lines: Sequence[Sequence[str]]) -> dict[str, Any]:
    """A titled table: `*` marks a column that takes the room there is, `#` one of figures."""
    names = [{"name": name.lstrip("*#"), "wide": name.startswith("*"), "number": name.startswith("#")} for name in head]
    return {"title": title, "note": note, "head": names, "lines": [list(line) for line in lines]}
