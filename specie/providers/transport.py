"""Sends what adapters build, times it, logs it without secrets or bodies, and says what is known afterwards."""

from typing import TypeVar

import structlog

from specie.platform.crashpoints import crash_point
from specie.platform.outbound import NoAnswer, OutboundClient
from specie.providers.connections import ProviderLink
from specie.providers.model import Accepted, ErrorClass, Outcome, ProviderCall, Rejected, Unknown

T = TypeVar("T")

_log = structlog.get_logger(__name__)


async def perform(link: ProviderLink, call: ProviderCall[T], outbound: OutboundClient) -> Outcome[T]:
    """Send one call. Never inside a unit of work.

    Rejected only when the provider certainly did not act: it said so, or nothing was sent. Anything else without a
    readable yes is Unknown.
    """
    crash_point("providers.call.before")
    try:
        response = await outbound.request(
            call.method,
            call.url,
            headers=call.headers,
            content=call.content,
            timeout=link.timeout_ms / 1000,
            allow_private=link.adapter.allow_private,
            label=call.name,
        )
    except NoAnswer as lost:
        outcome: Outcome[T] = _without_answer(lost)
        _tell(link, call, outcome, None, lost.duration_ms)
        return outcome
    crash_point("providers.call.after")
    outcome = call.read(response)
    _tell(link, call, outcome, response.status, response.duration_ms)
    return outcome


def _without_answer(lost: NoAnswer) -> Rejected | Unknown:
    if lost.sent:
        return Unknown(lost.reason)
    return Rejected(lost.reason, ErrorClass.PROVIDER_DOWN, safe_to_retry=True)


def _tell(link: ProviderLink, call: ProviderCall[T], outcome: Outcome[T], status: int | None, duration_ms: int) -> None:
    known = "accepted" if isinstance(outcome, Accepted) else type(outcome).__name__.lower()
    _log.info(
        "provider_call",
        provider=link.adapter.name,
        connection_id=str(link.connection_id),
        call=call.name,
        outcome=known,
        status=status,
        duration_ms=duration_ms,
    )
