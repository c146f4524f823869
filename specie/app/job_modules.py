"""The modules whose jobs this program runs: importing one registers its jobs, in the API as in the worker."""

from specie.app import nightly_books
from specie.approvals import jobs as approvals
from specie.billing import jobs as billing
from specie.cashback import jobs as cashback
from specie.catalogue import jobs as catalogue
from specie.identity import jobs as identity
from specie.installments import jobs as installments
from specie.notifications import jobs as notifications
from specie.parties import jobs as parties
from specie.payments import jobs as payments
from specie.payouts import jobs as payouts
from specie.providers import jobs as providers
from specie.purchases import jobs as purchases
from specie.reconciliation import jobs as reconciliation
from specie.sales import jobs as sales
from specie.settlement import jobs as settlement
from specie.wallets import jobs as wallets
from specie.webhooks import jobs as webhooks

JOB_MODULES = (
    *(nightly_books, approvals, billing, cashback, catalogue, identity, installments, notifications, parties),
    *(payments, payouts, providers, reconciliation, purchases, sales, settlement, wallets, webhooks),
)


def require() -> None:
    """See to it that the jobs are registered. Raises RuntimeError for a module listed here that registers none."""
    idle = [module.__name__ for module in JOB_MODULES if not hasattr(module, "job")]
    if idle:
        raise RuntimeError(f"these modules register no job: {', '.join(idle)}")
