"""Every rule of the house linter: one sample it refuses, one it accepts."""

from pathlib import Path

import pytest

from tools.houselint import Finding, lint
from tools.houselint.rules import RULES

KEY = "spc_live_" + "a" * 49
REGISTRY = "https://" + "pypi" + ".org/simple"
PROTECTED = "op.execute('create table specie.wallet (tenant_id uuid not null)')\nprotect('wallet')\n"

REFUSED = [
    ("HL1", "specie/wallets/service.py", "from datetime import datetime\nx = datetime.now()"),
    ("HL1", "specie/wallets/service.py", "import time\nx = time.monotonic()"),
    ("HL1", "specie/wallets/service.py", "from time import time"),
    ("HL1", "specie/wallets/store.py", "x = text('update t set at = now()')"),
    (
        "HL1",
        "migrations/versions/0001_a.py",
        "op.execute('create table t (at timestamptz default current_timestamp)')",
    ),
    ("HL2", "specie/ledger/service.py", "rate = 0.5"),
    ("HL2", "specie/payments/service.py", "half = total / 2"),
    ("HL2", "specie/stock/postings.py", "value = float(text)"),
    ("HL2", "specie/reports/service.py", "share = fee_minor / total"),
    ("HL2", "specie/reports/service.py", "share = float(row.fee_minor)"),
    ("HL3", "specie/webhooks/jobs.py", "import httpx2"),
    ("HL3", "specie/webhooks/jobs.py", "from urllib import request"),
    ("HL3", "specie/webhooks/jobs.py", "import socket\nx = socket.create_connection(('a', 1))"),
    ("HL4", "specie/wallets/service.py", "async def f(uow):\n    await uow.connection.commit()"),
    (
        "HL4",
        "specie/wallets/service.py",
        "async def f(db):\n    async with db.begin(None) as uow: crash_point('a.b')",
    ),
    ("HL4", "specie/wallets/service.py", "async def f(db):\n    await db.run(scope, work, label='a.b')"),
    ("HL5", "specie/wallets/service.py", "from sqlalchemy import select"),
    ("HL5", "specie/wallets/routes.py", "async def f(uow):\n    await uow.execute(statement)"),
    ("HL6", "specie/wallets/service.py", "scope = Scope(tenant, mode)"),
    ("HL6", "specie/wallets/service.py", "wider = replace(scope, permissions=everything)"),
    ("HL7", "specie/wallets/service.py", "def _f():\n" + "    x = 1\n" * 70),
    ("HL7", "specie/wallets/service.py", "x = 1\n" * 501),
    ("HL8", "specie/webhooks/jobs.py", "async def _f(outbound):\n    await outbound.request('POST', url)"),
    ("HL8", "specie/webhooks/jobs.py", "async def _f(db):\n    async with db.begin(scope): pass"),
    ("HL8", "specie/webhooks/jobs.py", "crash_point('a.sent')\ncrash_point('a.sent')"),
    ("HL8", "specie/webhooks/jobs.py", "crash_point(name)"),
    (
        "HL8",
        "specie/webhooks/jobs.py",
        "async def _f(db):\n    await db.run(scope, work, label='Not A Name')",
    ),
    ("HL9", "specie/wallets/service.py", "x = 1  # TODO" + ": later"),
    ("HL9", "web/src/app/page.tsx", "const x = 1; // FIX" + "ME"),
    ("HL9", "specie/wallets/service.py", "print('here')"),
    ("HL9", "specie/wallets/service.py", "try:\n    x = 1\nexcept:\n    raise"),
    ("HL9", "specie/wallets/service.py", "try:\n    x = 1\nexcept Exception:\n    pass"),
    ("HL10", "specie/wallets/service.py", "def open_wallet(): ..."),
    ("HL10", "specie/wallets/model.py", "class Wallet: ..."),
    (
        "HL11",
        "migrations/versions/0001_a.py",
        "op.execute('create table specie.wallet (tenant_id uuid not null)')",
    ),
    (
        "HL11",
        "migrations/versions/0001_a.py",
        PROTECTED + "op.execute('update specie.wallet set purpose = 1')",
    ),
    ("HL11", "migrations/versions/0001_a.py", "op.execute('create table t (at timestamp not null)')"),
    ("HL11", "migrations/versions/0001_a.py", "op.execute('create table t (rate double precision)')"),
    ("HL11", "migrations/env.py", "run()"),
    ("HL12", "docs/how-to.md", f"curl -H 'Authorization: Bearer {KEY}'"),
    ("HL12", "web/.npmrc", f"registry={REGISTRY}"),
    ("HL12", "deploy/notes.md", "cd /" + "root/specie"),
]

ACCEPTED = [
    ("HL1", "specie/kernel/clock.py", "import time\nx = time.time()"),
    ("HL1", "specie/wallets/service.py", '"""Uses now() in prose."""\nx = uow.now'),
    ("HL1", "tests/wallets/test_a.py", "import time\nx = time.time()"),
    ("HL2", "specie/ledger/service.py", "half = total // 2"),
    ("HL2", "specie/ledger/batcher.py", "wait_seconds: float = 0.002"),
    (
        "HL2",
        "specie/ledger/batcher.py",
        "async def f(wait_seconds: float = 0.5):\n    await asyncio.sleep(0.01)",
    ),
    ("HL2", "specie/reports/service.py", "share = done / total"),
    ("HL3", "specie/platform/outbound.py", "import httpx2"),
    ("HL3", "specie/webhooks/jobs.py", "from specie.platform.outbound import OutboundClient"),
    ("HL4", "specie/wallets/jobs.py", "async def f(db):\n    await db.run(scope, work, label='a.b')"),
    ("HL4", "specie/wallets/service.py", "async def f(uow):\n    await ledger.post(uow, draft)"),
    ("HL5", "specie/wallets/store.py", "from sqlalchemy import select"),
    ("HL5", "specie/approvals/service.py", "async def f(uow):\n    await executor.execute(uow, command)"),
    ("HL6", "specie/identity/service.py", "scope = Scope(tenant, mode)"),
    ("HL6", "specie/wallets/service.py", "wallet = replace(wallet, state=FROZEN)"),
    ("HL7", "specie/wallets/service.py", "def _f():\n" + "    x = 1\n" * 69),
    (
        "HL8",
        "specie/webhooks/jobs.py",
        "async def _f(outbound):\n    await outbound.request('POST', url)\n    crash_point('webhooks.sent')",
    ),
    (
        "HL8",
        "specie/wallets/jobs.py",
        "async def _f(db):\n    await db.run(scope, work, label='wallets.sweep')",
    ),
    ("HL9", "specie/kernel/money.py", 'NO_CURRENCY = "XXX"'),
    ("HL9", "specie/app/cli.py", "print('ready')"),
    ("HL9", "specie/wallets/service.py", "try:\n    x = 1\nexcept ValueError:\n    pass"),
    ("HL10", "specie/wallets/service.py", 'def open_wallet():\n    """Opens it."""'),
    ("HL10", "specie/wallets/service.py", "def _helper(): ..."),
    ("HL11", "migrations/versions/0001_a.py", PROTECTED),
    (
        "HL11",
        "migrations/versions/0001_a.py",
        "op.execute('create table wallet (tenant_id uuid not null)')\nfor t in ('wallet',):\n    protect(t)",
    ),
    (
        "HL11",
        "migrations/versions/0001_a.py",
        PROTECTED + "for_each_tenant('update specie.wallet set purpose = 1')",
    ),
    (
        "HL11",
        "migrations/versions/0001_a.py",
        "op.execute('create table t (at timestamptz, on_hand numeric)')",
    ),
    ("HL11", "migrations/env.py", "execute(\"set lock_timeout = '5s'\")"),
    ("HL12", "docs/how-to.md", "see https://example.org/homework/ and spc_test_..."),
]


def findings(root: Path, path: str, text: str, code: str) -> list[Finding]:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return [finding for finding in lint(root, [file]) if finding.code == code]


@pytest.mark.parametrize(("code", "path", "text"), REFUSED)
def test_a_breach_of_the_rule_is_found(tmp_path: Path, code: str, path: str, text: str) -> None:
    assert findings(tmp_path, path, text, code)


@pytest.mark.parametrize(("code", "path", "text"), ACCEPTED)
def test_code_that_keeps_the_rule_is_left_alone(tmp_path: Path, code: str, path: str, text: str) -> None:
    assert findings(tmp_path, path, text, code) == []


def test_every_rule_has_a_sample_it_refuses_and_one_it_accepts() -> None:
    codes = {rule.CODE for rule in RULES}
    assert {code for code, _, _ in REFUSED} == codes
    assert {code for code, _, _ in ACCEPTED} == codes


def test_a_finding_names_its_place_its_rule_and_the_replacement(tmp_path: Path) -> None:
    [finding] = findings(tmp_path, "specie/stock/service.py", "x = 1\nprint(x)\n", "HL9")
    assert str(finding) == "specie/stock/service.py:2: HL9 print() in the product: use structlog, or specie.app.cli"


def test_a_crash_point_name_used_in_two_files_is_found(tmp_path: Path) -> None:
    files = [tmp_path / "specie" / module / "jobs.py" for module in ("payments", "payouts")]
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_text("crash_point('money.sent')\n")
    assert [f.path for f in lint(tmp_path, files) if f.code == "HL8"] == ["specie/payouts/jobs.py"]


def _old_offender(root: Path, length: int, allowed: int) -> list[Finding]:
    ratchet = root / "tools" / "houselint" / "ratchet.toml"
    ratchet.parent.mkdir(parents=True)
    ratchet.write_text(f'[lines]\n"specie/stock/service.py::_f" = {allowed}\n')
    return findings(root, "specie/stock/service.py", "def _f():\n" + "    x = 1\n" * (length - 1), "HL7")


def test_an_old_offender_may_keep_its_length(tmp_path: Path) -> None:
    assert _old_offender(tmp_path, length=90, allowed=90) == []


def test_an_old_offender_may_not_grow(tmp_path: Path) -> None:
    [finding] = _old_offender(tmp_path, length=91, allowed=90)
    assert "at most 90" in finding.message


def test_an_old_offender_that_shrank_gives_up_its_slack(tmp_path: Path) -> None:
    [finding] = _old_offender(tmp_path, length=80, allowed=90)
    assert "lower or remove its entry" in finding.message
