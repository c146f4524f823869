"""Trials and loads take minutes on a busy machine; what bounds them is their own clock, and this one behind it."""

import pytest

LONGEST_SECONDS = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give this folder's tests longer than others."""
    for item in items:
        if item.path.parent.name == "faults":
            item.add_marker(pytest.mark.timeout(LONGEST_SECONDS))
