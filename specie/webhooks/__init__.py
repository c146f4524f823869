"""Pushing the feed to tenants' servers, as Standard Webhooks describes.

Owns endpoints with their secrets, how far each feed has been fanned out, deliveries and their attempts. The routes
are in `specie.webhooks.routes`; the worker runs `fan_out` and `Sender.step` in loops.
"""

from specie.webhooks.invariants import INVARIANTS
from specie.webhooks.jobs import AdminAddresses, fan_out
from specie.webhooks.model import Delivery, DeliveryState, Endpoint, EndpointState, NewEndpoint
from specie.webhooks.sender import Sender
from specie.webhooks.service import create, deliveries_of

__all__ = [
    "INVARIANTS",
    "AdminAddresses",
    "Delivery",
    "DeliveryState",
    "Endpoint",
    "EndpointState",
    "NewEndpoint",
    "Sender",
    "create",
    "deliveries_of",
    "fan_out",
]
