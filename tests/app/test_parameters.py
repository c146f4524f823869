"""Every route of the API refuses a parameter it does not know, before anything is read or done."""

import asyncio

import httpx2
import pytest

from specie.app.routers import ROUTERS
from specie.identity.model import KEY_PERMISSIONS
from specie.platform.config import Settings
from specie.platform.http import SpecieRoute
from specie.platform.metrics import API
from tests.app.callers import sandbox_key

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, SpecieRoute)]
CALLED_BY_OTHERS = {
    "/callbacks/{token}": "Providers put what they like into the query of the address they were given.",
    "/callbacks/{token}/notify": "The provider's whole callback stands in the query.",
    "/auth/sso/callback": "Identity providers add `iss`, `session_state` and more.",
}


@pytest.fixture(scope="module")
def key(settings: Settings) -> str:
    """A key of a sandbox with every right a key can have."""
    return asyncio.run(sandbox_key(settings, "asked"))


def test_only_what_others_programs_call_takes_parameters_of_theirs() -> None:
    assert {route.path for route in ROUTES if getattr(route.endpoint, "takes_any_query", False)} == set(
        CALLED_BY_OTHERS
    )


def test_every_route_refuses_a_parameter_it_does_not_know(client: httpx2.Client, key: str) -> None:
    answers = {f"{method} {route.path}": refusal_of(client, key, method, route) for route, method in askable()}
    assert len(answers) > 300
    assert {way: answer for way, answer in answers.items() if answer != (422, "unknown_parameter")} == {}


def askable() -> list[tuple[SpecieRoute, str]]:
    """The routes that a key, or nobody in particular, may call."""
    return [
        (route, method)
        for route in ROUTES
        for method in sorted(route.methods)
        # A signed route proves the whole request, query included, before it looks at any of it.
        if type(route) is SpecieRoute
        if route.path not in CALLED_BY_OTHERS and (route.permission is None or route.permission in KEY_PERMISSIONS)
    ]


def refusal_of(client: httpx2.Client, key: str, method: str, route: SpecieRoute) -> tuple[int, str]:
    credential = {"Authorization": f"Bearer {key}"} if route.permission else {}
    answer = client.request(method, f"{API}{route.path}?no_such_thing=1", headers=credential)
    return answer.status_code, answer.json().get("code", "")
