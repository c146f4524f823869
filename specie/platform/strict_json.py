"""JSON as money software reads it: no duplicate names, no NaN, bounded depth and size of numbers."""

import json
from typing import Any

from starlette.requests import Request

from specie.kernel.card_numbers import has_card_number, may_have_card_number
from specie.kernel.errors import SpecieError

MAX_DEPTH = 32
_MAX_DIGITS = 400
# Numbers of accounts and people, some of which look like a card's by chance; each is sealed where it is stored.
_SEALED = frozenset({"number", "account_number", "national_id", "tax_id", "tax_number"})


class DuplicateField(SpecieError):
    """An object names one field twice; which one counts would be a guess."""

    code = "duplicate_field"
    status = 400
    title = "A field appears twice"


class JsonTooDeep(SpecieError):
    """The document nests deeper than any route of this API needs."""

    code = "json_too_deep"
    status = 400
    title = "The JSON document nests too deep"


class JsonInvalid(SpecieError):
    """The body is not JSON in UTF-8."""

    code = "json_invalid"
    status = 400
    title = "The body is not valid JSON"


class CardNumberRefused(SpecieError):
    """A text holds a card's number. Cards are typed on the provider's own page and never pass through here."""

    code = "card_number_refused"
    status = 422
    title = "Card numbers are never accepted"


def loads(body: bytes) -> Any:
    """Parse a body. Raises JsonInvalid, DuplicateField, JsonTooDeep or CardNumberRefused."""
    try:
        text = body.decode("utf-8")
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_integer)
    except RecursionError:
        raise JsonTooDeep(f"at most {MAX_DEPTH} levels are read") from None
    except ValueError as error:
        raise JsonInvalid(f"the body cannot be read as JSON: {_reason(error)}") from None
    if not _is_plain(text):
        _inspect(document, 1, "")
    return document


def _is_plain(text: str) -> bool:
    """Whether the text alone shows that nothing in the document could be refused; almost every body is so."""
    levels = text.count("{") + text.count("[")
    return levels <= MAX_DEPTH and text.isascii() and "\\u" not in text and not may_have_card_number(text)


def _inspect(value: Any, depth: int, place: str) -> None:
    """Refuse what may not be kept, and name the field it stands in: `lines.0.description`."""
    if isinstance(value, str):
        _require_storable(value, place)
        if has_card_number(value):
            raise CardNumberRefused("take the card's number out; nothing of the request has been kept", param=place)
    elif isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise JsonTooDeep(f"at most {MAX_DEPTH} levels are read")
        if isinstance(value, list):
            for n, item in enumerate(value):
                _inspect(item, depth + 1, _within(place, n))
        for name, item in value.items() if isinstance(value, dict) else ():
            # What is wrong with a name is told of the object that has it: the name itself could not be said.
            _inspect(name, depth + 1, place)
            if name not in _SEALED or not isinstance(item, str):
                _inspect(item, depth + 1, _within(place, name))
            else:
                _require_storable(item, _within(place, name))


def _within(place: str, part: str | int) -> str:
    return f"{place}.{part}" if place else str(part)


def _require_storable(text: str, place: str) -> None:
    # PostgreSQL text holds neither NUL nor half a surrogate pair.
    if text.isascii() and "\0" not in text:
        return
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise JsonInvalid("texts hold no NUL and no lone surrogates", param=place)


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 at byte {error.start}"
    return "it holds NaN, an infinity or a number of hundreds of digits"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name in document:
            raise DuplicateField(f"{name!r} appears twice", param=name)
        document[name] = value
    return document


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("too many digits")
    return int(digits)


class StrictRequest(Request):
    """A request whose `json()` is strict and parsed once."""

    async def json(self) -> Any:
        """The parsed body; see `loads`."""
        if not hasattr(self, "_json"):
            self._json = loads(await self.body())
        return self._json
