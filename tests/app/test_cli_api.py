"""The commands that ask a platform, against the whole application in this process."""

import json
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from specie.app.cli import app as program
from specie.app.cli import client as cli_client
from specie.app.cli.client import Refused
from specie.app.cli.exit_codes import ExitCode
from specie.app.wiring import build
from specie.kernel.clock import machine_now
from specie.platform.config import Settings
from specie.platform.telemetry import configure_logs
from tests.app.callers import api_key, organisation

Run = Callable[..., Result]
URL = "http://127.0.0.1:8000"
_REAL = httpx2.Client


@pytest.fixture(scope="module")
async def keys(settings: Settings, client: httpx2.Client) -> dict[str, str]:
    """A key of a tenant's sandbox and one of its live half."""
    services = build(settings)
    try:
        made = await organisation(services, "terminal")
        return {
            "sandbox": await api_key(services, made.sandbox),
            "live": await api_key(services, made.live),
        }
    finally:
        await services.db.close()


@pytest.fixture
def run(client: httpx2.Client, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """A command of the program, whose requests reach the application in this process."""

    def connected(**options: Any) -> httpx2.Client:
        return _REAL(transport=client._transport, **options)

    # What the application logs would stand between the answers.
    configure_logs(level="error")
    monkeypatch.setattr(cli_client.httpx2, "Client", connected)
    variables = {"SPECIE_URL": URL, "SPECIE_API_KEY": keys["sandbox"], "XDG_CONFIG_HOME": str(tmp_path)}

    def invoke(*arguments: str, typed: str = "", **changed: str) -> Result:
        return CliRunner(env=variables | changed).invoke(program, list(arguments), input=typed)

    return invoke


def told(answer: Result) -> Any:
    assert answer.exit_code == ExitCode.OK, (answer.output, answer.exception)
    return json.loads(answer.stdout)


def test_a_key_that_was_kept_serves_later_commands_and_nobody_else_can_read_it(
    run: Run, keys: dict[str, str], tmp_path: Path
) -> None:
    nobody = {"SPECIE_API_KEY": ""}
    kept = told(run("login", "--key-stdin", "--json", typed=f"{keys['sandbox']}\n", **nobody))
    assert Path(kept["file"]).stat().st_mode & 0o077 == 0
    assert told(run("whoami", "--json", SPECIE_URL="", **nobody))["tenant"]["slug"] == "terminal-sandbox"
    assert "at http://127.0.0.1:8000" in run("whoami", **nobody).stdout
    # Whoever names another platform does not hand it the key of this one.
    elsewhere = run("whoami", "--url", "https://other.example", **nobody)
    assert "the kept key is for http://127.0.0.1:8000" in str(elsewhere.exception)
    assert told(run("logout", "--json"))["forgotten"] is True
    assert "specie login" in str(run("whoami", **nobody).exception)


def test_a_key_that_is_refused_is_not_kept(run: Run, tmp_path: Path) -> None:
    refused = run("login", "--key-stdin", typed="spc_test_nothing\n", SPECIE_API_KEY="")
    assert isinstance(refused.exception, Refused)
    assert list(tmp_path.iterdir()) == []


def test_get_and_post_reach_any_resource(run: Run) -> None:
    body = {"kind": "person", "name": "Sari", "roles": ["customer"]}
    made = told(run("post", "/parties", "--data", json.dumps(body), "--json"))
    assert told(run("get", f"/api/v1/parties/{made['id']}"))["name"] == "Sari"
    assert made["id"] in {one["id"] for one in told(run("get", "parties", "limit=100"))["data"]}


def test_wallets_are_listed_by_their_currency(run: Run) -> None:
    party = told(run("post", "/parties", "--data", json.dumps({"name": "Sri Wahyuni"})))["id"]
    for currency in ("IDR", "JPY"):
        run("post", "/wallets", "--data", json.dumps({"party_id": party, "currency": currency}))
    found = told(run("get", "/wallets", "currency=JPY", f"party_id={party}"))["data"]
    assert [wallet["currency"] for wallet in found] == ["JPY"]


def test_the_same_idempotency_key_makes_one_thing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "party.json"
    file.write_text(json.dumps({"kind": "person", "name": "Budi", "roles": ["customer"]}))
    arguments = ("post", "/parties", "--data", f"@{file}", "--idempotency-key", "once-only", "--json")
    assert told(run(*arguments))["id"] == told(run(*arguments))["id"]


def test_a_live_key_posts_only_when_it_is_meant(run: Run, keys: dict[str, str]) -> None:
    body = ("--data", '{"kind": "person", "name": "Wati", "roles": ["customer"]}')
    live = {"SPECIE_API_KEY": keys["live"]}
    refused = run("post", "/parties", *body, **live)
    assert (refused.exit_code, "--live" in refused.stderr) == (ExitCode.USAGE, True)
    assert told(run("get", "/parties", **live))["data"] == []
    assert told(run("post", "/parties", *body, "--live", **live))["name"] == "Wati"


def test_logs_show_each_request_once_and_go_on_with_those_that_follow(
    run: Run, client: httpx2.Client, keys: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # By its text: the package holds the group of commands under the same name.
    monkeypatch.setattr(sys.modules["specie.app.cli.logs"], "_PAUSE_SECONDS", 0.05)
    headers = {"Authorization": f"Bearer {keys['sandbox']}"}
    client.get("/api/v1/events/nowhere-before", headers=headers)
    asked = threading.Timer(0.3, lambda: [client.get(f"/api/v1/events/nowhere-{n}", headers=headers) for n in range(2)])
    asked.start()
    shown = run("logs", "tail", "--status", "4xx", "--path", "/api/v1/events/nowhere", "--count", "3", "--json")
    asked.join()
    paths = [json.loads(line)["path"] for line in shown.stdout.splitlines()]
    assert paths == ["/api/v1/events/nowhere-before", "/api/v1/events/nowhere-0", "/api/v1/events/nowhere-1"]


def test_what_missed_an_endpoint_is_sent_again(
    run: Run, superuser_connection: psycopg.Connection, keys: dict[str, str]
) -> None:
    body = {"url": "https://hooks.example/in", "types": ["*"]}
    endpoint = told(run("post", "/webhook-endpoints", "--data", json.dumps(body), "--json"))["id"]
    example = json.dumps({"type": "payment.paid"})
    sent = told(run("post", f"/webhook-endpoints/{endpoint}/test", "--data", example, "--json"))
    superuser_connection.execute(
        "update specie.webhook_delivery set state = 'dead', next_at = null, finished_at = now()"
    )

    assert sent["id"] in run("webhooks", "list", "--state", "dead").stdout
    [again] = told(run("events", "resend", sent["event_id"], "--json"))["deliveries"]
    assert (again["id"], again["state"]) == (sent["id"], "pending")

    since = (machine_now() - timedelta(hours=1)).isoformat()
    reach = told(run("webhooks", "recover", endpoint, "--since", since, "--all", "--json"))
    assert reach["since_n"] <= reach["through_n"] + 1
    assert run("webhooks", "recover", endpoint).exit_code == ExitCode.USAGE


def test_a_statement_is_only_looked_at_until_it_is_meant(run: Run, tmp_path: Path) -> None:
    connection = {"provider": "simulator", "name": "Simulator"}
    made = told(run("post", "/connections", "--data", json.dumps(connection), "--json"))
    source = {"name": "Bank", "kind": "bank", "connection_id": made["id"], "currency": "IDR", "bank": "bca"}
    wanted = told(run("post", "/reconciliation/sources", "--data", json.dumps(source), "--json"))["id"]
    file = tmp_path / "statement.xml"
    file.write_bytes(_CAMT)
    arguments = ("import", "statement", str(file), "--source", wanted, "--format", "camt053")

    assert "--yes" in run(*arguments).stdout
    assert told(run("get", f"/reconciliation/sources/{wanted}/imports"))["data"] == []
    assert told(run(*arguments, "--yes", "--json"))["lines"] == 1
    assert len(told(run("get", f"/reconciliation/sources/{wanted}/imports"))["data"]) == 1


def test_keys_are_listed_and_replaced_by_whoever_runs_the_installation(
    run: Run, settings: Settings, keys: dict[str, str]
) -> None:
    own = {
        "DATABASE_URL": settings.database_url,
        "SPECIE_SYSTEM_URL": settings.system_url,
        "SPECIE_STATE": str(settings.state),
    }
    live = ("--tenant", "terminal", "--json")
    [before] = told(run("keys", "list", *live, **own))["keys"]
    made = told(run("keys", "rotate", before["id"], "--overlap-hours", "0", *live, **own))

    assert [each["id"] for each in told(run("keys", "list", *live, **own))["keys"]] == [made["id"]]
    assert told(run("whoami", "--json", SPECIE_API_KEY=made["key"]))["tenant"]["slug"] == "terminal"
    assert isinstance(run("whoami", SPECIE_API_KEY=keys["live"]).exception, Refused)
    gone = run("keys", "rotate", before["id"], *live, **own)
    assert (gone.exit_code, json.loads(gone.stdout)["error"]["code"]) == (ExitCode.REFUSED, "api_key_ended")


def test_documents_come_over_the_api_and_need_a_name(run: Run) -> None:
    assert run("export", "ubl").exit_code == ExitCode.USAGE
    missing = run("export", "ubl", "inv_01jx3s5v0q8e5t9m2w4r6y8zab")
    assert isinstance(missing.exception, Refused)
    assert isinstance(run("export", "camt053", "stm_01jx3s5v0q8e5t9m2w4r6y8zab").exception, Refused)


_CAMT = b"""<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id><Acct><Id><Othr><Id>9</Id></Othr></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="IDR">0</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="IDR">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="IDR">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-01</Dt></BookgDt>
</Ntry></Stmt></BkToCstmrStmt></Document>"""
