"""Shapes that many routes share: amounts, ids as text, list envelopes."""

import re
import unicodedata
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from specie.kernel.errors import InvalidField, SpecieError
from specie.kernel.ids import PrefixedId
from specie.kernel.money import Currency, Money, currencies
from specie.platform.http import Schema
from specie.platform.moments import in_utc

T = TypeVar("T")
Id = TypeVar("Id", bound=PrefixedId)
Kind = TypeVar("Kind", bound=StrEnum)

_MAX = Money.MAX_MINOR
# Embeddings, overrides and isolates of direction: with them a line reads differently from what it says.
_TURNS_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class _AmountNumber:
    """A whole JSON number of minor units; a float, a text or a boolean is refused as `amount_format`."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._check)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "integer", "format": "int64", "minimum": -_MAX, "maximum": _MAX}

    @staticmethod
    def _check(value: Any) -> int:
        if type(value) is not int:
            raise PydanticCustomError(
                "amount_format", "an amount is a whole number of minor units", {"code": "amount_format"}
            )
        if not -_MAX <= value <= _MAX:
            raise PydanticCustomError(
                "amount_range", "an amount lies within ±(2^53-1) minor units", {"code": "amount_range"}
            )
        return value


def _known_currency(code: str) -> str:
    if code not in currencies():
        raise PydanticCustomError(
            "currency_unknown", "not a currency this installation knows", {"code": "currency_unknown"}
        )
    return code


CurrencyCode = Annotated[
    str,
    Field(pattern="^[A-Z]{3}$", examples=["IDR"], description="ISO 4217 code"),
    AfterValidator(_known_currency),
]


class Amount(Schema):
    """An amount in minor units with its currency, always together."""

    amount: Annotated[int, _AmountNumber] = Field(examples=[1_500_000], description="Minor units")
    currency: CurrencyCode

    @classmethod
    def of(cls, money: Money) -> "Amount":
        """The wire form of money."""
        return cls(amount=money.minor, currency=money.currency.code)

    def money(self) -> Money:
        """The value."""
        return Money(self.amount, Currency.of(self.currency))


def _positive(amount: Amount) -> Amount:
    if amount.amount <= 0:
        raise PydanticCustomError("amount_range", "the amount must be above zero", {"code": "amount_range"})
    return amount


PositiveAmount = Annotated[Amount, AfterValidator(_positive)]
AwareMoment = Annotated[
    AwareDatetime, Field(strict=False, description="RFC 3339 with a zone; answered in UTC"), AfterValidator(in_utc)
]


def _written_day(value: object) -> object:
    # Read leniently, a number of seconds would be a day as well.
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise ValueError("a date is written YYYY-MM-DD")


def _time_of_day(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError as error:
        raise PydanticCustomError("field_invalid", "a time of day is written HH:MM") from error
    return text


TimeOfDay = Annotated[str, Field(pattern=r"^[0-9]{2}:[0-9]{2}$", examples=["17:00"]), AfterValidator(_time_of_day)]
BusinessDay = Annotated[date, BeforeValidator(_written_day), Field(strict=False, description="YYYY-MM-DD")]
QuantityText = Annotated[
    str,
    Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$", max_length=20, examples=["12", "0.5"], description="In the unit"),
]
Note = Annotated[str, Field(max_length=500)]
# As long as an e-mail address may be. No text in PostgreSQL holds NUL, so nothing is found by one.
SearchText = Annotated[str, Field(max_length=254, pattern=r"^[^\x00]*$")]


def id_text(kind: type[Id], text: str, param: str) -> Id:
    """Parse an id of a body or path field. Raises InvalidId that names the field."""
    try:
        return kind.parse(text)
    except SpecieError as error:
        error.param = param
        raise


def plain_line(text: str) -> str:
    """A line of plain text: what would break it, or turn its direction round, is refused."""
    if any(_is_control(character) for character in text):
        raise _no_line()
    return text


def one_line(text: str) -> str:
    """A `plain_line` that says something, without the blanks around it."""
    if not text.strip():
        raise _no_line()
    return plain_line(text).strip()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _TURNS_DIRECTION


def _no_line() -> PydanticCustomError:
    return PydanticCustomError(
        "text_plain", "one line of plain text without control characters", {"code": "field_invalid"}
    )


def states_text(kind: type[Kind], text: str | None, param: str) -> list[str]:
    """The states of a filter, separated by commas. Raises InvalidField for a word that is none."""
    wanted = [part for part in (text or "").split(",") if part]
    strange = next((part for part in wanted if part not in set(kind)), None)
    if strange is not None:
        raise InvalidField(f"{strange!r} is none of {', '.join(kind)}", param=f"query.{param}")
    return wanted


class ListOf(BaseModel, Generic[T]):
    """A page of a list."""

    data: list[T]
    has_more: bool
    next_cursor: str | None
