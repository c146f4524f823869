"""Values of customer relations as the wire shows them, with the names of people beside their ids."""

from collections.abc import Collection, Sequence

from specie import identity, parties, wallets
from specie.crm import customer_store, merging, opening, opportunities, store
from specie.crm.model import Activity, Fact, Merge, MergeId, Opportunity, OpportunityFilter, Outcome
from specie.crm.opportunities import Board, Desk
from specie.crm.schemas import (
    ActivityOut,
    ColumnOut,
    ContactOut,
    CustomerListed,
    CustomerOut,
    FactOut,
    MergeOut,
    OpportunityOut,
    PipelineBoardOut,
    PipelineOut,
    PurseOut,
    StageOut,
)
from specie.kernel.ids import PartyId, UserId
from specie.kernel.pagination import Page
from specie.parties import ERASED, Party
from specie.platform.db import UnitOfWork
from specie.platform.wire import Amount

_OPEN_SHOWN = 50


async def opportunity_outs(uow: UnitOfWork, desk: Desk, shown: Sequence[Opportunity]) -> list[OpportunityOut]:
    """Opportunities with their customers', owners' and next activities' facts."""
    names = await parties.names(uow, desk.vault, list({one.party_id for one in shown}))
    owners = await _owners(uow, desk, {one.owner_id for one in shown if one.owner_id})
    due = await opportunities.next_due(uow, list(shown))
    return [
        OpportunityOut(
            id=str(one.id),
            pipeline_id=str(one.pipeline_id),
            stage_id=str(one.stage_id),
            party_id=str(one.party_id),
            customer_name=names.get(one.party_id, ERASED),
            title=one.title,
            amount=Amount.of(one.amount),
            expected_close=one.expected_close,
            owner_id=str(one.owner_id) if one.owner_id else None,
            owner_name=owners.get(one.owner_id) if one.owner_id else None,
            outcome=one.outcome.value,
            lost_reason=one.lost_reason,
            next_due_at=due.get(one.id),
            version=one.version,
            created_at=one.created_at,
            moved_at=one.moved_at,
            closed_at=one.closed_at,
        )
        for one in shown
    ]


async def board_out(uow: UnitOfWork, desk: Desk, board: Board) -> PipelineBoardOut:
    """A pipeline as columns."""
    cards = await opportunity_outs(uow, desk, board.cards)
    columns = []
    for stage in board.pipeline.stages:
        sums = [one for one in board.sums if one.stage_id == stage.id]
        columns.append(
            ColumnOut(
                stage=StageOut.of(stage),
                number=sum(one.number for one in sums),
                sums=[Amount.of(one.amount) for one in sums],
                opportunities=[card for card in cards if card.stage_id == str(stage.id)],
            )
        )
    return PipelineBoardOut(pipeline=PipelineOut.of(board.pipeline), columns=columns)


async def activity_outs(uow: UnitOfWork, desk: Desk, shown: Sequence[Activity]) -> list[ActivityOut]:
    """Activities with the names of customers and owners."""
    names = await parties.names(uow, desk.vault, list({one.party_id for one in shown}))
    owners = await _owners(uow, desk, {one.owner_id for one in shown if one.owner_id})
    return [
        ActivityOut(
            id=str(one.id),
            party_id=str(one.party_id),
            customer_name=names.get(one.party_id, ERASED),
            opportunity_id=str(one.opportunity_id) if one.opportunity_id else None,
            kind=one.kind.value,
            subject=one.subject,
            owner_id=str(one.owner_id) if one.owner_id else None,
            owner_name=owners.get(one.owner_id) if one.owner_id else None,
            due_at=one.due_at,
            done_at=one.done_at,
            version=one.version,
        )
        for one in shown
    ]


async def fact_outs(uow: UnitOfWork, desk: Desk, page: Page[Fact]) -> Page[FactOut]:
    """A part of a timeline with the names of those who acted."""
    names = await identity.names_of(uow, desk.people, {fact.actor for fact in page.items if fact.actor})
    return page.map(
        lambda fact: FactOut(
            kind=fact.kind,
            id=fact.id,
            at=fact.at,
            title=fact.title,
            amount=Amount.of(fact.amount) if fact.amount is not None else None,
            status=fact.status,
            actor_name=names.get(fact.actor) if fact.actor else None,
            opens=fact.opens or fact.id,
        )
    )


async def merge_outs(uow: UnitOfWork, desk: Desk, merges: Sequence[Merge]) -> list[MergeOut]:
    """Merges with the names of who went on as another."""
    names = await parties.names(uow, desk.vault, [one.merged_id for one in merges])
    return [
        MergeOut(
            id=str(one.id),
            survivor_id=str(one.survivor_id),
            merged_id=str(one.merged_id),
            merged_name=names.get(one.merged_id, ERASED),
            at=one.at,
            undone_at=one.undone_at,
        )
        for one in merges
    ]


async def merge_by_id(uow: UnitOfWork, desk: Desk, merge_id: MergeId) -> MergeOut:
    """One merge. Raises MergeMissing."""
    return (await merge_outs(uow, desk, [await merging.get(uow, merge_id)]))[0]


async def customers_listed(uow: UnitOfWork, page: Page[Party]) -> Page[CustomerListed]:
    """Customers with what is open and due with each."""
    ids = [party.id.uuid for party in page.items]
    sums = await store.open_sums(uow, ids)
    due = await customer_store.next_due_of_parties(uow, ids)
    into = await customer_store.merged_into(uow, ids)
    return page.map(
        lambda party: CustomerListed(
            party_id=str(party.id),
            name=party.display_name,
            kind=party.kind.value,
            roles=sorted(party.roles),
            kyc_state=party.kyc_state.value,
            open=[Amount.of(one) for one in sums.get(party.id.uuid, [])],
            next_due_at=due.get(party.id.uuid),
            merged_into=str(PartyId(into[party.id.uuid])) if party.id.uuid in into else None,
        )
    )


async def customer_out(uow: UnitOfWork, desk: Desk, party_id: PartyId) -> CustomerOut:
    """A customer from all sides, together with those merged into it. Raises PartyMissing."""
    party = await parties.get_party(uow, desk.vault, party_id)
    everybody, merges = await merging.aliases(uow, party_id)
    wanted = OpportunityFilter(party_ids=tuple(everybody), outcome=Outcome.OPEN)
    deals = await store.list_opportunities(uow, wanted, None, _OPEN_SHOWN)
    todo = await customer_store.activities(uow, parties=everybody, limit=_OPEN_SHOWN)
    into = await customer_store.merged_into(uow, [party_id.uuid])
    person = party.person
    return CustomerOut(
        party_id=str(party.id),
        name=party.display_name,
        kind=party.kind.value,
        roles=sorted(party.roles),
        email=person.email or None if person else None,
        phone=person.phone or None if person else None,
        kyc_state=party.kyc_state.value,
        merged_into=str(PartyId(into[party_id.uuid])) if into else None,
        purses=await _purses(uow, everybody),
        contacts=await contact_outs(uow, desk, everybody),
        opportunities=await opportunity_outs(
            uow, desk, await opening.opportunities(uow, desk.vault, list(deals.items))
        ),
        activities=await activity_outs(uow, desk, await opening.activities(uow, desk.vault, list(todo.items))),
        merges=await merge_outs(uow, desk, merges),
    )


async def contact_outs(uow: UnitOfWork, desk: Desk, everybody: Sequence[PartyId]) -> list[ContactOut]:
    """Who is to be talked to at these companies, and where these people work."""
    rows = await customer_store.contacts(uow, everybody)
    people = {PartyId(row["person_id"]) for row in rows}
    names = await parties.names(uow, desk.vault, [*people, *{PartyId(row["company_id"]) for row in rows}])
    known = {one.id: one.person for one in (await parties.get_parties(uow, desk.vault, list(people))).values()}
    pens = await parties.pens(uow, desk.vault, people)
    found = []
    for row in rows:
        company, person = PartyId(row["company_id"]), PartyId(row["person_id"])
        found.append(
            ContactOut(
                company_id=str(company),
                company_name=names.get(company, ERASED),
                person_id=str(person),
                person_name=names.get(person, ERASED),
                email=(told.email or None) if (told := known.get(person)) else None,
                phone=(told.phone or None) if told else None,
                position=opening.position_of(pens.get(person), company, person, row["position"]),
            )
        )
    return found


async def _purses(uow: UnitOfWork, everybody: Sequence[PartyId]) -> list[PurseOut]:
    purses = [wallet for party in everybody for wallet in await wallets.wallets_of(uow, party)]
    # What only passes on its way to them is not theirs to see as a balance.
    owned = [wallet for wallet in purses if wallet.purpose != wallets.PASSING]
    found = await wallets.balances(uow, owned)
    return [
        PurseOut(
            wallet_id=str(wallet.id),
            purpose=wallet.purpose,
            available=Amount.of(found[wallet.id].available),
            pending=Amount.of(found[wallet.id].pending),
            held=Amount.of(found[wallet.id].held),
        )
        for wallet in owned
    ]


async def _owners(uow: UnitOfWork, desk: Desk, users: Collection[UserId]) -> dict[UserId, str]:
    found = await identity.members_by_users(uow, desk.people, sorted(users, key=str)) if users else []
    return {member.user.id: member.user.name for member in found}
