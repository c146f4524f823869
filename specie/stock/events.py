"""What stock tells."""

from collections.abc import Sequence
from typing import Any

from specie.events import EventType, NewEvent, register_type
from specie.kernel.ids import EntryId
from specie.kernel.quantity import Quantity
from specie.stock.model import Cause, Level, Movement, Promise

_PRODUCT, _WAREHOUSE = "prd_01jx3s5v0q8e5t9m2w4r6y8zab", "whs_01jx3s5v0q8e5t9m2w4r6y8zab"
_AMOUNT = {"type": "object", "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}}}
_TEXT = {"type": "string"}
_LINE = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("movement_id", "kind", "warehouse_id", "product_id", "quantity", "on_hand"), _TEXT),
        "value": _AMOUNT,
    },
}

register_type(
    EventType(
        name="stock.moved",
        version=1,
        json_schema={
            "type": "object",
            "properties": {
                "entry_id": {"type": ["string", "null"]},
                "effective_at": _TEXT,
                "cause": {"type": ["string", "null"]},
                "lines": {"type": "array", "items": _LINE},
            },
        },
        sample={
            "entry_id": "txn_01jx3s5v0q8e5t9m2w4r6y8zab",
            "effective_at": "2026-11-21T08:00:00+00:00",
            "cause": "inv_01jx3s5v0q8e5t9m2w4r6y8zab",
            "lines": [
                {
                    "movement_id": "mov_01jx3s5v0q8e5t9m2w4r6y8zab",
                    "kind": "delivery",
                    "warehouse_id": _WAREHOUSE,
                    "product_id": _PRODUCT,
                    "quantity": "-2",
                    "on_hand": "10",
                    "value": {"amount": -24_000_000, "currency": "IDR"},
                }
            ],
        },
        description="Goods came in, went out or were counted; value is signed and is what was posted.",
    )
)
register_type(
    EventType(
        name="stock.low",
        version=1,
        json_schema={
            "type": "object",
            "properties": dict.fromkeys(("warehouse_id", "product_id", "on_hand", "available", "reorder_at"), _TEXT),
        },
        sample={
            "warehouse_id": _WAREHOUSE,
            "product_id": _PRODUCT,
            "on_hand": "4",
            "available": "3",
            "reorder_at": "5",
        },
        description="What is available of a product has come down to its reorder point.",
    )
)
register_type(
    EventType(
        name="stock.kept_aside",
        version=1,
        json_schema={
            "type": "object",
            "properties": dict.fromkeys(("warehouse_id", "product_id", "cause", "quantity", "missing"), _TEXT),
        },
        sample={
            "warehouse_id": _WAREHOUSE,
            "product_id": _PRODUCT,
            "cause": "ord_01jx3s5v0q8e5t9m2w4r6y8zab",
            "quantity": "4",
            "missing": "0",
        },
        description="Goods are kept aside for an order or an invoice, which goes on waiting for what is missing.",
    )
)


def moved(movements: Sequence[Movement], entry_id: EntryId | None) -> NewEvent:
    """A document's movements."""
    first = movements[0]
    data: dict[str, Any] = {
        "entry_id": str(entry_id) if entry_id else None,
        "effective_at": first.effective_at.isoformat(),
        "cause": first.cause.id if first.cause else None,
        "lines": [_line(each) for each in movements],
    }
    return NewEvent(type="stock.moved", subject=("stock_movement", str(first.id)), version=1, data=data, party_id=None)


def low(level: Level) -> NewEvent:
    """It is time to buy again."""
    data = {
        "warehouse_id": str(level.warehouse.id),
        "product_id": str(level.product_id),
        "on_hand": str(level.on_hand),
        "available": str(level.available),
        "reorder_at": str(level.reorder_at),
    }
    return _about_level("stock.low", level, data)


def kept_aside(level: Level, cause: Cause, quantity: Quantity, now: Promise) -> NewEvent:
    """A document that waited has got goods."""
    data = {
        "warehouse_id": str(level.warehouse.id),
        "product_id": str(level.product_id),
        "cause": cause.id,
        "quantity": str(quantity),
        "missing": str(now.missing),
    }
    return _about_level("stock.kept_aside", level, data)


def _about_level(kind: str, level: Level, data: dict[str, Any]) -> NewEvent:
    subject = ("stock_level", f"{level.warehouse.id}/{level.product_id}")
    return NewEvent(type=kind, subject=subject, version=max(level.number, 1), data=data, party_id=None)


def _line(of: Movement) -> dict[str, Any]:
    return {
        "movement_id": str(of.id),
        "kind": str(of.kind),
        "warehouse_id": str(of.warehouse_id),
        "product_id": str(of.product_id),
        "quantity": str(of.quantity),
        "on_hand": str(of.on_hand),
        "value": {"amount": of.value.minor, "currency": of.value.currency.code},
    }
