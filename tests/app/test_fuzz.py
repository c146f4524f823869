"""A fuzzer over the whole document: no answer is a 5xx, and every answer is one the document names."""

import asyncio
import threading
import uuid
from collections.abc import Iterator

import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from requests import Session
from schemathesis import APIOperation, Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from specie.platform.config import Settings
from tests.app.callers import sandbox_key

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SECONDS = 60
KEY = "Idempotency-Key"
# A body has many fields to go wrong in; a path and a few parameters are soon exhausted.
EXAMPLES_WITH_BODY = 8
EXAMPLES_WITHOUT = 4


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    """The application on a socket of its own, as it is served."""
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(SECONDS)


@pytest.fixture(scope="module")
def key(settings: Settings) -> str:
    """A key of a sandbox with every right a key can have."""
    return asyncio.run(sandbox_key(settings, "fuzzed"))


@pytest.fixture(scope="module")
def api(address: str) -> schemathesis.BaseSchema:
    """The document as the running application serves it."""
    return schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", timeout=60)


def test_every_answer_is_documented_and_none_is_our_fault(api: schemathesis.BaseSchema, key: str) -> None:
    # One connection for all requests, and no look at the environment for a proxy before each of them.
    with Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {key}"
        wrong = [fault for operation in api.get_all_operations() for fault in _faults(operation.ok(), session)]
    assert wrong == []


def _faults(operation: APIOperation, session: Session) -> list[str]:
    """What a few made-up requests to one operation bring to light."""
    if operation.path.endswith("/stream"):
        # A live page stays open until its reader leaves, which a fuzzer does not do.
        return []

    @settings(
        max_examples=EXAMPLES_WITH_BODY if operation.body else EXAMPLES_WITHOUT,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def attack(case: Case) -> None:
        if operation.headers.get(KEY):
            # Without a key of its own no request gets as far as the money.
            case.headers.setdefault(KEY, str(uuid.uuid4()))
        case.call_and_validate(session=session, checks=CHECKS, timeout=SECONDS)

    try:
        attack()
    except (Exception, FailureGroup) as error:
        return [f"{operation.label}: {error}"]
    return []
