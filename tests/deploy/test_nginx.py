"""The proxy's log shows no address that is itself the right to see a page."""

import re
from pathlib import Path

import pytest

from specie.app.routers import OUTSIDE, ROUTERS
from specie.platform.metrics import API

CONF = (Path(__file__).resolve().parents[2] / "deploy" / "nginx" / "nginx.conf").read_text()
PATHS = sorted(
    {
        prefix + route.path
        for routers, prefix in ((ROUTERS, API), (OUTSIDE, ""))
        for router in routers
        for route in router.routes
        if "{token}" in route.path
    }
)


def asked(route: str, token: str) -> str:
    """A path of a route, whatever else it names."""
    return re.sub(r"\{\w+\}", "other", route.replace("{token}", token))


def logged(path: str) -> str:
    """What the log's path becomes by the map of the configuration."""
    found = re.search(r"map \$uri \$shown_path \{\s+default \$uri;\s+~(\S+) \$way\*\*\*\$rest;\s+\}", CONF)
    assert found is not None
    matched = re.search(found[1], path)
    return f"{matched['way']}***{matched['rest']}" if matched else path


def test_the_log_writes_the_path_of_the_map() -> None:
    written = re.findall(r"log_format \w+ '([^']+)'", CONF)
    assert written
    assert all("$shown_path" in line and not re.search(r"\$(uri|request|request_uri|args)\b", line) for line in written)


@pytest.mark.parametrize("path", PATHS)
def test_no_token_of_a_route_is_logged(path: str) -> None:
    assert logged(asked(path, "s3cret")) == asked(path, "***")


@pytest.mark.parametrize("path", PATHS)
def test_a_failure_on_the_way_to_a_page_is_not_told_with_its_address(path: str) -> None:
    # The first location whose expression fits is the one that counts.
    found = re.findall(r"location ~ (\S+) \{(.*?)\}", CONF, re.DOTALL)
    body = next((body for pattern, body in found if re.search(pattern, asked(path, "live"))), "")
    assert "error_log /dev/stderr crit;" in body


@pytest.mark.parametrize("path", ["/", "/api/v1/payments/pay_1", "/checkout-assets/checkout.css", "/invoices/inv_1"])
def test_every_other_path_is_logged_as_it_is(path: str) -> None:
    assert logged(path) == path
