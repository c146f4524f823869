"""One thing of every kind that a path can name, made in a tenant; and ids of nothing."""

from typing import Any

from specie import ledger
from specie.app.wiring import Services
from specie.identity.scopes import system_scope
from specie.kernel import ids
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.payments.model import ExceptionId
from tests.app.callers import Organisation

_KINDS: dict[str, type[ids.PrefixedId]] = {
    "account_id": ids.AccountId,
    "callback_id": ids.CallbackId,
    "connection_id": ids.ConnectionId,
    "delivery_id": ids.DeliveryId,
    "document_id": ids.DocumentId,
    "endpoint_id": ids.EndpointId,
    "entry_id": ids.EntryId,
    "event_id": ids.EventId,
    "exception_id": ExceptionId,
    "hold_id": ids.HoldId,
    "id": ids.EntryId,
    "payment_link_id": ids.PaymentLinkId,
    "party_id": ids.PartyId,
    "payment_id": ids.PaymentId,
    "request_id": ids.RequestId,
    "transfer_id": ids.TransferId,
    "wallet_id": ids.WalletId,
}


def unknown() -> dict[str, str]:
    """For each name in a path a well-formed id of nothing."""
    named = {name: str(kind.new()) for name, kind in _KINDS.items()}
    return named | {"idempotency_key": "never-used", "tier": "none", "currency": "IDR"}


async def made_by(services: Services, organisation: Organisation) -> dict[str, str]:
    """For each name in a path the id of a thing of this organisation."""
    scope = system_scope(organisation.live)
    currency = Currency.of("IDR")
    made: dict[str, Any] = {"request_id": scope.request_id}
    async with services.db.begin(scope, idempotency_key="k-theirs") as uow:
        cash = await ledger.open_account(uow, AccountSpec("asset:cash", AccountType.ASSET, currency))
        due = await ledger.open_account(uow, AccountSpec("liability:due", AccountType.LIABILITY, currency))
        leg = Leg(cash.id, due.id, Money(100, currency))
        entry = await ledger.post(uow, EntryDraft(recipe=Recipe("test.move", 1), legs=[leg]))
        made |= {"account_id": cash.id, "entry_id": entry.id, "id": entry.id}
    return {name: str(value) for name, value in made.items()}
