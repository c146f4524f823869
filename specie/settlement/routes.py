"""Settlements over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import ledger, parties, payouts, wallets
from specie.kernel.business_days import CountryUnknown, countries
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.kernel.scope import ActorKind
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import BusinessDay, CurrencyCode, ListOf, id_text
from specie.settlement import coverage_store, errors, service, store, terms_service
from specie.settlement.model import SettlementId, Terms
from specie.settlement.schemas import (
    CountriesOut,
    CountryOut,
    MerchantIn,
    SettledPostingOut,
    SettlementDetail,
    SettlementOut,
    SettlementPlanOut,
    SettlementTermsIn,
    SettlementTermsOut,
)
from specie.settlement.service import Plan, Shown
from specie.settlement.store import SettlementFilter

router = ApiRouter(tags=["Settlements"])

Limit = Annotated[int, Query(ge=1, le=100)]
_READ, _MANAGE = Permission.SETTLEMENTS_READ, Permission.SETTLEMENTS_MANAGE
_LIST, _TERMS, _POSTINGS = "settlements", "settlement_terms", "settlement_postings"


@router.get("/settlements", response_model=ListOf[SettlementOut])
async def list_settlements(
    edge: Edge = requires(_READ),
    merchant_id: str | None = None,
    currency: CurrencyCode | None = None,
    since: BusinessDay | None = None,
    until: BusinessDay | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Settlements, newest first; a merchant sees its own."""
    wanted = SettlementFilter(
        party_id=id_text(PartyId, merchant_id, "merchant_id") if merchant_id else None,
        currency=Currency.of(currency) if currency else None,
        since=since,
        until=until,
    )
    key = edge.cursor(_LIST, cursor)
    before = SettlementId(UUID(key[0])) if key else None

    async def read(uow: UnitOfWork) -> Page[SettlementOut]:
        found = await service.find(uow, wanted, before, limit)
        page = Page.cut(found, limit, key=lambda shown: (str(shown.settlement.id.uuid),))
        names = await _names(uow, edge, [shown.settlement.party_id for shown in page.items])
        return page.map(lambda shown: SettlementOut.of(shown, names.get(shown.settlement.party_id)))

    return edge.page(_LIST, await edge.read(read), lambda shown: shown)


@router.post("/settlements", status_code=201, response_model=SettlementOut)
@refuses(errors.SettlementTermsMissing, errors.NotABusinessDay, errors.NothingToSettle)
async def settle_now(body: MerchantIn, edge: Edge = requires(_MANAGE)) -> Response:
    """Settle a merchant for today by hand; a day that has been settled gives its settlement again."""

    async def work(uow: UnitOfWork) -> Shown:
        made = await service.settle_today(uow, body.merchant(), body.money())
        return await service.get(uow, made.id)

    return await edge.money(work, SettlementOut.of)


@router.get("/settlements/preview", response_model=SettlementPlanOut)
@refuses(errors.SettlementTermsMissing)
async def preview_settlement(
    merchant_id: str, currency: CurrencyCode, edge: Edge = requires(_READ)
) -> SettlementPlanOut:
    """What a merchant would be settled today, line by line; nothing is written."""
    merchant = id_text(PartyId, merchant_id, "merchant_id")

    async def read(uow: UnitOfWork) -> Plan:
        terms = await service.get_terms(uow, merchant, Currency.of(currency))
        return await service.plan(uow, terms, service.today(uow))

    return SettlementPlanOut.of(await edge.read(read))


@router.get("/settlements/{settlement_id}", response_model=SettlementDetail)
@refuses(errors.SettlementMissing)
async def show_settlement(settlement_id: str, edge: Edge = requires(_READ)) -> SettlementDetail:
    """One settlement with its lines, which sum to its payout."""
    wanted = id_text(SettlementId, settlement_id, "settlement_id")

    async def read(uow: UnitOfWork) -> SettlementDetail:
        shown = await service.get(uow, wanted)
        party = shown.settlement.party_id
        names = await _names(uow, edge, [party])
        return SettlementDetail.opened(shown, await store.lines_of(uow, shown.settlement), names.get(party))

    return await edge.read(read)


@router.get("/settlements/{settlement_id}/postings", response_model=ListOf[SettledPostingOut])
@refuses(errors.SettlementMissing)
async def list_settled_postings(
    settlement_id: str, edge: Edge = requires(_READ), limit: Limit = 50, cursor: str | None = None
) -> Any:
    """Every posting a settlement took in, in the order in which they were recorded."""
    wanted = id_text(SettlementId, settlement_id, "settlement_id")
    key = edge.cursor(_POSTINGS, cursor)

    async def read(uow: UnitOfWork) -> Page[SettledPostingOut]:
        shown = await service.get(uow, wanted)
        found = await coverage_store.covered_postings(uow, shown.settlement, int(key[0]) if key else 0, limit)
        page = Page.cut(found, limit, key=lambda posting: (str(posting.version),))
        return page.map(SettledPostingOut.of)

    return edge.page(_POSTINGS, await edge.read(read), lambda shown: shown)


@router.post("/settlements/{settlement_id}/pay-out", status_code=201, response_model=SettlementOut)
@refuses(
    errors.SettlementMissing,
    errors.SettlementKept,
    errors.PersonRequired,
    payouts.BeneficiaryMissing,
    payouts.BeneficiaryUnverified,
    payouts.BeneficiaryCoolingOff,
    payouts.PayoutTooSmall,
    ledger.InsufficientFunds,
    wallets.LimitExceeded,
    wallets.WalletFrozen,
)
async def pay_settlement_out(settlement_id: str, edge: Edge = requires(_MANAGE, step_up=True)) -> Response:
    """Ask anew for the payout of a settlement whose money did not leave or came back."""
    _require_person(edge)
    wanted = id_text(SettlementId, settlement_id, "settlement_id")

    async def work(uow: UnitOfWork) -> Shown:
        await service.pay_out_again(uow, wanted)
        return await service.get(uow, wanted)

    return await edge.money(work, SettlementOut.of)


@router.get("/settlement-terms", response_model=ListOf[SettlementTermsOut])
async def list_settlement_terms(edge: Edge = requires(_READ), limit: Limit = 50, cursor: str | None = None) -> Any:
    """Who is settled and how; a merchant sees its own terms."""
    key = edge.cursor(_TERMS, cursor)
    after = (UUID(key[0]), key[1]) if key else None

    async def read(uow: UnitOfWork) -> Page[SettlementTermsOut]:
        found = await store.all_terms(uow, after, limit)
        page = Page.cut(found, limit, key=lambda terms: (str(terms.party_id.uuid), terms.currency.code))
        names = await _names(uow, edge, [terms.party_id for terms in page.items])
        return page.map(lambda terms: SettlementTermsOut.of(terms, names.get(terms.party_id)))

    return edge.page(_TERMS, await edge.read(read), lambda shown: shown)


@router.put("/settlement-terms", response_model=SettlementTermsOut)
@refuses(
    parties.PartyMissing,
    payouts.BeneficiaryMissing,
    CountryUnknown,
    errors.SettlementTermsUnfit,
    errors.PersonRequired,
)
async def set_settlement_terms(body: SettlementTermsIn, edge: Edge = requires(_MANAGE, step_up=True)) -> Response:
    """Settle a merchant by these terms from now on."""
    _require_person(edge)

    async def work(uow: UnitOfWork) -> SettlementTermsOut:
        return await _terms_out(uow, edge, await terms_service.set_terms(uow, body.command()))

    return await edge.write(work, lambda shown: shown)


@router.delete("/settlement-terms/{merchant_id}/{currency}", response_model=SettlementTermsOut)
@refuses(errors.SettlementTermsMissing, errors.PersonRequired)
async def end_settlement_terms(
    merchant_id: str, currency: CurrencyCode, edge: Edge = requires(_MANAGE, step_up=True)
) -> Response:
    """End a merchant's terms: new sales are not settled, what waits is paid over by the next runs."""
    _require_person(edge)
    merchant = id_text(PartyId, merchant_id, "merchant_id")

    async def work(uow: UnitOfWork) -> SettlementTermsOut:
        return await _terms_out(uow, edge, await terms_service.end_terms(uow, merchant, Currency.of(currency)))

    return await edge.write(work, lambda shown: shown)


@router.get("/settlement-countries", response_model=CountriesOut)
async def list_settlement_countries(edge: Edge = requires(_READ)) -> CountriesOut:
    """The countries whose holidays are known."""
    edge.scope.require(_READ)
    known = countries()
    return CountriesOut(data=[CountryOut(code=code, subdivisions=list(parts)) for code, parts in known.items()])


async def _terms_out(uow: UnitOfWork, edge: Edge, terms: Terms) -> SettlementTermsOut:
    names = await _names(uow, edge, [terms.party_id])
    return SettlementTermsOut.of(terms, names.get(terms.party_id))


def _require_person(edge: Edge) -> None:
    if edge.scope.actor.kind is ActorKind.API_KEY:
        raise errors.PersonRequired("a key alone does not say where money goes")


async def _names(uow: UnitOfWork, edge: Edge, ids: list[PartyId]) -> dict[PartyId, str]:
    return await parties.names(uow, edge.service("vault"), list(set(ids)))
