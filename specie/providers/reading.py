"""What readers of answers and callbacks share: exact numbers, texts with limits, and what a status promises."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import wraps
from typing import Any, TypeVar

from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money
from specie.platform.outbound import OutboundResponse
from specie.providers.errors import CallbackUnreadable
from specie.providers.model import Accepted, ErrorClass, Rejected, Unknown
from specie.providers.qris import QrisInvalid

T = TypeVar("T")
Read = Accepted[T] | Rejected | Unknown

JAKARTA = timezone(timedelta(hours=7))
UNREADABLE = (ValueError, KeyError, IndexError, TypeError, AttributeError, ArithmeticError, SpecieError, QrisInvalid)

_MOST_DIGITS = 40
_CLASSES = {
    400: ErrorClass.VALIDATION,
    401: ErrorClass.AUTH,
    402: ErrorClass.DECLINED,
    403: ErrorClass.AUTH,
    404: ErrorClass.VALIDATION,
    406: ErrorClass.VALIDATION,
    422: ErrorClass.VALIDATION,
    429: ErrorClass.RATE_LIMITED,
}


def tolerant(read: Callable[[OutboundResponse], Read[T]]) -> Callable[[OutboundResponse], Read[T]]:
    """A reader for which an answer of an unknown shape is Unknown, as is one that was cut."""

    @wraps(read)
    def reader(response: OutboundResponse) -> Read[T]:
        if response.truncated:
            return Unknown("truncated")
        try:
            return read(response)
        except UNREADABLE:
            return Unknown("unreadable" if response.status < 300 else f"http_{response.status}")

    return reader


def refusal(response: OutboundResponse, code: str = "") -> Rejected | Unknown | None:
    """What the HTTP status alone says: None for a 2xx, Rejected where it promises that nothing was done."""
    if 200 <= response.status < 300:
        return None
    error_class = _CLASSES.get(response.status)
    if error_class is None:
        return Unknown("duplicate" if response.status == 409 else f"http_{response.status}")
    retry = error_class is ErrorClass.RATE_LIMITED
    return Rejected(code[:100] or f"http_{response.status}", error_class, safe_to_retry=retry)


def document(body: bytes | str) -> dict[str, Any]:
    """A JSON object, its fractions as exact decimals. Raises ValueError."""
    try:
        found = json.loads(body, parse_float=_decimal, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested without end") from error
    if not isinstance(found, dict):
        raise ValueError("an object is needed")
    return found


def text(value: Any) -> str:
    """A text of 1 to 200 whole characters; whole numbers count as text. Raises ValueError."""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= 200 or "\0" in value:
        raise ValueError("a text of 1 to 200 characters without NUL is needed")
    # JSON can tell the half of a character, which is none and goes into no table.
    value.encode()
    return value


def money(major: Any, code: str, exponent: int | None = None) -> Money:
    """An amount told in major units, as number or text, exactly; nothing is rounded. Raises ValueError.

    `exponent` is the number of digits the provider thinks the currency has, where that is less than ours.
    """
    if isinstance(major, bool) or not isinstance(major, int | str | Decimal):
        raise ValueError("an amount is a number or a text")
    exact = _decimal(str(major))
    currency = Currency.of(code)
    digits = currency.exponent if exponent is None else exponent
    if exact != exact.quantize(Decimal(1).scaleb(-digits)) or exact < 0:
        raise ValueError("the amount has more digits than the currency, or is below zero")
    return Money(int(exact.scaleb(currency.exponent)), currency)


def units(minor: Any, code: str, exponent: int) -> Money:
    """An amount told in minor units of a provider that counts `exponent` digits. Raises ValueError."""
    if type(minor) is not int or minor < 0:
        raise ValueError("minor units are a whole number")
    return money(Decimal(minor).scaleb(-exponent), code)


def in_units(amount: Money, exponent: int) -> int:
    """An amount in minor units of `exponent` digits. Raises ValueError where that would round."""
    exact = amount.major().scaleb(exponent)
    if exact != exact.to_integral_value():
        raise ValueError(f"{amount} cannot be told with {exponent} digits")
    return int(exact)


def whole(amount: Money) -> int:
    """An amount in whole major units. Raises ValueError where that would round."""
    return in_units(amount, 0)


def two_places(amount: Money) -> str:
    """An amount as a text with two decimals, `15000.00`. Raises ValueError where that would round."""
    minor = in_units(amount, 2)
    return f"{minor // 100}.{minor % 100:02}"


def at_seconds(seconds: Any) -> datetime | None:
    """A moment told in seconds since 1970."""
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)


def at_iso(value: Any) -> datetime | None:
    """A moment told in ISO 8601 with its offset; what has none, or is none, is left out."""
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def unreadable(error: BaseException) -> CallbackUnreadable:
    """What a callback of an unknown shape raises."""
    return CallbackUnreadable(f"the body has a shape the adapter does not know ({type(error).__name__})")


def _decimal(value: str) -> Decimal:
    number = Decimal(value)
    if len(value) > _MOST_DIGITS or not number.is_finite():
        raise ValueError("not a number")
    return number


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a number")
