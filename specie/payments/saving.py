"""Saving ways to pay: the customer's consent first, then the provider's token; and taking one away again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from specie import audit, parties
from specie.kernel.ids import PartyId, PaymentId
from specie.kernel.money import Money
from specie.payments import method_store, service
from specie.payments.errors import MerchantRequired, MethodMissing, MethodUnavailable
from specie.payments.method_model import FORGET, MethodId, MethodState, SavedMethod, method_of_reference
from specie.payments.model import Payment, PaymentKind
from specie.payments.service import CreatePayment
from specie.platform import due, jobs
from specie.platform.db import UnitOfWork
from specie.providers import (
    ChargeKind,
    Handling,
    MethodFact,
    ProviderLink,
    Toolbox,
    active_links,
)

SAVE = "payments.save_method"
ASK = "payments.ask_method"
HEARD = -1
"""Stands for a question that nobody planned."""
CHARGE_SAVED = "payments.charge_saved"

_DAY_SECONDS = 23 * 3600
_FIRST_ASK_SECONDS = 5
_LONGEST_ASK_SECONDS = 900


@dataclass(frozen=True, slots=True)
class SaveMethod:
    """A way to pay to be kept for later charges; `agreed_to` is the sentence the customer said yes to."""

    party_id: PartyId | None
    kind: ChargeKind
    agreed_to: str
    scenario: str = ""


async def save(uow: UnitOfWork, toolbox: Toolbox, command: SaveMethod) -> SavedMethod:
    """Write down that a customer's way to pay is to be kept; the provider is asked next.

    Raises MerchantRequired, PartyMissing, or MethodUnavailable when no active connection keeps such ways to pay.
    """
    party_id = uow.scope.party_id or command.party_id
    if party_id is None:
        raise MerchantRequired("say whose way to pay is saved", param="party_id")
    if party_id not in await parties.tiers(uow, [party_id]):
        raise parties.PartyMissing(f"there is no party {party_id}", param="party_id")
    for link in await active_links(uow, toolbox):
        if command.kind in link.adapter.capabilities().saved_kinds:
            made = _new(uow, party_id, command, link)
            await method_store.insert_method(uow, made)
            await _note(uow, "save", made)
            await jobs.defer(uow, SAVE, method_id=str(made.id))
            return made
    raise MethodUnavailable(f"no connection keeps a way to pay by {command.kind}", param="kind")


def _new(uow: UnitOfWork, party_id: PartyId, command: SaveMethod, link: ProviderLink) -> SavedMethod:
    consent = {"text": command.agreed_to, "at": uow.now.isoformat(), "by": str(uow.scope.actor)}
    return SavedMethod(
        id=MethodId.new(),
        party_id=party_id,
        connection_id=link.connection_id,
        kind=command.kind,
        label="Card" if command.kind is ChargeKind.CARD else "E-wallet",
        state=MethodState.WAITING,
        consent=consent,
        created_at=uow.now,
        updated_at=uow.now,
        scenario=command.scenario,
    )


async def kinds_kept(uow: UnitOfWork, toolbox: Toolbox) -> list[ChargeKind]:
    """The ways to pay that some active connection keeps, by name."""
    return sorted(
        {kind for link in await active_links(uow, toolbox) for kind in link.adapter.capabilities().saved_kinds}
    )


async def heard(uow: UnitOfWork, fact: MethodFact) -> Handling:
    """A provider has news of a method: it is asked which."""
    method_id = method_of_reference(fact.reference)
    found = await method_store.method_by_id(uow, method_id) if method_id else None
    if found is None or found.connection_id != fact.connection_id:
        return Handling.UNKNOWN_REFERENCE
    if found.state is not MethodState.WAITING:
        return Handling.IGNORED
    await jobs.defer(uow, ASK, method=str(found.id.uuid), asked=HEARD)
    return Handling.APPLIED


async def ask_later(uow: UnitOfWork, method_id: MethodId, asked: int) -> None:
    """Plan the next question about a method that waits for its customer: after 5, 10, 20 … seconds.

    At most every quarter of an hour, and for as long as a customer may take.
    """
    wait = min(_LONGEST_ASK_SECONDS, _FIRST_ASK_SECONDS * 2 ** min(asked, 10))
    payload = {"method": str(method_id.uuid), "asked": asked}
    await due.schedule(uow, kind=ASK, at=uow.now + timedelta(seconds=wait), payload=payload)


async def get(uow: UnitOfWork, method_id: MethodId, *, lock: bool = False) -> SavedMethod:
    """One saved method. Raises MethodMissing, also for another party's."""
    found = await method_store.method_by_id(uow, method_id, lock=lock)
    if found is None:
        raise MethodMissing(f"there is no saved method {method_id}")
    return found


async def remove(uow: UnitOfWork, method_id: MethodId) -> SavedMethod:
    """Charge a method no more and have its provider forget it; what was charged stays. Raises MethodMissing.

    The token is kept until the provider has said that it is worth nothing any more.
    """
    found = await get(uow, method_id, lock=True)
    removed = replace(found, state=MethodState.REMOVED, page_url=None)
    await method_store.save_method(uow, removed)
    if removed.is_known_there:
        await jobs.defer(uow, FORGET, method_id=str(method_id))
    await _note(uow, "remove", removed)
    return removed


async def to_charge(uow: UnitOfWork, owners: Sequence[PartyId]) -> dict[PartyId, SavedMethod]:
    """The method each of some parties is charged by: its newest active one. Those without any are left out."""
    found: dict[PartyId, SavedMethod] = {}
    for each in await method_store.methods_of(uow, owners):
        if each.state is MethodState.ACTIVE:
            found.setdefault(each.party_id, each)
    return found


async def charge(uow: UnitOfWork, method: SavedMethod, reference: str, amount: Money, why: str) -> Payment:
    """Have an amount taken from a saved method into its owner's wallet; the reference is unique for the owner.

    What becomes of it is told to whoever follows payments, within a day.
    """
    command = CreatePayment(
        party_id=method.party_id,
        reference=reference,
        amount=amount,
        description=why,
        kind=PaymentKind.TOP_UP,
        expires_in=_DAY_SECONDS,
        metadata={"simulator": method.scenario} if method.scenario else {},
        method_id=method.id,
    )
    payment = await service.create(uow, None, command)
    await due.schedule(uow, kind=CHARGE_SAVED, at=uow.now, payload={"payment": str(payment.id.uuid)})
    return payment


async def chargeable(uow: UnitOfWork, payment_id: PaymentId) -> SavedMethod | None:
    """The method a payment is to be taken from now; None when it was removed, and then the payment is called off."""
    payment = await service.get_payment(uow, payment_id)
    method = await get(uow, payment.method_id) if payment.method_id else None
    if not payment.is_open:
        return None
    if method is None or method.state is not MethodState.ACTIVE:
        await service.cancel(uow, payment_id)
        return None
    return method


async def _note(uow: UnitOfWork, act: str, method: SavedMethod) -> None:
    after = {"party_id": str(method.party_id), "kind": method.kind.value}
    await audit.record(uow, action=f"payment_method.{act}", subject=("payment_method", str(method.id)), after=after)
