"""The commands of the README and of the first tutorial, run as they stand there against a fresh platform."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.app.test_cli import SPECIE, environment
from tests.support.state import reachable_folder

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
LONGEST_START_SECONDS = 240


@dataclass(frozen=True)
class Platform:
    """A running one, with the demo in it."""

    url: str
    key: str
    state: Path

    def run(self, block: str, folder: Path) -> str:
        """Run one block of a page; what differs from installation to installation is put in."""
        text = block.replace("http://127.0.0.1:8000", self.url)
        text = re.sub(r"export SPECIE_API_KEY=.*", "", text)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        variables = environment(SPECIE_STATE=str(self.state), SPECIE_API_KEY=self.key, PATH=path)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=folder,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """`specie up --demo` in a fresh state folder on a free port."""
    # Into a file, because the logs of all processes follow, and a pipe that nobody empties would stop them.
    with reachable_folder() as state, (state / "up.log").open("w") as log:
        command = [*SPECIE, "up", "--demo", "--json"]
        variables = environment(SPECIE_STATE=str(state), SPECIE_PORT="0")
        running = subprocess.Popen(command, cwd="/", env=variables, stdout=log, stderr=subprocess.STDOUT)
        try:
            told = _announcement(state / "up.log")
            key = next(login["api_key"] for login in told["logins"] if login["role"] == "API key of the merchant")
            _wait_until_ready(told["url"])
            yield Platform(told["url"], key, state)
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(timeout=60)


def _announcement(log: Path) -> dict[str, Any]:
    for _ in range(LONGEST_START_SECONDS * 5):
        for line in log.read_text(encoding="utf-8").splitlines():
            if line.startswith('{"url"') and line.endswith("}"):
                told: dict[str, Any] = json.loads(line)
                return told
        time.sleep(0.2)
    raise AssertionError(f"nothing was announced:\n{log.read_text(encoding='utf-8')[-2000:]}")


def _wait_until_ready(url: str) -> None:
    for _ in range(LONGEST_START_SECONDS * 5):
        try:
            with urllib.request.urlopen(f"{url}/health/ready") as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"{url} does not become ready")


def blocks(page: str) -> list[str]:
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def answers(output: str) -> list[dict[str, Any]]:
    """The JSON objects that curl printed one after the other."""
    decoder, found, rest = json.JSONDecoder(), [], output.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(document)
        rest = rest[end:].lstrip()
    return found


def test_the_readme_makes_the_payment_it_shows(platform: Platform, tmp_path: Path) -> None:
    block = blocks("README.md")[0]
    [first] = answers(platform.run(block, tmp_path))
    [again] = answers(platform.run(block, tmp_path))
    assert first == again
    assert (first["status"], first["amount"]) == ("created", {"amount": 15_000_000, "currency": "IDR"})
    assert str(first["checkout_url"]).startswith(f"{platform.url}/checkout/")
    with urllib.request.urlopen(str(first["checkout_url"])) as page:
        assert page.status == 200


def test_the_answer_in_the_readme_has_the_fields_of_a_real_one(platform: Platform, tmp_path: Path) -> None:
    shown = json.loads(re.findall(r"```json\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[0])
    [real] = answers(platform.run(blocks("README.md")[0], tmp_path))
    assert {name: type(value) for name, value in shown.items()} == {name: type(real[name]) for name in shown}


def test_the_readme_proves_the_books_of_a_running_platform(platform: Platform, tmp_path: Path) -> None:
    told = platform.run(blocks("README.md")[1], tmp_path)
    assert told.startswith("✓ The books are sound.")
    assert (tmp_path / "books.beancount").read_text(encoding="utf-8").count(" balance ") > 10


def test_every_command_of_the_tutorial_works(platform: Platform, tmp_path: Path) -> None:
    told = [platform.run(block, tmp_path) for block in blocks("docs/tutorials/first-payment.md")]
    [payment] = answers(told[1])
    listed, feed = answers(told[2])
    assert payment["status"] == "created"
    assert [one["id"] for one in listed["data"]] == [payment["id"]]
    assert feed["data"]
    assert "sound" in told[3]


def test_the_commands_that_talk_to_the_platform_work_against_it(platform: Platform, tmp_path: Path) -> None:
    variables = {"SPECIE_URL": platform.url, "SPECIE_STATE": str(platform.state)}
    kept = json.loads((platform.state / "secrets" / "demo.json").read_text(encoding="utf-8"))
    variables["SPECIE_API_KEY"] = kept["api_keys"]["sandbox"]

    def told(*arguments: str) -> dict[str, Any]:
        command = [*SPECIE, *arguments, "--json"]
        done = subprocess.run(command, env=environment(**variables), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    states = {"paid": "paid", "failed": "failed", "expired": "expired", "created": "created", "cancelled": "cancelled"}
    for event, state in states.items():
        assert told("trigger", f"payment.{event}")["object"]["status"] == state
    yen = told("trigger", "payment.paid", "--override", "amount=1500", "--override", "currency=JPY")
    assert yen["object"]["amount"] == {"amount": 1500, "currency": "JPY"}
    for event in ("party.created", "wallet.opened", "transfer.completed", "kyc.submitted"):
        assert told("trigger", event)["event"] == event
    assert told("listen", "--after", "0", "--count", "1")["n"] == 1
    # Two hours after the command began; the seconds it took are no longer ahead of the machine.
    assert 6900 < told("clock", "advance", "2h")["ahead_seconds"] <= 7200
