"""Movements of an account or wallet on paper, by the same page as a statement."""

from datetime import datetime
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency

from specie.kernel.money import Money
from specie.ledger import Side, StatementLine
from specie.statements.files import part, printed
from specie.statements.movements import Movements, signed

_LOCALE = "en"


def as_pdf(found: Movements, made_at: datetime) -> bytes:
    """A tagged PDF: opening, every movement with the balance after it, closing. No number: it is nobody's document."""
    return printed(_data(found, made_at))


def _data(found: Movements, made_at: datetime) -> dict[str, Any]:
    period = found.period
    days = f"{_day(period.from_day)} – {_day(period.through_day)}"
    moved = f"{len(found.lines)} {'movement' if len(found.lines) == 1 else 'movements'}"
    return {
        "title": "Wallet movements" if found.is_of_wallet else "Account movements",
        "lang": _LOCALE,
        "tenant": found.tenant,
        "party": found.owner,
        "party_id": found.about,
        "period": days,
        "footer": f"{found.about} · {days} · as recorded by {_moment(found, made_at)}",
        "figures": [
            {"name": "Opening", "amount": _money(found.opening)},
            {"name": "Closing", "amount": _money(found.closing)},
        ],
        "parts": [_wallet(found, moved) if found.is_of_wallet else _account(found, moved)],
    }


def _wallet(found: Movements, moved: str) -> dict[str, Any]:
    rows = [
        [
            _moment(found, line.recorded_at),
            line.description,
            _money(Money(signed(line, of_wallet=True), line.amount.currency)),
            _money(line.balance),
        ]
        for line in found.lines
    ]
    return part(moved, "", ("Date", "*What", "#Amount", "#Balance"), rows)


def _account(found: Movements, moved: str) -> dict[str, Any]:
    rows = [
        [
            _moment(found, line.recorded_at),
            line.description or line.recipe,
            *_sides(line),
            _money(line.balance),
        ]
        for line in found.lines
    ]
    return part(moved, "", ("Recorded", "*Entry", "#Debit", "#Credit", "#Balance"), rows)


def _sides(line: StatementLine) -> tuple[str, str]:
    amount = _money(line.amount)
    return (amount, "") if line.side is Side.DEBIT else ("", amount)


def _money(money: Money) -> str:
    shown: str = format_currency(money.major(), money.currency.code, locale=_LOCALE)
    return shown


def _day(day: Any) -> str:
    shown: str = format_date(day, "medium", locale=_LOCALE)
    return shown


def _moment(found: Movements, moment: datetime) -> str:
    shown: str = format_datetime(moment.astimezone(found.zone), "dd MMM yyyy HH:mm", locale=_LOCALE)
    return shown
