"""Who listens to whom: facts of one module on which another must act in the same unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from specie import (
    approvals,
    billing,
    cashback,
    checkout,
    crm,
    installments,
    ledger,
    opening,
    parties,
    payables,
    payments,
    payouts,
    portal,
    providers,
    purchases,
    reconciliation,
    sales,
    settlement,
    wallets,
)
from specie.app import customer_facts, erasure_store, event_types
from specie.app.deliveries import deliveries_about, events_about
from specie.identity import forget_users_of
from specie.identity import keys as identity_keys
from specie.identity import service as identity
from specie.identity.model import Tenant
from specie.identity.service import RegisteredUser
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.kernel.scope import Mode
from specie.parties import Party, PartyKind
from specie.payments import Payment
from specie.platform import idempotency
from specie.platform.db import UnitOfWork
from specie.platform.forgetting import forget_traffic
from specie.providers import Toolbox


@dataclass(frozen=True, slots=True)
class _Means:
    """What a listener works with."""

    toolbox: Toolbox
    currency: Currency


_SOURCES = {
    "cashback.mature": "promo",
    "wallets.transfer": "received",
    "wallets.exchange": "exchanged",
    "payments.capture": "collected",
    "payments.release": "collected",
    "settlement.settle": "collected",
    "installments.book": "sold",
    "installments.begin": "sold",
    "purchases.hand_over": "sold",
    "cashback.spend": "sold",
    "purchases.give_back": "returned",
    "installments.return": "returned",
    "payouts.return": "returned",
    "ledger.opening": "opening",
}
"""What money is called that has come into a wallet by these recipes; the rest is `other`."""

_ITS_MONEY = {
    "liability:payables:owed:": "a bill of the supplier is not paid",
    "asset:payables:advances:": "an advance to the supplier is not used up",
    "liability:billing:credits:": "credit of the customer is not used or paid back",
    "liability:billing:deposits:": "a deposit of the customer is not used or paid back",
    "liability:cashback:": "cashback or a cashback budget is not used up",
    "liability:settlement:": "a settlement keeps money back in reserve",
    "liability:payments:": "a refund is on its way or a dispute is not decided",
    "asset:debts:": "a debt of the party is not paid",
}
"""The codes of accounts beside its wallets that say what a party is owed or owes, and what that means."""

_means: _Means | None = None


def wire(toolbox: Toolbox, currency: Currency) -> None:
    """Connect the modules; their listeners work with this toolbox and currency from now on."""
    global _means
    _means = _Means(toolbox, currency)
    payments.set_checkout_page(checkout.page_path)
    purchases.set_page(checkout.order_path)
    purchases.set_vault(toolbox.vault)
    payments.set_party_names(_names_of_parties)
    payments.set_settled_parties(settlement.settled_parties)
    _connect()


@cache
def _connect() -> None:
    """Once per process, however often services are made in it."""
    idempotency.also_look_in(_key_of_entry)
    wallets.name_sources(_SOURCES)
    event_types.register()
    identity.on_tenant_created(_connect_simulator)
    identity.on_tenant_created(_open_pipeline)
    identity_keys.on_key_rotated(ledger.inherit_budgets)
    identity.on_user_registered(_open_customer)
    _connect_parties()
    providers.subscribe(payments.apply)
    providers.subscribe_payouts(payouts.apply)
    payouts.follow(payables.follow)
    ledger.on_reversal(billing.WITHDRAWAL)
    ledger.on_reversal(payables.WITHDRAWAL)
    approvals.on_decided(payouts.KIND, payouts.decided)
    approvals.on_decided(payments.REFUND_KIND, payments.refund_decided)
    approvals.on_decided(payments.ACCEPTANCE_KIND, payments.acceptance_decided)
    approvals.on_decided(payouts.BATCH_KIND, payouts.batch_decided)
    approvals.on_decided(ledger.JOURNAL_KIND, ledger.journal_decided)
    approvals.on_decided(opening.KIND, opening.decided)
    approvals.on_decided(parties.KYC_KIND, _decide_kyc)
    approvals.on_decided(parties.ERASURE_KIND, _decide_erasure)
    approvals.on_decided(purchases.REFUND_KIND, purchases.refund_decided)
    payments.follow(cashback.payment_settled)
    payments.follow(purchases.payment_paid)
    payments.keep_refunds(purchases.keeper)
    payments.keep_refunds(billing.keeper)
    payments.follow_end(purchases.payment_ended)
    payments.follow(billing.payment_settled)
    billing.before_credit(purchases.refuse_credit)
    billing.before_credit(sales.hold_credited)
    billing.follow_credit(sales.give_up_credited)
    payments.follow(installments.payment_paid)
    installments.follow_begin(purchases.order_begun)
    installments.keep_returns(purchases.order_keeper)
    payments.follow_end(installments.payment_ended)
    crm.add_facts("payments", customer_facts.payments)
    crm.add_facts("payouts", customer_facts.payouts)
    for kind in customer_facts.DOCUMENTS:
        crm.add_facts(kind, customer_facts.documents(kind))
    payments.add_detail("events", _events_of_payment)
    payments.add_detail("deliveries", _deliveries_of_payment)
    payments.add_detail("settlements", settlement.settlements_of)
    payments.add_detail("provider_money", reconciliation.money_of)


def _connect_parties() -> None:
    """Who follows a party's tier, and who has a say when one is to be forgotten."""
    parties.on_tier_changed(_follow_tier)
    parties.on_tier_changed(cashback.follow_verification)
    parties.before_erasure(_money_left)
    parties.before_erasure(installments.still_runs)
    parties.before_erasure(billing.still_owes)
    parties.before_erasure(sales.still_open)
    parties.before_erasure(purchases.still_held)
    parties.before_erasure(payments.still_disputed)
    parties.before_erasure(_merged_customers)
    parties.on_erased(payments.forget_customers)
    parties.on_erased(_forget_beneficiaries)
    parties.on_erased(_forget_access)
    parties.on_erased(portal.forget)
    parties.count_traces(erasure_store.count_traces)


async def _decide_kyc(uow: UnitOfWork, approval: approvals.Approval) -> None:
    """A second person has decided about a verification, and what is reviewed is sealed."""
    await parties.kyc_decided(uow, _given().toolbox.vault, approval)


async def _decide_erasure(uow: UnitOfWork, approval: approvals.Approval) -> None:
    """A second person has decided whether somebody is forgotten."""
    await parties.erasure_decided(uow, _given().toolbox.vault, approval)


async def _key_of_entry(uow: UnitOfWork, principal: str, key: str) -> dict[str, str] | None:
    """A batched posting is itself the record of its key."""
    return await ledger.fingerprint_by_command(uow, principal, key)


async def _connect_simulator(uow: UnitOfWork, tenant: Tenant) -> None:
    """A sandbox can collect at once: with money that is not real."""
    if tenant.mode is Mode.SANDBOX:
        await providers.connect(uow, _given().toolbox, provider="simulator", name="Simulator", credentials={})


async def _open_pipeline(uow: UnitOfWork, _tenant: Tenant) -> None:
    """Whoever begins to sell finds a pipeline with the usual stages."""
    await crm.open_first_pipeline(uow)


async def _merged_customers(uow: UnitOfWork, party_id: PartyId) -> str | None:
    return await crm.still_holds_others(uow, _given().toolbox.vault, party_id)


async def _open_customer(uow: UnitOfWork, person: RegisteredUser) -> PartyId | None:
    """Whoever signs up is a party with a wallet from the first moment."""
    means = _given()
    known = {"name": person.name, "email": person.email, **({"phone": person.phone} if person.phone else {})}
    party = await parties.create_party(uow, means.toolbox.vault, kind=PartyKind.PERSON, roles=["customer"], known=known)
    await wallets.open_wallet(uow, party.id, means.currency, tier=party.tier)
    return party.id


async def _follow_tier(uow: UnitOfWork, party: Party) -> None:
    """A verification's outcome puts every wallet of the party under the limits of its new tier."""
    for wallet in await wallets.wallets_of(uow, party.id):
        await wallets.apply_tier(uow, wallet, party.tier)


async def _money_left(uow: UnitOfWork, party_id: PartyId) -> str | None:
    """Why a party cannot be forgotten yet: somebody has to know whom its money belongs to."""
    owned = await wallets.wallets_of(uow, party_id)
    found = await wallets.balances(uow, owned)
    if any(money.minor for each in found.values() for money in (each.available, each.pending, each.held)):
        return "a wallet still holds money"
    for code, meaning in _ITS_MONEY.items():
        if await ledger.holds_money_of(uow, party_id, [code]):
            return meaning
    return None


def _given() -> _Means:
    if _means is None:
        raise RuntimeError("the modules have not been connected")
    return _means


async def _deliveries_of_payment(uow: UnitOfWork, payment: Payment) -> list[dict[str, object]]:
    return await deliveries_about(uow, str(payment.id))


async def _forget_beneficiaries(uow: UnitOfWork, party_id: PartyId, _contact: parties.Contact) -> None:
    await payouts.forget(uow, party_id)


async def _forget_access(uow: UnitOfWork, party_id: PartyId, _contact: parties.Contact) -> None:
    """Who signed in for the party, and what was said of it on the way in and out."""
    await forget_users_of(uow, party_id)
    await forget_traffic(uow, str(party_id))


async def _events_of_payment(uow: UnitOfWork, payment: Payment) -> list[dict[str, object]]:
    return await events_about(uow, str(payment.id))


async def _names_of_parties(uow: UnitOfWork, ids: Sequence[PartyId]) -> dict[PartyId, str]:
    return await parties.names(uow, _given().toolbox.vault, ids)
