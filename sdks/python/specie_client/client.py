"""The two clients. They differ in nothing but waiting."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx2

from specie_client.calls import API, Call, Feed, Listing
from specie_client.errors import NoAnswer, problem
from specie_client.retry import Retries
from specie_client.signing import signature_of
from specie_client.types import Event

T = TypeVar("T")

_AGENT = "specie-client-python/0.1.0"
# The connection was never made, so nothing of the request can have arrived.
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


class _Tries:
    """The tries of one request so far."""

    def __init__(self, retries: Retries, call: Call[Any]) -> None:
        self._retries = retries
        self._may_repeat = call.may_repeat
        self._done = 0
        self._reached = False

    def silence(self, error: httpx2.TransportError) -> float:
        """How long to wait after no answer. Raises NoAnswer when it was the last try."""
        self._done += 1
        self._reached = self._reached or not isinstance(error, _NOT_SENT)
        pause = self._retries.after_silence(self._done)
        if pause is None or (self._reached and not self._may_repeat):
            raise NoAnswer(error, certainly_not_sent=not self._reached) from error
        return pause

    def refusal(self, answer: httpx2.Response) -> float:
        """How long to wait after a refusal. Raises it when it is final."""
        self._done += 1
        refused = problem(answer.status_code, _document(answer))
        pause = self._retries.after_answer(self._done, refused, answer.headers)
        if pause is None:
            raise refused
        return pause


class Client:
    """Sends requests and waits. Use it as a context manager, or close it; it may be shared by threads."""

    def __init__(
        self,
        api_key: str,
        url: str = "http://127.0.0.1:8000",
        *,
        retries: Retries | None = None,
        timeout: float = 30.0,
        signing_secret: str | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """`timeout` is in seconds, for each try. Payouts need the key's `signing_secret`. `transport` is for tests."""
        self._secret = signing_secret
        self._retries = retries or Retries()
        self._http = httpx2.Client(base_url=url, headers=_headers(api_key), timeout=timeout, transport=transport)

    def send(self, call: Call[T]) -> T:
        """Send a request and return its answer. Raises Problem or NoAnswer."""
        tries = _Tries(self._retries, call)
        while True:
            try:
                answer = self._http.request(**_request(call, self._secret))
            except httpx2.TransportError as error:
                pause = tries.silence(error)
            else:
                if answer.is_success:
                    return cast(T, _content(answer))
                pause = tries.refusal(answer)
            time.sleep(pause)

    def each(self, listing: Listing[T]) -> Iterator[T]:
        """Every item of a list, one page at a time."""
        page: dict[str, Any] = {"has_more": True, "next_cursor": None}
        while page["has_more"]:
            page = self.send(listing.page(page["next_cursor"]))
            yield from page["data"]

    def events(self, feed: Feed) -> Iterator[Event]:
        """Every event of the feed up to now."""
        page: dict[str, Any] = {"has_more": True, "next_after": feed.after}
        while page["has_more"]:
            page = self.send(feed.page(page["next_after"]))
            yield from page["data"]

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncClient:
    """As Client, for asyncio."""

    def __init__(
        self,
        api_key: str,
        url: str = "http://127.0.0.1:8000",
        *,
        retries: Retries | None = None,
        timeout: float = 30.0,
        signing_secret: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`timeout` is in seconds, for each try. Payouts need the key's `signing_secret`. `transport` is for tests."""
        self._secret = signing_secret
        self._retries = retries or Retries()
        self._http = httpx2.AsyncClient(base_url=url, headers=_headers(api_key), timeout=timeout, transport=transport)

    async def send(self, call: Call[T]) -> T:
        """Send a request and return its answer. Raises Problem or NoAnswer."""
        tries = _Tries(self._retries, call)
        while True:
            try:
                answer = await self._http.request(**_request(call, self._secret))
            except httpx2.TransportError as error:
                pause = tries.silence(error)
            else:
                if answer.is_success:
                    return cast(T, _content(answer))
                pause = tries.refusal(answer)
            await asyncio.sleep(pause)

    async def each(self, listing: Listing[T]) -> AsyncIterator[T]:
        """Every item of a list, one page at a time."""
        page: dict[str, Any] = {"has_more": True, "next_cursor": None}
        while page["has_more"]:
            page = await self.send(listing.page(page["next_cursor"]))
            for item in page["data"]:
                yield item

    async def events(self, feed: Feed) -> AsyncIterator[Event]:
        """Every event of the feed up to now."""
        page: dict[str, Any] = {"has_more": True, "next_after": feed.after}
        while page["has_more"]:
            page = await self.send(feed.page(page["next_after"]))
            for event in page["data"]:
                yield event

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()


def _headers(api_key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key}", "User-Agent": _AGENT, "Accept": "application/json"}


def _request(call: Call[Any], secret: str | None) -> dict[str, Any]:
    """The arguments of one try: the same bytes and the same key every time, and a fresh signature where one is due."""
    headers = {} if call.key is None else {"Idempotency-Key": call.key}
    content = None if call.body is None else json.dumps(call.body, ensure_ascii=False).encode()
    if content is not None:
        headers["Content-Type"] = "application/json"
    if call.signed:
        headers |= _signature(call, content or b"", secret)
    return {
        "method": call.method,
        "url": f"{API}{call.path}",
        "params": dict(call.query),
        "content": content,
        "headers": headers,
    }


def _signature(call: Call[Any], content: bytes, secret: str | None) -> dict[str, str]:
    """The headers that sign a request; no two tries share them."""
    if secret is None:
        raise ValueError("this request is signed: give the client the key's signing_secret")
    at, nonce = str(int(time.time())), secrets.token_urlsafe(24)
    signed = signature_of(call.method, f"{API}{call.path}", call.query, content, secret, at=at, nonce=nonce)
    return {"Specie-Timestamp": at, "Specie-Nonce": nonce, "Specie-Signature": signed}


def _content(answer: httpx2.Response) -> Any:
    """The answer's JSON; the bytes of a file; None when it is empty."""
    if not answer.content:
        return None
    if "json" in answer.headers.get("content-type", ""):
        return answer.json()
    return answer.content


def _document(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
