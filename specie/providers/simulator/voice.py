"""How a dialect of the simulator speaks: its routes, what its callbacks say, how they are signed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import orjson
from starlette.routing import Route

from specie.providers.simulator import signing
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

    def seal(self, body: bytes, account: str, url: str, timestamp: int, kind: Signing) -> Letter:
        """A callback signed for an account at a moment, or signed wrongly."""


class NativeVoice:
    """The simulator's own dialect."""

    name: ClassVar[str] = ""

    def routes(self, desk: "Desk") -> list[Route]:
        """Served by the simulator itself."""
        return []

    def tell(self, charge: Charge, state: str, event_id: str, now: int, page: str) -> list[bytes]:
        """One callback that repeats the charge."""
        data = public(charge, page, state=state)
        return [orjson.dumps({"id": event_id, "type": "charge.updated", "created": now, "data": data})]

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


def account_of(dialect: str, account: str) -> str:
    """How the book names an account of a dialect."""
    return f"{dialect}:{account}" if dialect else account


def split_account(account: str) -> tuple[str, str]:
    """The dialect and the account behind a name of the book."""
    dialect, found, own = account.rpartition(":")
    return (dialect, own) if found else ("", account)
