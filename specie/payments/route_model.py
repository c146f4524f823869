"""Which connection collects: rules, health, and a choice with its reason. No I/O, no clock, no chance."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from specie.kernel.ids import AttemptId, ConnectionId, PrefixedId
from specie.payments.model import CaptureMode, Payment
from specie.providers import Capabilities, ChargeKind, ErrorClass

# Outcomes of this many latest tries within the window count; a failing connection comes back as they grow old.
HEALTH_WINDOW_SECONDS = 600
HEALTH_TRIES = 10
_FEWEST_TRIES = 3

# Refusals that say something about the provider or the amount there, not about the customer.
SOFT = frozenset(
    {
        ErrorClass.PROVIDER_DOWN,
        ErrorClass.RATE_LIMITED,
        ErrorClass.LIMIT,
        ErrorClass.UNSUPPORTED,
        ErrorClass.AUTH,
        ErrorClass.SOFT_DECLINED,
    }
)
# Only these speak against the health of a provider.
UNHEALTHY = frozenset({ErrorClass.PROVIDER_DOWN, ErrorClass.RATE_LIMITED, ErrorClass.AUTH})

# Only these let a customer agree now and be charged later.
_CAPTURED_LATER = frozenset({ChargeKind.CARD, ChargeKind.EWALLET})


class RouteId(PrefixedId, prefix="rte"):
    """One rule of routing."""


@dataclass(frozen=True, slots=True)
class Route:
    """A rule: payments like this go to that connection. The lowest position first; equals share by weight."""

    id: RouteId
    connection_id: ConnectionId
    position: int
    weight: int
    is_active: bool
    created_at: datetime
    updated_at: datetime
    method: ChargeKind | None = None
    currency: str | None = None
    country: str | None = None
    min_minor: int | None = None
    max_minor: int | None = None

    def fits(self, payment: Payment, kind: ChargeKind) -> bool:
        """Whether the rule speaks of such a payment; what it leaves open fits everything."""
        asked: list[tuple[Any, Any]] = [
            (self.method, kind),
            (self.currency, payment.amount.currency.code),
            (self.country, payment.country),
        ]
        if not self.is_active or any(wanted is not None and wanted != given for wanted, given in asked):
            return False
        least = self.min_minor if self.min_minor is not None else 0
        most = self.max_minor if self.max_minor is not None else payment.amount.minor
        return least <= payment.amount.minor <= most


@dataclass(frozen=True, slots=True)
class Health:
    """How the latest tries at a connection went."""

    tries: int = 0
    failures: int = 0

    @property
    def is_good(self) -> bool:
        """Whether it may be chosen: too few tries say nothing, and at most half of them failed."""
        return self.tries < _FEWEST_TRIES or self.failures * 2 <= self.tries


@dataclass(frozen=True, slots=True)
class Candidate:
    """A connection that is active, in the order of preference."""

    connection_id: ConnectionId
    capabilities: Capabilities
    health: Health


@dataclass(frozen=True, slots=True)
class Choice:
    """The connection taken, why, and what was said of each of the others."""

    connection_id: ConnectionId
    reason: str
    considered: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A choice as stored, for one attempt."""

    attempt_id: AttemptId
    choice: Choice
    at: datetime


def takes(capabilities: Capabilities, payment: Payment, kind: ChargeKind) -> bool:
    """Whether a provider can collect this payment in this way."""
    later = payment.capture_mode is CaptureMode.MANUAL
    can_wait = not later or (capabilities.manual_capture and kind in _CAPTURED_LATER)
    return can_wait and capabilities.takes(kind, payment.amount)


def choose(
    rules: Sequence[Route],
    candidates: Sequence[Candidate],
    payment: Payment,
    kind: ChargeKind,
    tried: Collection[ConnectionId] = (),
) -> Choice | None:
    """The connection for a payment: by the first rules that lead to a healthy one, else the preferred one.

    The same payment is always shared out to the same side of a weight, so that a choice can be explained.
    """
    judged = {each.connection_id: _verdict(each, payment, kind, tried) for each in candidates}
    considered = [{"connection_id": str(one), "verdict": verdict} for one, verdict in judged.items()]
    after = ", after another refused" if tried else ""
    for verdict, note in (("possible", ""), ("unhealthy", ", though it has been failing: no other is left")):
        open_ids = [one for one, said in judged.items() if said == verdict]
        fitting = [rule for rule in rules if rule.fits(payment, kind) and rule.connection_id in open_ids]
        if fitting:
            rule, shared = _by_weight(fitting, payment)
            how = f"rule at position {rule.position}" + (f", weight {rule.weight} of {shared}" if shared else "")
            return Choice(rule.connection_id, how + after + note, considered)
        if open_ids:
            how = "preferred connection; no rule leads elsewhere" if rules else "preferred connection"
            return Choice(open_ids[0], how + after + note, considered)
    return None


def _verdict(candidate: Candidate, payment: Payment, kind: ChargeKind, tried: Collection[ConnectionId]) -> str:
    if not takes(candidate.capabilities, payment, kind):
        return "cannot take it"
    if candidate.connection_id in tried:
        return "refused before"
    return "possible" if candidate.health.is_good else "unhealthy"


def _by_weight(fitting: Sequence[Route], payment: Payment) -> tuple[Route, int]:
    first = min(rule.position for rule in fitting)
    group = sorted((rule for rule in fitting if rule.position == first), key=lambda rule: str(rule.id))
    total = sum(rule.weight for rule in group)
    # The low bits of an id are random, and stay the same for the payment's whole life.
    point = payment.id.uuid.int % total
    for rule in group:
        point -= rule.weight
        if point < 0:
            break
    return rule, total if len(group) > 1 else 0
