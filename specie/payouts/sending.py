"""Calling providers about payouts: record, commit, call, record. Each function opens its own units of work."""

from functools import partial

from specie.kernel.errors import Unavailable
from specie.kernel.ids import AttemptId, ConnectionId
from specie.payouts import attempts, beneficiaries, service, store
from specie.payouts.attempts import Ticket
from specie.payouts.errors import PayoutUnavailable
from specie.payouts.model import Attempt, Beneficiary, BeneficiaryId, BeneficiaryState, PayoutId, reference_of
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext
from specie.platform.vault import KeyRing
from specie.providers import (
    Accepted,
    AccountHolder,
    BankAccount,
    Heard,
    Outcome,
    PayoutAdapter,
    ProviderLink,
    ProviderPayout,
    Rejected,
    Toolbox,
    active_links,
    fact_of_payout,
    open_link,
    perform,
)


async def send(context: JobContext, payout_id: PayoutId) -> bool:
    """Order a payout unless that has been done. Returns whether this call dealt with it."""
    ticket = await context.db.run(
        context.scope, lambda uow: attempts.claim(uow, _toolbox(context), payout_id), label="payouts.claim"
    )
    if ticket is None:
        return False
    crash_point("payouts.send.claimed")
    attempt_id, adapter = ticket.attempt.id, _pays(ticket.link)
    if ticket.attempt.tries > 1:
        # Somebody died between the intent and its answer: what the provider knows counts, not what we meant to do.
        heard = await ask(context, attempt_id)
        if heard is Heard.SILENCE:
            await _lose_sight(context, attempt_id, "died and nobody answers")
        if heard is not Heard.NEVER:
            return True
    # Whose lease is over sends nothing any more: somebody else may have sent it meanwhile.
    until, call = ticket.attempt.leased_until, adapter.create_payout(ticket.request)
    outcome = await perform(ticket.link, call, _toolbox(context).outbound, until=until)
    crash_point("payouts.send.answered")
    await _record(context, ticket, outcome)
    crash_point("payouts.send.recorded")
    if not isinstance(outcome, Accepted | Rejected) and outcome.reason == "duplicate":
        await ask(context, attempt_id)
    return True


async def _record(context: JobContext, ticket: Ticket, outcome: Outcome[ProviderPayout]) -> None:
    async def record(uow: UnitOfWork) -> None:
        if isinstance(outcome, Accepted):
            await service.apply(uow, fact_of_payout(outcome.value, ticket.link.connection_id))
        elif isinstance(outcome, Rejected):
            await attempts.rejected(uow, ticket.attempt, outcome)
        else:
            await attempts.unknown(uow, ticket.attempt.id, outcome.reason)

    await context.db.run(context.scope, record, label="payouts.send.record")


async def _lose_sight(context: JobContext, attempt_id: AttemptId, reason: str) -> None:
    await context.db.run(
        context.scope, lambda uow: attempts.unknown(uow, attempt_id, reason), label="payouts.send.lost"
    )


async def ask(context: JobContext, attempt_id: AttemptId) -> Heard:
    """Ask the provider what became of an attempt and apply the answer."""

    async def load(uow: UnitOfWork) -> tuple[Attempt, ProviderLink]:
        attempt = await service.get_attempt(uow, attempt_id)
        return attempt, await open_link(uow, _toolbox(context), attempt.connection_id)

    attempt, link = await context.db.run(context.scope, load, label="payouts.ask.load")
    outcome = await perform(link, _pays(link).get_payout(reference_of(attempt.id)), _toolbox(context).outbound)
    crash_point("payouts.ask.answered")

    async def record(uow: UnitOfWork) -> Heard:
        if not isinstance(outcome, Accepted):
            return Heard.SILENCE
        if outcome.value is None:
            await attempts.never_arrived(uow, attempt_id)
            return Heard.NEVER
        await service.apply(uow, fact_of_payout(outcome.value, link.connection_id))
        return Heard.KNOWN

    return await context.db.run(context.scope, record, label="payouts.ask.record")


async def check(context: JobContext, payout_id: PayoutId) -> None:
    """Ask the provider now about a payout that has been sent. Raises PayoutMissing for another party's."""

    async def last(uow: UnitOfWork) -> Attempt | None:
        await service.get_payout(uow, payout_id)
        made = await store.attempts_of(uow, payout_id)
        return made[-1] if made else None

    attempt = await context.db.run(context.scope, last, label="payouts.check")
    if attempt is not None:
        await ask(context, attempt.id)


async def inquire(context: JobContext, beneficiary_id: BeneficiaryId) -> Beneficiary:
    """Ask the bank whose account it is, and write the answer down. Raises Unavailable when nobody answers.

    Raises PayoutUnavailable when no connection can ask.
    """
    toolbox = _toolbox(context)

    async def load(uow: UnitOfWork) -> tuple[Beneficiary, BankAccount, list[ProviderLink]]:
        found = await beneficiaries.get(uow, beneficiary_id)
        details = (await beneficiaries.details_of(uow, toolbox.vault, [found.id])).get(found.id)
        account = BankAccount(found.rail, found.bank_code, details.number if details else "")
        links = [each for each in await active_links(uow, toolbox) if _can_ask(each, account)]
        return found, account, links

    beneficiary, account, links = await context.db.run(context.scope, load, label="payouts.inquire.load")
    if beneficiary.state not in (BeneficiaryState.CHECKING, BeneficiaryState.REJECTED):
        return beneficiary
    if not links:
        raise PayoutUnavailable("no connection can ask about this account", param="rail")
    for link in links:
        outcome = await perform(link, _pays(link).inquire_account(account), toolbox.outbound)
        crash_point("payouts.inquire.answered")
        if isinstance(outcome, Accepted):
            record = partial(
                _checked, ring=toolbox.vault, asked=(beneficiary_id, link.connection_id), found=outcome.value
            )
            return await context.db.run(context.scope, record, label="payouts.inquire.record")
    raise Unavailable("the bank does not answer; it is asked again")


async def _checked(
    uow: UnitOfWork, ring: KeyRing, asked: tuple[BeneficiaryId, ConnectionId], found: AccountHolder | None
) -> Beneficiary:
    return await beneficiaries.checked(uow, ring, asked[0], asked[1], found)


def _can_ask(link: ProviderLink, account: BankAccount) -> bool:
    able = link.adapter.capabilities()
    return isinstance(link.adapter, PayoutAdapter) and able.account_inquiry and account.rail in able.payout_rails


def _pays(link: ProviderLink) -> PayoutAdapter:
    if not isinstance(link.adapter, PayoutAdapter):
        raise PayoutUnavailable("this connection does not pay out", param="connection_id")
    return link.adapter


def _toolbox(context: JobContext) -> Toolbox:
    toolbox: Toolbox = context.services["providers"]
    return toolbox
