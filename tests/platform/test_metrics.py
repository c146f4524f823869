"""Metrics: measured by route template, served on a port of their own."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from specie.platform.metrics import RequestTelemetry, counter, gauge, metrics_app, registry


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()
    router = APIRouter(prefix="/api/v1/things")

    @router.get("/{thing}")
    async def read(thing: str) -> dict[str, Any]:
        return {"request_id": structlog.contextvars.get_contextvars()["request_id"]}

    @router.post("/{thing}")
    async def fail(thing: str) -> None:
        raise RuntimeError("broken")

    app.include_router(router)
    app.add_middleware(RequestTelemetry)
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def measured(method: str, route: str, status: str) -> float:
    labels = {"method": method, "route": route, "status": status}
    return registry.get_sample_value("specie_http_request_seconds_count", labels) or 0


def test_requests_are_counted_by_route_template(client: TestClient) -> None:
    before = measured("GET", "/api/v1/things/{thing}", "200")
    client.get("/api/v1/things/one")
    client.get("/api/v1/things/two")
    assert measured("GET", "/api/v1/things/{thing}", "200") == before + 2


def test_a_path_without_a_route_makes_no_label_of_its_own(client: TestClient) -> None:
    before = measured("any", "(none)", "404")
    client.get("/wp-admin/one")
    client.request("BREW", "/wp-admin/two")
    assert measured("any", "(none)", "404") == before + 2
    assert "wp-admin" not in _exposed().text


def test_an_unhandled_exception_counts_as_500(client: TestClient) -> None:
    before = measured("POST", "/api/v1/things/{thing}", "500")
    assert client.post("/api/v1/things/one").status_code == 500
    assert measured("POST", "/api/v1/things/{thing}", "500") == before + 1


@pytest.fixture
def everything_is_logged() -> Iterator[None]:
    """Also where a command that ran before in this process has asked for warnings only."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("everything_is_logged")
def test_the_answer_and_the_log_carry_the_same_new_id(client: TestClient) -> None:
    with capture_logs([structlog.contextvars.merge_contextvars]) as logs:
        answer = client.get("/api/v1/things/one", headers={"Request-Id": "req_forged"})
    assert answer.headers["request-id"] == answer.json()["request_id"]
    assert answer.headers["request-id"].startswith("req_0")
    [line] = [log for log in logs if log["event"] == "request"]
    assert (line["request_id"], line["status"]) == (answer.headers["request-id"], 200)
    assert line["route"] == "/api/v1/things/{thing}"
    assert "one" not in json.dumps(line)


def test_counters_and_gauges_are_exposed() -> None:
    counter("test_things", "Things.", "kind").labels("a").inc(3)
    gauge("test_lag_seconds", "Lag.").set(2)
    text = _exposed().text
    assert 'specie_test_things_total{kind="a"} 3.0' in text
    assert "specie_test_lag_seconds 2.0" in text


def _exposed() -> Any:
    with TestClient(metrics_app()) as client:
        return client.get("/metrics")


def test_the_metrics_port_serves_nothing_else() -> None:
    with TestClient(metrics_app()) as client:
        assert client.get("/metrics").headers["content-type"].startswith("text/plain")
        assert client.get("/").status_code == 404
        assert client.post("/metrics").status_code == 404
