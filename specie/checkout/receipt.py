"""The receipt of a payment on paper, in the words of its page."""

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import orjson
import typst

from specie.checkout.model import View
from specie.checkout.texts import TEXTS, amount_text, moment_text


def as_pdf(view: View, zone: ZoneInfo, language: str) -> bytes:
    """The receipt of a paid payment; needs a fraction of a second of the processor, so call it outside the event loop.

    The same payment always makes the same file. What the merchant wrote is data and never markup.
    """
    payment, words = view.payment, TEXTS[language]
    paid = moment_text(payment.paid_at, zone, language) if payment.paid_at else ""
    facts = [
        (words["for"], payment.description),
        (words["paid_at"], paid),
        (words["method"], words[view.attempt.kind.value] if view.attempt else ""),
        (words["reference"], payment.reference),
        ("ID", str(payment.id)),
    ]
    said = {
        "title": words["receipt"],
        "lang": language,
        "payee": view.brand.name,
        "colour": view.brand.colour,
        "note": words["test_mode"] if view.is_test else "",
        "amount": amount_text(payment.amount, language),
        "facts": [{"name": name, "value": value} for name, value in facts if value],
    }
    # Its own time would make every print of the same receipt another file.
    made: bytes = typst.compile(
        _template(), format="pdf", sys_inputs={"said": orjson.dumps(said).decode()}, timestamp=0
    )
    return made


@cache
def _template() -> bytes:
    return files("specie.checkout").joinpath("templates", "receipt.typ").read_bytes()
