"""What the catalogue tells."""

from typing import Any

from specie.catalogue.model import Product
from specie.events import EventType, NewEvent, register_type

_SAMPLE: dict[str, Any] = {
    "product": {
        "id": "prd_01jx3s5v0q8e5t9m2w4r6y8zab",
        "kind": "product",
        "name": "Kopi Gayo 1 kg",
        "sku": "GAYO-1",
        "barcode": "8991234567890",
        "unit": "bag",
        "status": "active",
        "version": 1,
    }
}
_PRODUCT = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("id", "kind", "name", "sku", "unit", "status")},
        "barcode": {"type": ["string", "null"]},
        "version": {"type": "integer"},
    },
}

for _name, _description in (
    ("product.created", "A product or service is in the catalogue."),
    ("product.changed", "Something about a product has changed; an archived one is in no new document."),
):
    register_type(
        EventType(
            name=_name,
            version=1,
            json_schema={"type": "object", "properties": {"product": _PRODUCT}},
            sample=_SAMPLE,
            description=_description,
        )
    )


def told(product: Product) -> NewEvent:
    """A product as it now is."""
    data = {
        "id": str(product.id),
        "kind": str(product.kind),
        "name": product.name,
        "sku": product.sku,
        "barcode": product.barcode,
        "unit": product.unit,
        "status": str(product.state),
        "version": product.version,
    }
    name = "product.created" if product.version == 1 else "product.changed"
    return NewEvent(
        type=name, subject=("product", str(product.id)), version=product.version, data={"product": data}, party_id=None
    )
