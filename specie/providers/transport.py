"""Sends what adapters build, times it, logs it without secrets or bodies, and says what is known afterwards."""

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import structlog

from specie.kernel.clock import machine_now, monotonic
from specie.kernel.ids import ConnectionId
from specie.platform.crashpoints import crash_point
from specie.platform.outbound import NoAnswer, OutboundClient, UnsafeUrl
from specie.providers.connections import ProviderLink
from specie.providers.model import Accepted, AccessToken, ErrorClass, Outcome, ProviderCall, Rejected, Stamp, Unknown

T = TypeVar("T")

_NUMBER_DIGITS = 24
_SPENT_BEFORE_END = 30
_log = structlog.get_logger(__name__)


class _Tokens:
    """Tokens of logged-in connections, each until shortly before its end; only in this process's memory."""

    def __init__(self) -> None:
        self._kept: dict[tuple[ConnectionId, bytes], tuple[str, float]] = {}

    def find(self, key: tuple[ConnectionId, bytes]) -> str:
        text, until = self._kept.get(key, ("", 0.0))
        return text if monotonic() < until else ""

    def keep(self, key: tuple[ConnectionId, bytes], token: AccessToken) -> None:
        self._kept[key] = (token.text, monotonic() + max(1, token.seconds - _SPENT_BEFORE_END))

    def forget(self, key: tuple[ConnectionId, bytes]) -> None:
        self._kept.pop(key, None)


_tokens = _Tokens()


async def perform(
    link: ProviderLink, call: ProviderCall[T], outbound: OutboundClient, *, until: datetime | None = None
) -> Outcome[T]:
    """Send one call, and none that has not left by the machine's time `until`. Never inside a unit of work.

    Rejected only when the provider certainly did not act: it said so, or nothing was sent. Anything else without a
    readable yes is Unknown. A call that needs a login logs in first, once more when its token is no longer taken.
    Of two calls, one made of what the other brought, only the second acts: without the first nothing is done.
    """
    if call.known is not None:
        return call.known
    if call.then is not None:
        found: Outcome[object] = await perform(link, replace(call, then=None), outbound, until=until)
        if isinstance(found, Accepted):
            return await perform(link, call.then(found.value), outbound, until=until)
        return found if isinstance(found, Rejected) else _nothing_done(found)
    if call.login is None:
        return await _send(link, call, outbound, "", until)
    key = (link.connection_id, hashlib.sha256(call.login.url.encode() + call.login.content).digest())
    for is_last in (False, True):
        token = await _token(link, call.login, key, outbound)
        if not isinstance(token, str):
            # Whatever became of the login, the call itself never left.
            reason = token.code if isinstance(token, Rejected) else token.reason
            return Rejected(f"login_{reason}", ErrorClass.AUTH, safe_to_retry=isinstance(token, Unknown))
        outcome = await _send(link, call, outbound, token, until)
        if is_last or not (isinstance(outcome, Rejected) and outcome.error_class is ErrorClass.AUTH):
            return outcome
        _tokens.forget(key)
    raise AssertionError("the second round returns")


async def _token(
    link: ProviderLink, login: ProviderCall[AccessToken], key: tuple[ConnectionId, bytes], outbound: OutboundClient
) -> str | Rejected | Unknown:
    kept = _tokens.find(key)
    if kept:
        return kept
    outcome = await _send(link, login, outbound, "")
    if not isinstance(outcome, Accepted):
        return outcome
    _tokens.keep(key, outcome.value)
    return outcome.value.text


async def _send(
    link: ProviderLink, call: ProviderCall[T], outbound: OutboundClient, token: str, until: datetime | None = None
) -> Outcome[T]:
    if call.sign is not None:
        # A number is spent with each sending: providers refuse one they have seen today.
        number = str(secrets.randbelow(10**_NUMBER_DIGITS)).zfill(_NUMBER_DIGITS)
        signed = call.sign(Stamp(machine_now(), number, token))
        call = replace(call, headers={**call.headers, **signed})
    crash_point("providers.call.before")
    seconds = link.timeout_ms / 1000
    if until is not None:
        seconds = min(seconds, (until - machine_now()).total_seconds())
    if seconds <= 0:
        return Unknown("too_late")
    try:
        response = await outbound.request(
            call.method,
            call.url,
            headers=call.headers,
            content=call.content,
            timeout=seconds,
            allow_private=link.adapter.allow_private,
            label=call.name,
        )
    except NoAnswer as lost:
        outcome: Outcome[T] = _without_answer(lost)
        _tell(link, call, outcome, None, lost.duration_ms)
        return outcome
    except UnsafeUrl:
        return Rejected("address_not_allowed", ErrorClass.VALIDATION)
    crash_point("providers.call.after")
    outcome = call.read(response)
    _tell(link, call, outcome, response.status, response.duration_ms)
    return outcome


def _nothing_done(unknown: Unknown) -> Rejected:
    return Rejected(f"not_asked_{unknown.reason}"[:100], ErrorClass.PROVIDER_DOWN, safe_to_retry=True)


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
