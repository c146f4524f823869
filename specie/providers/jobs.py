"""Processing stored callbacks in the background."""

from collections.abc import Sequence
from dataclasses import replace

from specie.kernel.errors import SpecieError
from specie.kernel.ids import CallbackId
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext, job
from specie.providers import inbox
from specie.providers.capture_model import CaptureFact, capturing
from specie.providers.connections import ProviderLink, Toolbox, open_link
from specie.providers.dispute_model import DisputeAdapter, DisputeFact, DisputeQuestion
from specie.providers.errors import CallbackUnreadable, ProviderSilent
from specie.providers.facts import Fact
from specie.providers.inbox import StoredCallback
from specie.providers.method_model import MethodFact
from specie.providers.model import Accepted, PayoutFact, fact_of
from specie.providers.payouts import PayoutAdapter, fact_of_payout
from specie.providers.refund_model import NamingAdapter, RefundFact, RefundQuestion, refunding
from specie.providers.transport import perform


@job(inbox.PROCESS)
async def process_callback(context: JobContext, callback_id: str) -> None:
    """Read a stored callback, ask the provider about what is not signed, and apply the rest."""
    toolbox: Toolbox = context.services["providers"]
    wanted = CallbackId.parse(callback_id)

    async def load(uow: UnitOfWork) -> tuple[ProviderLink, StoredCallback]:
        row = await inbox.get_callback(uow, wanted)
        link = await open_link(uow, toolbox, row.connection_id)
        return link, await inbox.opened(uow, row, link)

    link, stored = await context.db.run(context.scope, load, label="providers.callback.load")
    try:
        facts = inbox.facts_of(link, stored)
    except CallbackUnreadable as error:
        await _bury(context, wanted, str(error))
        return
    await _settle(context, wanted, link, facts)


async def _settle(context: JobContext, wanted: CallbackId, link: ProviderLink, facts: Sequence[Fact]) -> None:
    """Apply what a callback tells. One that cannot be applied is parked or buried, so that it never just stays."""
    toolbox: Toolbox = context.services["providers"]
    try:
        known = [await _established(link, fact, toolbox) for fact in facts]
        await context.db.run(
            context.scope, lambda uow: inbox.settle(uow, wanted, known), label="providers.callback.settle"
        )
    except ProviderSilent:
        await context.db.run(context.scope, lambda uow: inbox.put_off(uow, wanted), label="providers.callback.put_off")
    except SpecieError as refusal:
        if refusal.retryable:
            raise
        await _bury(context, wanted, f"refused: {refusal.detail}")


async def _bury(context: JobContext, wanted: CallbackId, reason: str) -> None:
    await context.db.run(context.scope, lambda uow: inbox.bury(uow, wanted, reason), label="providers.callback.bury")


async def _established(link: ProviderLink, fact: Fact, toolbox: Toolbox) -> Fact:
    """The fact itself when it is wholly signed, else the provider's answer when asked. Raises ProviderSilent."""
    if isinstance(fact, MethodFact):
        return fact
    return await _named(link, await _believable(link, fact, toolbox), toolbox)


async def _believable(link: ProviderLink, fact: Fact, toolbox: Toolbox) -> Fact:
    if isinstance(fact, MethodFact) or not fact.must_requery:
        return fact
    if isinstance(fact, PayoutFact):
        return await _established_payout(link, fact, toolbox)
    if isinstance(fact, RefundFact):
        return await _asked_refund(link, fact, toolbox)
    if isinstance(fact, DisputeFact):
        return await _asked_dispute(link, fact, toolbox)
    if isinstance(fact, CaptureFact):
        return await _asked_capture(link, fact, toolbox)
    answer = await perform(link, link.adapter.get_charge(fact.reference, fact.provider_ref), toolbox.outbound)
    if not isinstance(answer, Accepted):
        raise ProviderSilent(f"asked about {fact.reference}")
    if answer.value is None:
        return replace(fact, reference="", provider_ref="")
    return replace(fact_of(answer.value, link.connection_id), callback_id=fact.callback_id)


async def _established_payout(link: ProviderLink, fact: PayoutFact, toolbox: Toolbox) -> PayoutFact:
    adapter = link.adapter
    if not isinstance(adapter, PayoutAdapter):
        return replace(fact, reference="", provider_ref="")
    answer = await perform(link, adapter.get_payout(fact.reference), toolbox.outbound)
    if not isinstance(answer, Accepted):
        raise ProviderSilent(f"asked about {fact.reference}")
    if answer.value is None:
        return replace(fact, reference="", provider_ref="")
    return replace(fact_of_payout(answer.value, link.connection_id), callback_id=fact.callback_id)


async def _named(link: ProviderLink, fact: Fact, toolbox: Toolbox) -> Fact:
    """The fact with our reference of its charge, where the provider tells only its own. Raises ProviderSilent."""
    adapter = link.adapter
    if not isinstance(fact, RefundFact | DisputeFact) or fact.charge_reference or not fact.charge_ref:
        return fact
    if not isinstance(adapter, NamingAdapter):
        return fact
    answer = await perform(link, adapter.name_charge(fact.charge_ref), toolbox.outbound)
    if not isinstance(answer, Accepted):
        raise ProviderSilent(f"asked about {fact.charge_ref}")
    return replace(fact, charge_reference=answer.value)


async def _asked_dispute(link: ProviderLink, fact: DisputeFact, toolbox: Toolbox) -> Fact:
    nowhere = replace(fact, charge_reference="", charge_ref="", provider_ref="")
    if not isinstance(link.adapter, DisputeAdapter):
        # Nobody can be asked: one that is not signed is for the inbox alone.
        return nowhere
    asked = DisputeQuestion(fact.provider_ref, fact.charge_reference)
    answer = await perform(link, link.adapter.get_dispute(asked), toolbox.outbound)
    if not isinstance(answer, Accepted):
        raise ProviderSilent(f"asked about {fact.provider_ref}")
    return nowhere if answer.value is None else replace(answer.value, callback_id=fact.callback_id)


async def _asked_refund(link: ProviderLink, fact: RefundFact, toolbox: Toolbox) -> Fact:
    adapter = refunding(link.adapter)
    nowhere = replace(fact, reference="", provider_ref="", charge_reference="")
    if adapter is None or not (fact.reference or fact.provider_ref):
        return nowhere
    asked = RefundQuestion(fact.reference, fact.charge_reference, fact.charge_ref, fact.provider_ref)
    answer = await perform(link, adapter.get_refund(asked), toolbox.outbound)
    if not isinstance(answer, Accepted):
        raise ProviderSilent(f"asked about {fact.reference or fact.provider_ref}")
    if answer.value is None:
        return nowhere
    return replace(RefundFact.told(answer.value, link.connection_id), callback_id=fact.callback_id)


async def _asked_capture(link: ProviderLink, fact: CaptureFact, toolbox: Toolbox) -> Fact:
    adapter = capturing(link.adapter)
    nowhere = replace(fact, reference="", provider_ref="", charge_reference="")
    if adapter is None:
        return nowhere
    answer = await perform(link, adapter.get_capture(fact.reference, fact.charge_reference), toolbox.outbound)
    if not isinstance(answer, Accepted):
        raise ProviderSilent(f"asked about {fact.reference}")
    if answer.value is None:
        return nowhere
    return replace(CaptureFact.told(answer.value, link.connection_id), callback_id=fact.callback_id)


@job("providers.clean_callbacks")
async def clean_callbacks(context: JobContext) -> None:
    """Erase the bytes of callbacks that were finished long ago."""
    await context.db.run(context.scope, inbox.clean, label="providers.clean_callbacks")
