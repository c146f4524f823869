"""QRIS texts (EMVCo merchant-presented codes): written, read, and checked against an order. Amounts in rupiah."""

from decimal import Decimal, InvalidOperation

from specie.kernel.money import Money

_RUPIAH = "360"


class QrisInvalid(Exception):
    """The text is not a QRIS code: wrong structure or wrong check sum."""


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE as four upper-case hexadecimal digits."""
    register = 0xFFFF
    for byte in text.encode("ascii"):
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ 0x1021 if register & 0x8000 else register << 1
    return f"{register & 0xFFFF:04X}"


def read(text: str) -> dict[str, str]:
    """The top-level values by tag. Raises QrisInvalid."""
    if not text.isascii() or len(text) < 12 or text[-8:-4] != "6304" or crc(text[:-4]) != text[-4:]:
        raise QrisInvalid("the check sum is wrong")
    values: dict[str, str] = {}
    at = 0
    while at < len(text):
        tag, length = text[at : at + 2], text[at + 2 : at + 4]
        if not (tag + length).isdecimal() or len(tag + length) != 4 or at + 4 + int(length) > len(text):
            raise QrisInvalid("the structure is broken")
        values[tag] = text[at + 4 : at + 4 + int(length)]
        at += 4 + int(length)
    return values


def write(values: dict[str, str]) -> str:
    """A code of these values in the order of their tags, check sum included. Raises QrisInvalid for what cannot be."""
    parts = []
    for tag in sorted(values.keys() - {"63"}):
        value = values[tag]
        if not value.isascii() or not 0 < len(value) <= 99:
            raise QrisInvalid(f"the value of {tag} is not 1 to 99 ASCII characters")
        parts.append(f"{tag}{len(value):02}{value}")
    content = "".join(parts) + "6304"
    return content + crc(content)


def dynamic(static: str, amount: Money) -> str:
    """A merchant's static code made into one for this amount. Raises QrisInvalid; so does an amount not in rupiah."""
    return write({**read(static), "01": "12", "53": _RUPIAH, "54": _amount(amount)})


def differs(text: str, amount: Money) -> str:
    """Why a code is not one for this amount, or an empty text when it is, or when it says nothing of an amount.

    Raises QrisInvalid.
    """
    values = read(text)
    if values.get("53", _RUPIAH) != _RUPIAH or amount.currency.code != "IDR":
        return "qr_currency_differs"
    if "54" not in values:
        return ""
    try:
        told = Decimal(values["54"])
    except InvalidOperation as error:
        raise QrisInvalid("the amount is not a number") from error
    return "" if told == amount.major() else "qr_amount_differs"


def merchant(name: str, city: str, number: str) -> str:
    """A static code for a merchant of that name, with `number` as its national merchant id."""
    national = "0014ID.CO.QRIS.WWW" + f"02{len(number):02}{number}" + "0303UMI"
    account = "0017ID.CO.EXAMPLE.WWW" + "0118936000990000000011" + f"02{len(number):02}{number}" + "0303UMI"
    return write(
        {
            "00": "01",
            "01": "11",
            "26": account,
            "51": national,
            "52": "5812",
            "53": _RUPIAH,
            "58": "ID",
            "59": name[:25],
            "60": city[:15],
            "61": "10110",
        }
    )


def _amount(amount: Money) -> str:
    if amount.currency.code != "IDR" or amount.minor <= 0:
        raise QrisInvalid("QRIS amounts are rupiah above zero")
    return f"{amount.major():f}".removesuffix(".00")
