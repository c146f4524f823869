"""A pytest plugin: where SPECIE_TEST_REQUIRE_ALL=1 is set, a skipped test fails.

So no machine is green by lacking a tool.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

REQUIRED = os.environ.get("SPECIE_TEST_REQUIRE_ALL") == "1"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Turns the skip of one test into its failure."""
    outcome = yield
    _refuse_skip(outcome.get_result())  # type: ignore[attr-defined]


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """Turns the skip of a whole file into its failure."""
    outcome = yield
    _refuse_skip(outcome.get_result())  # type: ignore[attr-defined]


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    # An expected failure also counts as skipped, but it ran.
    if REQUIRED and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but SPECIE_TEST_REQUIRE_ALL=1 allows no skips: {report.longrepr}"
