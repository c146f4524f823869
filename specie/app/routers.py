"""Every router of the platform. A request tries them one after the other, so the busiest come first."""

from fastapi import APIRouter

from specie.app.sandbox_clock import router as sandbox_clock
from specie.app.triggers.routes import router as triggers
from specie.approvals.routes import router as approvals
from specie.audit.routes import router as audit
from specie.billing.e_invoice_routes import router as e_invoices
from specie.billing.letter_routes import router as letters
from specie.billing.paid_routes import router as receipts
from specie.billing.recurring_routes import router as recurring_invoices
from specie.billing.routes import router as billing
from specie.billing.routes_pages import pages as invoice_pages
from specie.cashback.offer_routes import router as offers
from specie.cashback.referral_routes import router as referrals
from specie.cashback.routes import router as cashback
from specie.catalogue.import_routes import router as product_imports
from specie.catalogue.routes import router as catalogue
from specie.checkout.routes import router as checkout
from specie.checkout.routes_order_pages import pages as order_pages
from specie.checkout.routes_orders import router as order_status
from specie.checkout.routes_pages import pages as checkout_pages
from specie.crm.customer_routes import router as crm_customers
from specie.crm.problem_routes import router as crm_problems
from specie.crm.routes import router as crm
from specie.events.routes import router as events
from specie.identity.routes import register as sign_up
from specie.identity.routes import router as identity
from specie.identity.sso_routes import router as single_sign_on
from specie.identity.team_routes import add_member
from specie.identity.team_routes import router as team
from specie.installments.order_routes import router as installment_orders
from specie.installments.routes import router as installments
from specie.ledger.budget_routes import router as budgets
from specie.ledger.monitor_routes import router as monitors
from specie.ledger.period_routes import router as periods
from specie.ledger.routes import router as ledger
from specie.ledger.routes_checkpoints import router as checkpoints
from specie.notifications.routes import pages as notice_pages
from specie.notifications.routes import router as notices
from specie.opening.routes import router as opening_imports
from specie.parties.errors import EmailInvalid, PartyMissing, PhoneInvalid
from specie.parties.import_routes import router as party_imports
from specie.parties.routes import router as parties
from specie.payables.payout_routes import router as supplier_payouts
from specie.payables.routes import router as payables
from specie.payments.capture_routes import router as captures
from specie.payments.dispute_routes import router as disputes
from specie.payments.link_routes import router as payment_links
from specie.payments.method_routes import router as payment_methods
from specie.payments.refund_routes import router as refunds
from specie.payments.route_routes import router as payment_routes
from specie.payments.routes import router as payments
from specie.payouts.beneficiary_routes import router as beneficiaries
from specie.payouts.routes import router as payouts
from specie.payouts.routes_batch import router as payout_batches
from specie.payouts.routes_signed import router as signing_keys
from specie.payouts.routes_signed import signed_router as signed_payouts
from specie.platform.http import refuses_as_well
from specie.portal.routes import router as portals
from specie.portal.routes_pages import pages as portal_pages
from specie.providers.dialect_routes import router as provider_dialects
from specie.providers.routes import router as providers
from specie.purchases.invoice_routes import router as invoices_in_parts
from specie.purchases.routes import router as purchases
from specie.reconciliation.expected_routes import router as money_expected
from specie.reconciliation.routes import router as reconciliation
from specie.reports.business_routes import router as business_reports
from specie.reports.copy_routes import router as books_copies
from specie.reports.dashboard_routes import router as dashboard
from specie.reports.routes import explain_router, requests_router
from specie.reports.statement_routes import router as financial_reports
from specie.sales.order_routes import router as sales_orders
from specie.sales.routes import router as quotes
from specie.sales.routes_pages import pages as quote_pages
from specie.settlement.routes import router as settlements
from specie.statements.movement_routes import router as movements_printed
from specie.statements.routes import router as statements
from specie.stock.routes import router as stock
from specie.wallets.exchange_routes import router as exchange
from specie.wallets.provenance_routes import router as provenance
from specie.wallets.routes import router as wallets
from specie.wallets.transfer_routes import router as transfers
from specie.webhooks.routes import router as webhooks

# Who signs up becomes a party as well, in a module that identity does not know: what a party refuses, signing up does.
refuses_as_well(identity, sign_up, EmailInvalid, PhoneInvalid)
# A member may act for a party, which identity does not know either.
refuses_as_well(team, add_member, PartyMissing)

ROUTERS: tuple[APIRouter, ...] = (
    transfers,
    payments,
    wallets,
    provenance,
    exchange,
    identity,
    team,
    single_sign_on,
    parties,
    party_imports,
    payment_links,
    payment_methods,
    refunds,
    captures,
    disputes,
    payment_routes,
    checkout,
    order_status,
    purchases,
    invoices_in_parts,
    catalogue,
    product_imports,
    stock,
    cashback,
    offers,
    referrals,
    installments,
    installment_orders,
    billing,
    recurring_invoices,
    e_invoices,
    receipts,
    letters,
    quotes,
    sales_orders,
    portals,
    crm,
    crm_customers,
    crm_problems,
    payables,
    supplier_payouts,
    payouts,
    beneficiaries,
    signed_payouts,
    payout_batches,
    signing_keys,
    settlements,
    statements,
    movements_printed,
    approvals,
    reconciliation,
    money_expected,
    providers,
    provider_dialects,
    events,
    webhooks,
    notices,
    ledger,
    opening_imports,
    budgets,
    periods,
    monitors,
    checkpoints,
    audit,
    sandbox_clock,
    triggers,
    dashboard,
    financial_reports,
    business_reports,
    books_copies,
    requests_router,
    explain_router,
)
"""What is found below /api/v1."""

OUTSIDE: tuple[APIRouter, ...] = (checkout_pages, order_pages, invoice_pages, quote_pages, portal_pages, notice_pages)
"""What has addresses of its own."""
