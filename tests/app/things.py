"""One thing of every kind that a path can name, made in a tenant; and ids of nothing."""

from typing import Any

from specie import events, ledger, parties, wallets, webhooks
from specie.app.wiring import Services
from specie.billing.model import CreditNoteId, InvoiceId, ReceiptId, SalesOrderId
from specie.billing.recurring_model import RecurringId
from specie.cashback.model import AccrualId, OfferId, PurchaseId
from specie.catalogue import PriceListId, ProductId, ProductImportId, TaxRateId
from specie.crm.model import ActivityId, CrmFileId, MergeId, OpportunityId, PipelineId, ViewId
from specie.crm.problem_model import ProblemId
from specie.identity import service as people
from specie.identity.scopes import system_scope
from specie.installments.model import OrderId, PlanId
from specie.kernel import ids
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.ledger.monitor_model import MonitorId
from specie.notifications.model import NoticeId
from specie.opening.model import OpeningImportId
from specie.parties import PartyKind
from specie.payables.model import BillId, PurchaseOrderId
from specie.payments.dispute_model import DisputeId
from specie.payments.evidence_model import EvidenceFileId
from specie.payments.method_model import MethodId
from specie.payments.model import ExceptionId
from specie.payments.refund_model import RefundId
from specie.payments.route_model import RouteId
from specie.payouts.model import BatchId, BeneficiaryId, PayoutId
from specie.platform.db import UnitOfWork
from specie.purchases.model import PurchaseId as BuyId
from specie.purchases.model import PurchaseRefundId
from specie.reconciliation.model import MatchId, ReconExceptionId, SourceId
from specie.reports import BooksCopyId
from specie.sales.model import QuoteId
from specie.settlement import SettlementId
from specie.statements import StatementId
from specie.stock import MovementId
from specie.webhooks import NewEndpoint
from tests.app.callers import Organisation

_KINDS: dict[str, type[ids.PrefixedId]] = {
    "account_id": ids.AccountId,
    "accrual_id": AccrualId,
    "activity_id": ActivityId,
    "approval_id": ids.ApprovalId,
    "batch_id": BatchId,
    "books_copy_id": BooksCopyId,
    "bill_id": BillId,
    "purchase_order_id": PurchaseOrderId,
    "beneficiary_id": BeneficiaryId,
    "callback_id": ids.CallbackId,
    "connection_id": ids.ConnectionId,
    "credit_note_id": CreditNoteId,
    "invoice_id": InvoiceId,
    "receipt_id": ReceiptId,
    "recurring_id": RecurringId,
    "quote_id": QuoteId,
    "sales_order_id": SalesOrderId,
    "crm_file_id": CrmFileId,
    "delivery_id": ids.DeliveryId,
    "dispute_id": DisputeId,
    "document_id": ids.DocumentId,
    "endpoint_id": ids.EndpointId,
    "entry_id": ids.EntryId,
    "event_id": ids.EventId,
    "evidence_file_id": EvidenceFileId,
    "exception_id": ExceptionId,
    "hold_id": ids.HoldId,
    "key_id": ids.ApiKeyId,
    "match_id": MatchId,
    "order_id": OrderId,
    "plan_id": PlanId,
    "member_id": ids.MembershipId,
    "merge_id": MergeId,
    "method_id": MethodId,
    "monitor_id": MonitorId,
    "notice_id": NoticeId,
    "session_id": ids.SessionId,
    "settlement_id": SettlementId,
    "source_id": SourceId,
    "stock_movement_id": MovementId,
    "id": ids.EntryId,
    "offer_id": OfferId,
    "opening_import_id": OpeningImportId,
    "opportunity_id": OpportunityId,
    "person_id": ids.PartyId,
    "pipeline_id": PipelineId,
    "purchase_id": PurchaseId,
    "buy_id": BuyId,
    "buy_refund_id": PurchaseRefundId,
    "statement_id": StatementId,
    "payment_link_id": ids.PaymentLinkId,
    "party_id": ids.PartyId,
    "payment_id": ids.PaymentId,
    "recon_exception_id": ReconExceptionId,
    "price_list_id": PriceListId,
    "problem_id": ProblemId,
    "product_id": ProductId,
    "product_import_id": ProductImportId,
    "tax_rate_id": TaxRateId,
    "refund_id": RefundId,
    "payout_id": PayoutId,
    "route_id": RouteId,
    "request_id": ids.RequestId,
    "transfer_id": ids.TransferId,
    "view_id": ViewId,
    "wallet_id": ids.WalletId,
}


def unknown() -> dict[str, str]:
    """For each name in a path a well-formed id of nothing."""
    named = {name: str(kind.new()) for name, kind in _KINDS.items()}
    plain = {"idempotency_key": "never-used", "tier": "none", "currency": "IDR", "base": "USD", "quote": "IDR"}
    words = {"kind": "payout", "report": "tax", "rule": "kyc"}
    people = {"merchant_id": str(ids.PartyId.new()), "holder": str(ids.UserId.new())}
    return named | plain | words | people


async def made_by(services: Services, organisation: Organisation) -> dict[str, str]:
    """For each name in a path the id of a thing of this organisation, where one is made here."""
    scope = system_scope(organisation.live)
    currency = Currency.of("IDR")
    made: dict[str, Any] = {"request_id": scope.request_id}
    async with services.db.begin(scope) as uow:
        cash = await ledger.open_account(uow, AccountSpec("asset:cash", AccountType.ASSET, currency))
        due = await ledger.open_account(uow, AccountSpec("liability:due", AccountType.LIABILITY, currency))
        leg = Leg(cash.id, due.id, Money(100, currency))
        entry = await ledger.post(uow, EntryDraft(recipe=Recipe("test.move", 1), legs=[leg]))
        made |= {"account_id": cash.id, "entry_id": entry.id, "id": entry.id}
        made |= await _of_people(uow, services, organisation)
    async with services.db.system() as uow:
        await events.number_pending(uow, 1000)
    return {name: str(value) for name, value in (made | {"event_id": ids.EventId(entry.id.uuid)}).items()}


async def _of_people(uow: UnitOfWork, services: Services, organisation: Organisation) -> dict[str, Any]:
    ring = services.vault
    party = await parties.create_party(
        uow, ring, kind=PartyKind.PERSON, roles=["customer"], known={"name": "Their Own"}
    )
    wallet = await wallets.open_wallet(uow, party.id, Currency.of("IDR"))
    endpoint, _ = await webhooks.create(uow, NewEndpoint("https://theirs.example/hook", ("*",), ""), ring)
    member = (await people.members(uow, services.identity, None, 1)).items[0]
    return {
        "party_id": party.id,
        "wallet_id": wallet.id,
        "endpoint_id": endpoint.id,
        "member_id": ids.MembershipId(member.id),
    }
