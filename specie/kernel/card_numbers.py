"""Numbers of payment cards in texts: they are never stored, logged or passed on."""

import re

# The first group of a UUID's digits looks like a card's now and then; keys and references are full of UUIDs.
_UUID = r"(?<!\w)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!\w)"
_DIGITS = re.compile(rf"{_UUID}|(?<![\w.])\d(?:[ -]?\d){{12,18}}(?!\w)")
# Every string of every body is looked at, and almost none has as many digits in a row: that much is cheap to see.
_SHORTEST = 13
_LONG_ENOUGH = re.compile(r"\d[\d -]{12}")
_AS_RUNS = bytes(ord("0") if chr(byte) in "0123456789 -" else ord(".") for byte in range(256))
# By the first digits that the card schemes use, each with the lengths it issues: a date or a counter is no card.
_SCHEMES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"
    r"|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}"
    r"|3(?:0[0-5]\d|[689]\d\d)(?:\d{10}|\d{12}|\d{15})"
    r"|35(?:2[89]|[3-8]\d)\d{12,15}"
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d|81\d\d|50\d\d|5[6-9]\d\d|6[0-9]\d\d)\d{12,15}"
)


def has_card_number(text: str) -> bool:
    """Whether a text holds what a card scheme would take for a card's number, written in groups or not."""
    return may_have_card_number(text) and any(_is_card(found[0]) for found in _DIGITS.finditer(text))


def may_have_card_number(text: str) -> bool:
    """Whether a text may have enough digits in a row for one. False is certain, and cheap to find out."""
    if text.isascii():
        return b"0" * _SHORTEST in text.encode().translate(_AS_RUNS)
    return _LONG_ENOUGH.search(text) is not None


def without_card_numbers(text: str, mask: str = "[card number]") -> str:
    """The text with a mask in the place of each card's number."""
    return _DIGITS.sub(lambda found: mask if _is_card(found[0]) else found[0], text)


def passes_luhn(text: str) -> bool:
    """Whether the digits of a text end in the check digit that ISO/IEC 7812 gives them."""
    digits = [int(character) for character in reversed(text) if character.isdecimal()]
    doubled = (2 * digit - 9 if digit > 4 else 2 * digit for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_card(text: str) -> bool:
    digits = re.sub("[ -]", "", text)
    return _SCHEMES.fullmatch(digits) is not None and passes_luhn(digits)
