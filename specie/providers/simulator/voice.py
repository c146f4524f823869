"""How a dialect of the simulator speaks: its routes, what its callbacks say, how they are signed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import orjson
from starlette.routing import Route

from specie.providers.simulator import payout_rules, signing
from specie.providers.simulator.operation_rules import Operation, told
from specie.providers.simulator.payout_rules import SimulatedPayout
from specie.providers.simulator.rules import Charge, Signing, public

if TYPE_CHECKING:
    from specie.providers.simulator.desk import Desk

NOWHERE = "-"
"""The callback address of an order whose account has registered none."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A callback as it goes out; `query` is added to the address."""

    body: bytes
    headers: dict[str, str]
    method: str = "POST"
    query: str = ""


class Voice(Protocol):
    """One dialect of the simulator."""

    name: ClassVar[str]

    def routes(self, desk: "Desk") -> list[Route]:
        """What it serves, relative to `/<name>`."""

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """The callbacks that tell of a state, one second apart."""

    def tell_operation(self, operation: Operation, charge: Charge, event_id: str, now: int) -> list[bytes]:
        """The callbacks that tell of a refund, a capture or a dispute."""

    def tell_payout(self, payout: SimulatedPayout, state: str, event_id: str, now: int) -> list[bytes]:
        """The callbacks that tell of a payout."""

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """A callback signed for an account at a moment, or signed wrongly."""


class QuietVoice:
    """What a dialect says of refunds, disputes and payouts that offers none, or tells of none."""

    def tell_operation(self, operation: Operation, charge: Charge, event_id: str, now: int) -> list[bytes]:
        """Nothing."""
        return []

    def tell_payout(self, payout: SimulatedPayout, state: str, event_id: str, now: int) -> list[bytes]:
        """Nothing."""
        return []


class NativeVoice:
    """The simulator's own dialect."""

    name: ClassVar[str] = ""

    def routes(self, desk: "Desk") -> list[Route]:
        """Served by the simulator itself."""
        return []

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """One callback that repeats the charge."""
        return [_event("charge.updated", public(charge, page, state=state), event_id, now)]

    def tell_operation(self, operation: Operation, charge: Charge, event_id: str, now: int) -> list[bytes]:
        """One callback that repeats the operation."""
        return [_event(f"{operation.kind}.updated", told(operation), event_id, now)]

    def tell_payout(self, payout: SimulatedPayout, state: str, event_id: str, now: int) -> list[bytes]:
        """One callback that repeats the payout."""
        return [_event("payout.updated", payout_rules.public(payout, state=state), event_id, now)]

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """Signed over the moment and the whole body."""
        signature = signing.sign(signing.secret_of(account), timestamp, body)
        if kind is Signing.BAD:
            signature = "v1=" + "0" * 64
        return Letter(
            body,
            {
                "Content-Type": "application/json",
                signing.TIMESTAMP_HEADER: str(timestamp),
                signing.SIGNATURE_HEADER: signature,
            },
        )


def _event(kind: str, data: dict[str, Any], event_id: str, now: int) -> bytes:
    return orjson.dumps({"id": event_id, "type": kind, "created": now, "data": data})


def account_of(dialect: str, account: str) -> str:
    """How the book names an account of a dialect."""
    return f"{dialect}:{account}" if dialect else account


def split_account(account: str) -> tuple[str, str]:
    """The dialect and the account behind a name of the book."""
    dialect, found, own = account.rpartition(":")
    return (dialect, own) if found else ("", account)
