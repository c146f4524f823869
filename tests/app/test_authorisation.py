"""Every route with every kind of caller, generated from the routes themselves and a policy that people review."""

import json
import tomllib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
import pytest_asyncio

from specie.app.routers import OUTSIDE, ROUTERS
from specie.app.wiring import Services, build
from specie.identity.model import ROLE_PERMISSIONS, Role
from specie.kernel.ids import RequestId
from specie.kernel.permissions import Permission, Verification
from specie.platform.config import Settings
from specie.platform.metrics import API
from tests.app import things
from tests.app.callers import Organisation, organisation, token

POLICY = tomllib.loads((Path(__file__).parent / "policy.toml").read_text(encoding="utf-8"))
_TOO_OLD = 10 * 60 + 31


@dataclass(frozen=True)
class Way:
    """One method of one route."""

    method: str
    path: str
    permission: Permission | None
    step_up: bool
    verification: Verification | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def roles(self) -> set[Role]:
        return {role for role in Role if self.permission in ROLE_PERMISSIONS[role]}

    @property
    def demands(self) -> str:
        """Permission, a fresh proof of who one is, and the verification of one's own party, as the policy says it."""
        verification = f" +kyc:{self.verification}" if self.verification else ""
        return f"{self.permission}{' +step_up' if self.step_up else ''}{verification}"

    @property
    def is_stream(self) -> bool:
        """Whether an admitted caller is kept on the line until it leaves."""
        return self.path.endswith("/stream")

    def to(self, ids: dict[str, str]) -> str:
        return self.path.format_map(ids)


def ways() -> Iterator[Way]:
    for routers, prefix in ((ROUTERS, API), (OUTSIDE, "")):
        for route in (route for router in routers for route in router.routes):
            permission, step_up = getattr(route, "permission", None), getattr(route, "step_up", False)
            verification = getattr(route, "verification", None)
            for method in sorted(getattr(route, "methods", None) or ()):
                yield Way(method, f"{prefix}{route.path}", permission, step_up, verification)  # type: ignore[attr-defined]


WAYS = list(ways())
GUARDED = [way for way in WAYS if way.permission is not None]
NAMED = [way for way in GUARDED if "{" in way.path]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def services(settings: Settings) -> AsyncIterator[Services]:
    made = build(settings)
    yield made
    await made.db.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ours(services: Services) -> Organisation:
    return await organisation(services, "ours")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def theirs(services: Services) -> Organisation:
    return await organisation(services, "theirs")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def their_ids(services: Services, theirs: Organisation) -> dict[str, str]:
    return await things.made_by(services, theirs)


@pytest.fixture
def bearer(services: Services, ours: Organisation, superuser_connection: psycopg.Connection) -> Any:
    """The header of a member of ours, each time with a session of its own."""

    def made(role: Role, age: int = 0) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {token(services, superuser_connection, ours.users[role], ours.live, age=age)}"
        }

    return made


def call(client: httpx2.Client, way: Way, path: str, headers: Any, query: str = "") -> Any:
    body = b"{}" if way.method in {"POST", "PUT", "PATCH"} else None
    # A dictionary of headers cannot say one of them twice.
    given = [*dict(headers).items()] if isinstance(headers, dict) else list(headers)
    return client.request(
        way.method, path + query, headers=[*given, ("Content-Type", "application/json")], content=body
    )


def test_the_policy_names_every_route_and_no_other() -> None:
    written = POLICY["guarded"].keys() | POLICY["public"].keys()
    assert {str(way) for way in WAYS} == written
    assert not POLICY["guarded"].keys() & POLICY["public"].keys()


def test_every_route_asks_for_the_permission_the_policy_says() -> None:
    assert {str(way): way.demands for way in GUARDED} == POLICY["guarded"]


def test_every_open_route_has_a_reason_to_be_open() -> None:
    assert [str(way) for way in WAYS if way.permission is None and len(POLICY["public"][str(way)]) < 10] == []


def test_every_role_has_the_permissions_the_policy_says() -> None:
    held = {str(can): [role.value for role in Role if can in ROLE_PERMISSIONS[role]] for can in Permission}
    assert held == POLICY["roles"]


def test_a_caller_without_a_good_credential_is_401(client: httpx2.Client, bearer: Any) -> None:
    good = bearer(Role.OWNER)["Authorization"].removeprefix("Bearer ")
    bad: dict[str, Any] = {
        "none": {},
        "empty": {"Authorization": "Bearer"},
        "other scheme": {"Authorization": "Basic b3duZXI6cGFzcw=="},
        "nonsense": {"Authorization": "Bearer nonsense"},
        "two headers": [("Authorization", f"Bearer {good}")] * 2,
        "expired": bearer(Role.OWNER, age=_TOO_OLD),
        "tampered": {"Authorization": f"Bearer {_flipped(good)}"},
        "unknown key": {"Authorization": "Bearer spc_live_" + "0" * 49},
    }
    unknown = things.unknown()
    for way in GUARDED:
        path = way.to(unknown)
        answers = {name: call(client, way, path, headers) for name, headers in bad.items()}
        answers["in the query"] = call(client, way, path, {}, f"?access_token={good}")
        assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 401), way
        assert answers["none"].json()["code"] == "unauthenticated", way
        assert "www-authenticate" in answers["none"].headers, way
        codes = answers["expired"].json()["code"], answers["tampered"].json()["code"]
        assert codes == ("token_expired", "token_invalid"), way


def _flipped(text: str) -> str:
    """The token with one character of its payload changed."""
    head, body, signature = text.split(".")
    middle = len(body) // 2
    return f"{head}.{body[:middle]}{'A' if body[middle] != 'A' else 'B'}{body[middle + 1 :]}.{signature}"


def test_a_wrong_role_is_403_and_changes_nothing(
    client: httpx2.Client, bearer: Any, superuser_connection: psycopg.Connection
) -> None:
    before, unknown = _business(superuser_connection), things.unknown()
    headers = {role: bearer(role) for role in Role}
    for way in GUARDED:
        for role in set(Role) - way.roles:
            answer = call(client, way, way.to(unknown), headers[role])
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), f"{way} by {role}"
            assert answer.json()["permission"] == str(way.permission), f"{way} by {role}"
    assert _business(superuser_connection) == before


def test_a_right_role_is_let_in(client: httpx2.Client, bearer: Any) -> None:
    headers = {role: bearer(role) for role in Role}
    for way in (way for way in GUARDED if not way.is_stream):
        for role in way.roles:
            answer = call(client, way, way.to(things.unknown()), headers[role])
            if answer.status_code == 401:
                # The route before this one has ended the session that called it.
                headers[role] = bearer(role)
                answer = call(client, way, way.to(things.unknown()), headers[role])
            # These members act for parties that nobody has verified.
            is_unverified = way.verification is Verification.APPROVED and role.is_limited_to_party
            refused = {401} if is_unverified and answer.json()["code"] == "kyc_required" else {401, 403}
            assert answer.status_code not in refused, f"{way} by {role}: {answer.text}"


def _business(connection: psycopg.Connection) -> Any:
    counts = ", ".join(f"(select count(*) from specie.{name})" for name in ("journal_entry", "audit", "event"))
    return connection.execute(f"select {counts}").fetchone()  # type: ignore[call-overload]


def test_what_is_anothers_looks_exactly_like_what_does_not_exist(
    client: httpx2.Client, bearer: Any, their_ids: dict[str, str]
) -> None:
    unknown = things.unknown()
    for way in NAMED:
        headers = bearer(Role.OWNER) | {"Request-Id": str(RequestId.new())}
        anothers = call(client, way, way.to(unknown | their_ids), headers)
        nobodys = call(client, way, way.to(unknown), headers)
        assert anothers.status_code == nobodys.status_code, way
        assert _without_ids(anothers, unknown | their_ids) == _without_ids(nobodys, unknown), way
        if way.method == "GET":
            # A signed address is judged by its signature first.
            assert anothers.status_code in {404, 422}, way


def _without_ids(answer: Any, ids: dict[str, str]) -> Any:
    text = answer.text
    for value in ids.values():
        text = text.replace(value, "…")
    return json.loads(text) if text else None
