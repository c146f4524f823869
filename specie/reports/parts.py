"""Ids that are explained by the id of something else, and which one; the sentences are shown to callers."""

from collections.abc import Mapping

PARTS: Mapping[str, str] = {
    "alc": "so much of a receipt or credit note for one invoice: explain the invoice",
    "att": "one try of a payment or payout: explain the payment or payout, which lists its tries",
    "aud": "a line of the audit log explains itself: GET /audit; explain its request to see what else was done",
    "brf": "a refund of a purchase: explain the purchase, or the refund of its payment",
    "cap": "a part of an authorised payment: explain the payment",
    "chk": "the page on which a payment is made: explain the payment",
    "dlv": "an event on its way: explain the event, which lists its deliveries",
    "dsp": "a dispute is told of its payment: explain the payment",
    "exc": "something about a payment that a person looks at: explain the payment",
    "grn": "goods that came in for a purchase order: explain the order",
    "iqt": "what paying an order off would cost; it posts nothing: explain the order",
    "mon": "a line on an account's balance; it posts nothing: explain the account",
    "ntc": "what one person was told of an event: explain the event",
    "rln": "one line of a statement that was taken in: explain the import, or the match",
    "shp": "goods of an order that left: explain the sales order",
    "stg": "one step of a pipeline: explain the pipeline",
}
"""By prefix, why there is nothing to explain under it."""
