"""The commands that talk to a platform, against a small stand-in that speaks its feed."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer
from standardwebhooks import Webhook

from specie.app import reference
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.openapi import openapi_command
from tests.app.test_cli import specie


def event(n: int, kind: str) -> dict[str, Any]:
    return {
        "n": n,
        "id": f"evt_{n}",
        "type": kind,
        "schema_version": 1,
        "subject": {"kind": "payment", "id": f"pay_{n}", "version": 1},
        "data": {},
        "occurred_at": "2026-11-21T08:00:00Z",
    }


FEED = [event(1, "payment.created"), event(2, "wallet.opened"), event(3, "payment.paid"), event(4, "payment.failed")]


class StandIn(BaseHTTPRequestHandler):
    """A feed that breaks off after every two events, and an endpoint that keeps what it gets."""

    received: list[tuple[dict[str, str], bytes]]
    asked: list[str]
    erasure: dict[str, Any]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.headers.get("Authorization") != "Bearer spc_test_right":
            self._answer(401, {"code": "unauthenticated", "title": "Authentication required", "detail": "no"})
        elif self.path.startswith("/api/v1/events/stream"):
            after = int(self.path.rpartition("after=")[2])
            lines = [f"id: {one['n']}\ndata: {json.dumps(one)}\n\n" for one in FEED if one["n"] > after][:2]
            self._send(200, "text/event-stream", ("retry: 1\n: open\n\n" + "".join(lines)).encode())
        elif self.path.startswith("/api/v1/events/evt_"):
            self._answer(200, FEED[int(self.path.rpartition("_")[2]) - 1])
        elif self.path.endswith("/erasure"):
            self._answer(200, self.erasure)
        else:
            self._answer(200, {"data": [FEED[-1]], "has_more": True, "next_after": 4})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((dict(self.headers), body))
        self._send(204, "text/plain", b"")

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(document).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def platform() -> Iterator[tuple[str, type[StandIn]]]:
    class Handler(StandIn):
        pass

    Handler.received, Handler.asked = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", Handler
    server.shutdown()
    server.server_close()


def test_listen_goes_on_after_a_broken_line_and_keeps_to_the_wanted_types(platform: tuple[str, type[StandIn]]) -> None:
    url, _ = platform
    options = ("--after", "0", "--count", "3", "--events", "payment.*", "--json")
    answer = specie("listen", *options, SPECIE_URL=url, SPECIE_API_KEY="spc_test_right")
    assert answer.returncode == ExitCode.OK, answer.stderr
    assert [json.loads(line)["n"] for line in answer.stdout.splitlines()] == [1, 3, 4]


def test_listen_forwards_what_an_outside_library_accepts_as_signed(platform: tuple[str, type[StandIn]]) -> None:
    url, handler = platform
    secret = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    options = ("--after", "2", "--count", "2", "--secret", secret, "--forward-to", f"{url}/hooks")
    answer = specie("listen", *options, SPECIE_URL=url, SPECIE_API_KEY="spc_test_right")
    assert answer.returncode == ExitCode.OK, answer.stderr
    assert [line.split()[-1] for line in answer.stdout.splitlines()] == ["204", "204"]
    assert secret in answer.stderr
    headers, body = handler.received[0]
    assert (
        Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})["type"] == "payment.paid"
    )
    assert headers["webhook-id"] == "evt_3"


def test_a_program_without_an_endpoint_gets_an_event_again(platform: tuple[str, type[StandIn]]) -> None:
    url, handler = platform
    secret = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    options = ("events", "resend", "evt_3", "--secret", secret, "--key", "spc_test_right")
    answer = specie(*options, "--forward-to", f"{url}/hooks", SPECIE_URL=url)
    assert (answer.returncode, answer.stdout.split()[-1]) == (ExitCode.OK, "204"), answer.stderr
    headers, body = handler.received[0]
    assert Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})["data"]["n"] == 3
    # Nobody listens at the discard port of this machine.
    answer = specie(*options, "--forward-to", "http://127.0.0.1:9/", SPECIE_URL=url)
    assert answer.returncode == ExitCode.CHECK_FAILED


def test_listen_without_a_number_begins_at_the_newest_event(platform: tuple[str, type[StandIn]]) -> None:
    url, handler = platform
    answer = specie("listen", "--count", "1", "--key", "spc_test_wrong", SPECIE_URL=url)
    assert answer.returncode == ExitCode.REFUSED
    assert handler.asked == [f"/api/v1/events?before={2**63 - 1}&limit=1"]


def test_party_erase_only_shows_what_would_happen_until_it_is_confirmed(platform: tuple[str, type[StandIn]]) -> None:
    url, handler = platform
    preview = {
        "party_id": "pty_1",
        "forgotten": [{"kind": "bank_accounts", "number": 2}],
        "kept": [{"kind": "postings", "number": 14}],
        "reasons": ["an invoice is still open"],
        "needs_second_person": False,
    }
    handler.erasure = preview
    right = {"SPECIE_URL": url, "SPECIE_API_KEY": "spc_test_right"}
    shown = specie("party", "erase", "pty_1", **right)
    assert shown.stdout.splitlines() == [
        "pty_1:",
        "  forgotten       2  bank accounts",
        "  kept           14  postings",
        "Cannot be erased now: an invoice is still open.",
    ]
    assert specie("party", "erase", "pty_1", "--confirm", **right).returncode == ExitCode.USAGE
    assert handler.received == []


def test_a_refusal_is_a_sentence_with_its_code(platform: tuple[str, type[StandIn]]) -> None:
    url, _ = platform
    answer = specie("listen", "--after", "0", "--key", "spc_test_wrong", SPECIE_URL=url)
    assert answer.returncode == ExitCode.REFUSED
    assert answer.stderr.strip() == "unauthenticated: no"


def test_without_a_key_the_setting_is_named() -> None:
    answer = specie("listen", SPECIE_URL="http://127.0.0.1:1")
    assert answer.returncode == ExitCode.SETTINGS
    assert "SPECIE_API_KEY" in answer.stderr


def test_an_address_where_nothing_answers_has_its_own_exit_code() -> None:
    answer = specie("listen", SPECIE_URL="http://127.0.0.1:1", SPECIE_API_KEY="spc_test_right")
    assert answer.returncode == ExitCode.UNREACHABLE
    assert "Traceback" not in answer.stderr


def test_openapi_writes_the_document_and_knows_when_it_is_not_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "document_of", lambda _: {"openapi": "3.1"})
    file = tmp_path / "api" / "openapi.json"
    openapi_command(out=file)
    assert json.loads(file.read_text()) == {"openapi": "3.1"}
    openapi_command(out=file, check=True)
    file.write_text(file.read_text().replace("3.1", "3.0", 1))
    with pytest.raises(typer.Exit) as ended:
        openapi_command(out=file, check=True)
    assert ended.value.exit_code == ExitCode.CHECK_FAILED
