"""Somebody at a browser or a program, talking to the whole application."""

import itertools
from typing import Any

import httpx2
from fastapi import FastAPI

from tests.identity.people import PASSWORD, Person

ORIGIN = "https://pay.example"
_addresses = itertools.count(1)


def fresh_address() -> str:
    """An address no other test calls from, so that what it gets wrong is nobody else's."""
    number = next(_addresses)
    return f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"


class Visitor:
    """One client with its own address and cookies."""

    def __init__(self, app: FastAPI, address: str | None = None) -> None:
        transport = httpx2.ASGITransport(app=app, client=(address or fresh_address(), 50_000))
        self.http = httpx2.AsyncClient(transport=transport, base_url=ORIGIN)
        self.csrf = ""

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        """Read."""
        return await self.http.get(f"/api/v1{path}", headers=headers)

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Write with these headers and no others."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, f"/api/v1{path}", json=body, headers=named)

    async def write(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Write as our own page does."""
        return await self.send(method, path, body, origin=ORIGIN, x_csrf_token=self.csrf, **headers)

    async def log_in(self, who: Person | str, password: str = PASSWORD, **more: str) -> httpx2.Response:
        """Sign in as a browser does, keeping the cookie and the token for writes."""
        email = who if isinstance(who, str) else who.email
        answer = await self.send("POST", "/auth/login", {"email": email, "password": password} | more, origin=ORIGIN)
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf_token"]
        return answer

    async def with_bearer(self, method: str, path: str, credential: str, body: Any = None) -> httpx2.Response:
        """Call as a program."""
        return await self.send(method, path, body, authorization=f"Bearer {credential}")


def code(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]
