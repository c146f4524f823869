"""The commands of the README and of the first tutorial, run as they stand there; last, since the clock is moved on."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from tests.app.test_cli import SPECIE, environment
from tests.support.browser import ROOT
from tests.support.installation import Installation

BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
TWO_HOURS = 7200


def run(installation: Installation, block: str, folder: Path) -> str:
    """Run one block of a page; what differs from installation to installation is put in."""
    text = block.replace("http://127.0.0.1:8000", installation.url)
    text = re.sub(r"export SPECIE_API_KEY=.*", "", text)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    key = installation.api_key("merchant")
    variables = environment(SPECIE_STATE=str(installation.state), SPECIE_API_KEY=key, PATH=path)
    command = ["bash", "-euo", "pipefail", "-c", text]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done.stdout


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


def test_the_readme_makes_the_payment_it_shows_once(installation: Installation, tmp_path: Path) -> None:
    block = blocks("README.md")[0]
    [first] = answers(run(installation, block, tmp_path))
    [again] = answers(run(installation, block, tmp_path))
    assert first == again
    assert (first["status"], first["amount"]) == ("created", {"amount": 15_000_000, "currency": "IDR"})
    assert str(first["checkout_url"]).startswith(f"{installation.url}/checkout/")
    with urllib.request.urlopen(str(first["checkout_url"])) as page:
        assert page.status == 200
    shown = json.loads(re.findall(r"```json\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[0])
    assert {name: type(value) for name, value in shown.items()} == {name: type(first[name]) for name in shown}


def test_the_readme_proves_the_books_of_a_running_platform(installation: Installation, tmp_path: Path) -> None:
    told = run(installation, blocks("README.md")[1], tmp_path)
    assert told.startswith("✓ The books are sound.")
    books = (tmp_path / "books.beancount").read_text(encoding="utf-8")
    assert books.count(" balance ") > 10
    # Between the two stands whose books they are, once several organisations have some.
    assert re.search(r"Income:(\S+:)?fees:payments", books, re.IGNORECASE)


def test_every_command_of_the_tutorial_works(installation: Installation, tmp_path: Path) -> None:
    told = [run(installation, block, tmp_path) for block in blocks("docs/tutorials/first-payment.md")]
    [payment] = answers(told[1])
    listed, feed = answers(told[2])
    assert payment["status"] == "created"
    assert [one["id"] for one in listed["data"]] == [payment["id"]]
    assert feed["data"]
    assert "sound" in told[3]


def test_the_commands_that_talk_to_the_platform_work_against_it(installation: Installation) -> None:
    key = installation.api_key("sandbox")
    variables = {"SPECIE_URL": installation.url, "SPECIE_STATE": str(installation.state), "SPECIE_API_KEY": key}

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
    before = told("clock", "show")["ahead_seconds"]
    # Two hours after the command began; the seconds it took are no longer ahead of the machine.
    assert TWO_HOURS - 300 < told("clock", "advance", "2h")["ahead_seconds"] - before <= TWO_HOURS
