"""The check behind `make test`: loud about what it skipped, strict where nothing may be skipped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import check
from tools.check import Lack, Step


def test_a_step_says_its_name_and_hides_the_output_of_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.run_step(Step("greeting", (sys.executable, "-c", "print('hello')")))
    out = capsys.readouterr().out
    assert out.startswith("greeting.")
    assert "hello" not in out


def test_a_failed_step_shows_its_output_and_its_command(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert not check.run_step(Step("greeting", (sys.executable, "-c", "print('hello'); exit(3)")))
    out = capfdbinary.readouterr().out
    assert b"FAILED" in out
    assert b"hello" in out
    assert b"failed in ./" in out


def test_a_failure_ends_its_side_and_the_other_side_goes_on_to_its_end(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    good, bad, last = (
        Step(name, (sys.executable, "-c", f"exit({code})")) for name, code in (("a", 0), ("b", 1), ("c", 0))
    )
    assert not check.run_beside((bad, last), (good, good))
    names = [line[:1] for line in capfdbinary.readouterr().out.splitlines() if b"...." in line]
    assert sorted(names) == [b"a", b"a", b"b"]
    assert check.run_beside((good,), ())


def test_a_machine_without_a_browser_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "a-browser-that-does-not-exist")
    lack = next(lack for lack in check.lacking() if lack.tool == "chromium")
    assert "apt-get install chromium" in lack.remedy


def test_the_announcement_names_the_tool_what_was_skipped_and_the_remedy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check.announce([Lack("chromium", "the browser tests", "apt-get install chromium")])
    out = capsys.readouterr().out
    assert "NOT EVERYTHING WAS CHECKED" in out
    assert "chromium: without it the browser tests did not run." in out


def test_a_missing_tool_fails_the_check_where_everything_is_required(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "REQUIRE_ALL", True)
    monkeypatch.setenv("CHROMIUM", "a-browser-that-does-not-exist")
    assert check.main([]) == 1
    assert "chromium" in capsys.readouterr().out


SKIPPED_TEST = """
import pytest

def test_skips():
    pytest.skip("no browser")

@pytest.mark.xfail
def test_is_known_to_fail():
    raise ValueError
"""
SKIPPED_FILE = 'import pytest\n\npytest.skip("no browser", allow_module_level=True)\n'


@pytest.mark.parametrize(
    ("required", "sample", "outcome"),
    [
        ("0", SKIPPED_TEST, "1 skipped, 1 xfailed"),
        ("1", SKIPPED_TEST, "1 failed, 1 xfailed"),
        ("0", SKIPPED_FILE, "1 skipped"),
        ("1", SKIPPED_FILE, "1 error"),
    ],
)
def test_a_skip_is_a_failure_only_where_everything_is_required(
    tmp_path: Path, required: str, sample: str, outcome: str
) -> None:
    (tmp_path / "test_sample.py").write_text(sample)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    environment = os.environ | {"SPECIE_TEST_REQUIRE_ALL": required, "PYTHONPATH": str(check.ROOT)}
    plugins = ("-p", "tools.require_everything", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", *plugins, "."]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert outcome in done.stdout


def test_help_lists_every_documented_command() -> None:
    done = subprocess.run(["make", "help"], cwd=check.ROOT, capture_output=True, text=True, check=True)
    commands = {line.split()[1] for line in done.stdout.splitlines() if line.strip()}
    assert commands >= {"run", "test", "lint", "fmt", "new-module", "demo", "bench", "setup", "lock"}
