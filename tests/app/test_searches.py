"""What is typed into a search box never reaches the database in a form that it cannot take."""

from typing import Any

import httpx2
import pytest_asyncio

from specie.platform.config import Settings
from tests.app.callers import sandbox_key


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def key(settings: Settings) -> str:
    return await sandbox_key(settings, "searching")


def test_a_search_with_nul_is_refused_wherever_there_is_one(client: httpx2.Client, key: str) -> None:
    document: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    lists = [
        path
        for path, methods in document["paths"].items()
        if "{" not in path and any(each["name"] == "q" for each in methods.get("get", {}).get("parameters", ()))
    ]
    assert {"/api/v1/billing/invoices", "/api/v1/payables/bills", "/api/v1/quotes", "/api/v1/sales-orders"} <= {*lists}

    for path in lists:
        answer = client.get(path, params={"q": "a\0b"}, headers={"Authorization": f"Bearer {key}"})
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["param"]) == (422, "field_invalid", "query.q"), path
