"""A pytest plugin: a failure is told in full when it happens.

So a run that is cut short has still said what went wrong.
"""

from __future__ import annotations

import time

import pytest

_STARTED = time.monotonic()
# Of what a test has printed and logged, the end is what tells.
_MOST_SHOWN = 4000


class _Teller:
    """Writes each failed report to the terminal; with several processes, only in the one that collects."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.failed:
            return
        terminal = self._config.pluginmanager.getplugin("terminalreporter")
        terminal.ensure_newline()
        terminal.section(
            f"{report.when} of {report.nodeid} after {time.monotonic() - _STARTED:.0f} s", sep="-", red=True
        )
        terminal.line(report.longreprtext)
        for title, text in report.sections:
            terminal.line(f"{title}:\n{text[-_MOST_SHOWN:]}")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the teller where the reports of all processes come together."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Teller(config))
