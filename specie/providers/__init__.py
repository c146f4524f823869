"""Payment providers: connections with sealed credentials, one adapter interface, the inbox of callbacks, the simulator.

Owns what leaves for a provider and what comes back. It turns bytes into typed facts and knows nothing of payments:
who acts on facts subscribes.
"""

from specie.providers.adapters import dialects
from specie.providers.arrivals import Arrivals
from specie.providers.balances import BalanceAdapter
from specie.providers.capture_model import (
    CaptureFact,
    CaptureRequest,
    ProviderCapture,
    capturing,
)
from specie.providers.connections import ProviderLink, Toolbox, active_links, connect, get_connection, open_link
from specie.providers.dialect import Dialect, Offer, Offered, Service
from specie.providers.dispute_model import (
    AcceptanceRequest,
    DisputeAdapter,
    DisputeFact,
    DisputeQuestion,
    DisputeState,
    accepting,
)
from specie.providers.errors import ConnectionMissing, NoConnection, ProviderSilent
from specie.providers.facts import Fact, PaymentFact
from specie.providers.inbox import get_callback, subscribe, subscribe_payouts
from specie.providers.invariants import INVARIANTS
from specie.providers.method_model import KeepState, MethodFact, MethodRequest, ProviderMethod, SavingAdapter, saving
from specie.providers.model import (
    Accepted,
    Action,
    ActionKind,
    Capabilities,
    ChargeKind,
    ChargeRequest,
    ChargeState,
    ErrorClass,
    Handling,
    Heard,
    Installation,
    Outcome,
    PayoutFact,
    PayoutRail,
    PayoutState,
    ProviderCall,
    ProviderCharge,
    ProviderFact,
    Rejected,
    StatementPage,
    StatementRow,
    Trust,
    Unknown,
    fact_of,
)
from specie.providers.operation_model import OperationState
from specie.providers.pay_over import PayOver
from specie.providers.payouts import (
    AccountHolder,
    BankAccount,
    PayoutAdapter,
    PayoutRequest,
    ProviderPayout,
    fact_of_payout,
)
from specie.providers.records import CallbackRow, Connection
from specie.providers.refund_model import (
    NamingAdapter,
    ProviderRefund,
    RefundFact,
    RefundQuestion,
    RefundRequest,
    refunding,
)
from specie.providers.store import callbacks as find_callbacks
from specie.providers.store import connections as all_connections
from specie.providers.transport import perform

__all__ = [
    "INVARIANTS",
    "AcceptanceRequest",
    "Accepted",
    "AccountHolder",
    "Action",
    "ActionKind",
    "Arrivals",
    "BalanceAdapter",
    "BankAccount",
    "CallbackRow",
    "Capabilities",
    "CaptureFact",
    "CaptureRequest",
    "ChargeKind",
    "ChargeRequest",
    "ChargeState",
    "Connection",
    "ConnectionMissing",
    "Dialect",
    "DisputeAdapter",
    "DisputeFact",
    "DisputeQuestion",
    "DisputeState",
    "ErrorClass",
    "Fact",
    "Handling",
    "Heard",
    "Installation",
    "KeepState",
    "MethodFact",
    "MethodRequest",
    "NamingAdapter",
    "NoConnection",
    "Offer",
    "Offered",
    "OperationState",
    "Outcome",
    "PayOver",
    "PaymentFact",
    "PayoutAdapter",
    "PayoutFact",
    "PayoutRail",
    "PayoutRequest",
    "PayoutState",
    "ProviderCall",
    "ProviderCapture",
    "ProviderCharge",
    "ProviderFact",
    "ProviderLink",
    "ProviderMethod",
    "ProviderPayout",
    "ProviderRefund",
    "ProviderSilent",
    "RefundFact",
    "RefundQuestion",
    "RefundRequest",
    "Rejected",
    "SavingAdapter",
    "Service",
    "StatementPage",
    "StatementRow",
    "Toolbox",
    "Trust",
    "Unknown",
    "accepting",
    "active_links",
    "all_connections",
    "capturing",
    "connect",
    "dialects",
    "fact_of",
    "fact_of_payout",
    "find_callbacks",
    "get_callback",
    "get_connection",
    "open_link",
    "perform",
    "refunding",
    "saving",
    "subscribe",
    "subscribe_payouts",
]
