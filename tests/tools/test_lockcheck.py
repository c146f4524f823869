"""Lock files: what makes one unfit."""

from typing import Any

import pytest

from tools.lockcheck import npm_faults, python_faults

HASH = "    --hash=sha256:" + "0" * 64
PYPROJECT = '[project]\ndependencies = ["alpha[extra]>=1.2"]\n[dependency-groups]\ndev = ["beta==2.0"]\n'
GOOD = f"alpha==1.3 \\\n{HASH}\nbeta==2.0 ; sys_platform == 'linux' \\\n{HASH}\n"


def test_a_complete_python_lock_has_no_fault() -> None:
    assert list(python_faults(GOOD, PYPROJECT)) == []


@pytest.mark.parametrize(
    ("lock", "fault"),
    [
        (GOOD.replace("alpha==1.3", "alpha==1.1"), "alpha[extra]>=1.2 is not met by the lock (1.1)"),
        (GOOD.partition("beta")[0], "beta==2.0 is not met by the lock (absent)"),
        (GOOD + "gamma==1.0\n", "gamma has no hash"),
        ("--index-url https://registry.example\n" + GOOD, "line 1: an address"),
        (GOOD + f"delta @ https://host.example/delta.whl \\\n{HASH}\n", "line 5: an address"),
        (GOOD + f"delta>=1 \\\n{HASH}\n", "not a pinned requirement: 'delta>=1 \\\\'"),
    ],
)
def test_a_faulty_python_lock_is_named(lock: str, fault: str) -> None:
    assert fault in list(python_faults(lock, PYPROJECT))


def npm_lock(**entry: Any) -> dict[str, Any]:
    package = {"version": "1.0.0", "integrity": "sha512-x"} | entry
    return {"packages": {"": {"dependencies": {"a": "1.0.0"}}, "node_modules/a": package}}


@pytest.mark.parametrize(
    ("lock", "fault"),
    [
        (npm_lock(resolved="https://registry.example/a.tgz"), "a records an address"),
        (npm_lock(integrity=""), "a has no integrity"),
        (
            npm_lock(optionalDependencies={"a-darwin": "1.0.0"}),
            "a lacks its platform package a-darwin: pin a slightly older version",
        ),
    ],
)
def test_a_faulty_npm_lock_is_named(lock: dict[str, Any], fault: str) -> None:
    assert list(npm_faults(lock, {"dependencies": {"a": "1.0.0"}})) == [fault]


def test_a_complete_npm_lock_has_no_fault() -> None:
    assert list(npm_faults(npm_lock(), {"dependencies": {"a": "1.0.0"}})) == []


def test_an_npm_lock_that_lags_behind_its_package_file_is_named() -> None:
    assert list(npm_faults(npm_lock(), {"dependencies": {"a": "2.0.0"}})) == ["dependencies differ from package.json"]
