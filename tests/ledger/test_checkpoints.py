"""Signed checkpoints: with one line and one file a stranger checks an entry; altered books are not signed."""

import base64
import copy
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from specie import events, ledger
from specie.app.proving import file_of, prove_and_sign, publish
from specie.app.verify import Report
from specie.kernel.scope import Scope
from specie.ledger import JournalEntry, checkpointing
from specie.ledger.checkpoint import merkle_path
from specie.ledger.errors import EntryAltered, ProofNotReady
from specie.ledger.receipts import ReceiptOut
from specie.ledger.seal import merkle_root
from specie.platform.db import Database
from specie.platform.signing import Signer
from specie.platform.storage import FileStorage, open_storage
from tests.ledger.books import open_account, post
from tests.support.scopes import fresh_scope
from tests.support.server import DatabaseUrls

SCRIPT = Path(__file__).parents[2] / "tools" / "verify_receipt.py"
SIGNER = Signer(bytes(32), "checkpoints")
KEY = base64.b64encode(SIGNER.public_key).decode()

spec = importlib.util.spec_from_file_location("verify_receipt", SCRIPT)
assert spec is not None
assert spec.loader is not None
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    return open_storage(str(tmp_path / "files"))


async def seal(database: Database) -> None:
    async with database.system() as uow:
        await events.number_pending(uow, limit=1000)
    async with database.system() as uow:
        await ledger.seal_pending(uow)


async def book(database: Database, entries: int = 5) -> tuple[Scope, list[JournalEntry]]:
    """A tenant with sealed entries; every second one has a block of its own."""
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash", "KWD")
    wallet = await open_account(database, scope, "liability:wallet", "KWD", floor=0)
    made = []
    for index in range(entries):
        made.append(await post(database, scope, (cash, wallet, 5), (wallet, cash, 1)))
        if index % 2:
            await seal(database)
    await seal(database)
    return scope, made


async def receipt_of(database: Database, scope: Scope, entry: JournalEntry) -> dict[str, Any]:
    async with database.begin(scope) as uow:
        proof = await checkpointing.prove(uow, entry.id)
    found: dict[str, Any] = json.loads(ReceiptOut.of(proof).model_dump_json())
    return found


async def signed(database: Database, urls: DatabaseUrls, storage: FileStorage) -> ledger.Checkpoint | None:
    return (await prove_and_sign(database, urls.auditor, SIGNER, storage))[1]


def faults_of(report: Report, scope: Scope | None = None) -> list[str]:
    """What the chains' findings say, of one tenant where one is given."""
    rows = [row for finding in report.findings for row in finding.rows if "fault" in row]
    return [row["fault"] for row in rows if scope is None or row.get("tenant_id") == str(scope.tenant_id)]


async def test_every_entry_is_proved_by_the_checkpoint_that_follows_it(
    database: Database, database_urls: DatabaseUrls, storage: FileStorage
) -> None:
    books = [await book(database, entries) for entries in (5, 1, 2)]
    assert await signed(database, database_urls, storage) is not None
    later = await book(database, 3)
    assert await signed(database, database_urls, storage) is not None
    for scope, entries in [*books, later]:
        for entry in entries:
            verifier.check(await receipt_of(database, scope, entry), KEY)


async def test_before_the_next_checkpoint_there_is_no_proof(database: Database) -> None:
    scope, entries = await book(database, 1)
    async with database.begin(scope) as uow:
        with pytest.raises(ProofNotReady):
            await checkpointing.prove(uow, entries[0].id)


CHANGES: list[Callable[[dict[str, Any]], Any]] = [
    lambda receipt: receipt["postings"][0].update(amount_minor="6"),
    lambda receipt: receipt["postings"].pop(),
    lambda receipt: receipt["postings"][1].update(credit_identity=receipt["postings"][1]["debit_identity"]),
    lambda receipt: receipt["entry"].update(description="another"),
    lambda receipt: receipt["entry"].update(idempotency_key=""),
    lambda receipt: receipt.update(tenant_id="ten_00000000000000000000000000"),
    lambda receipt: receipt.update(event_n=receipt["event_n"] + 1),
    lambda receipt: receipt.update(event_digest="00" * 32),
    lambda receipt: receipt["block"].update(entries=9),
    lambda receipt: receipt["block"]["path"].append("00" * 32),
    lambda receipt: receipt["blocks"]["path"].clear(),
    lambda receipt: receipt["checkpoint"].update(signature=base64.b64encode(bytes(64)).decode()),
    lambda receipt: receipt["checkpoint"].update(note=receipt["checkpoint"]["note"].replace("number ", "number 1")),
]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_receipt_with_one_thing_changed_proves_nothing(
    database: Database, database_urls: DatabaseUrls, storage: FileStorage, change: Callable[[dict[str, Any]], Any]
) -> None:
    scope, entries = await book(database)
    await signed(database, database_urls, storage)
    receipt = await receipt_of(database, scope, entries[1])
    verifier.check(receipt, KEY)
    changed = copy.deepcopy(receipt)
    change(changed)
    assert changed != receipt
    with pytest.raises(verifier.Wrong):
        verifier.check(changed, KEY)


async def test_the_script_runs_by_itself_and_wants_our_key_and_our_copy(
    database: Database, database_urls: DatabaseUrls, storage: FileStorage, tmp_path: Path
) -> None:
    scope, entries = await book(database)
    made = await signed(database, database_urls, storage)
    assert made is not None
    receipt, line = tmp_path / "receipt.json", tmp_path / "checkpoint.json"
    receipt.write_text(json.dumps(await receipt_of(database, scope, entries[0])))
    line.write_bytes(file_of(made))
    other = base64.b64encode(Signer(bytes(32), "another").public_key).decode()

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-I", str(SCRIPT), str(receipt), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd=tmp_path)
        return done.returncode, done.stdout

    code, said = run("--key", KEY, "--checkpoint", str(line))
    assert (code, said.startswith("PROVED. ")) == (0, True)
    assert "5 KWD  debit asset:cash  credit liability:wallet" in said
    assert run("--key", other) == (1, "NOT PROVED: the checkpoint is not signed by the key.\n")
    line.write_text(line.read_text().replace("number ", "number 2"))
    assert run("--key", KEY, "--checkpoint", str(line))[0] == 1


async def test_files_that_a_crash_kept_from_being_written_are_written_next_time(
    database: Database, database_urls: DatabaseUrls, storage: FileStorage
) -> None:
    for _ in range(2):
        made = await signed(database, database_urls, storage)
        assert made is not None
        key = f"checkpoints/{made.number:010d}"
        assert await storage.get(key) == file_of(made)
        await storage.delete(key)
    assert await publish(database, storage) == 1
    assert await storage.get(key) == file_of(made)


@pytest.mark.parametrize("size", [*range(1, 18), 31, 32, 33])
def test_a_path_leads_from_each_leaf_to_the_root(size: int) -> None:
    leaves = [bytes([number]) * 32 for number in range(size)]
    for index, leaf in enumerate(leaves):
        path = [beside.hex() for beside in merkle_path(leaves, index)]
        assert verifier.root(leaf, index, size, path) == merkle_root(leaves)


@pytest.mark.breaks_the_books
async def test_books_with_one_posting_changed_get_no_checkpoint_and_no_proof(
    database: Database, database_urls: DatabaseUrls, storage: FileStorage, superuser_connection: psycopg.Connection
) -> None:
    scope, entries = await book(database)
    assert await signed(database, database_urls, storage) is not None
    await book(database, 1)
    superuser_connection.execute(
        "update specie.posting set debit_floor_minor = -7 where entry_id = %s and line = 0", [entries[2].id.uuid]
    )
    report, made = await prove_and_sign(database, database_urls.auditor, SIGNER, storage)
    assert made is None
    assert f"{entries[2].id} is not what was sealed" in faults_of(report, scope)
    async with database.begin(scope) as uow:
        with pytest.raises(EntryAltered):
            await checkpointing.prove(uow, entries[2].id)


@pytest.mark.breaks_the_books
async def test_a_chain_that_was_computed_anew_no_longer_fits_its_checkpoint(
    database: Database, database_urls: DatabaseUrls, storage: FileStorage, superuser_connection: psycopg.Connection
) -> None:
    scope, entries = await book(database)
    async with database.system() as uow:
        made = await ledger.make_checkpoint(uow, await ledger.block_heads(uow), SIGNER)
    assert made is not None
    tenant = [scope.tenant_id.uuid]
    superuser_connection.execute(
        "update specie.journal_entry set description = 'x' where id = %s", [entries[0].id.uuid]
    )
    superuser_connection.execute("delete from specie.ledger_block where tenant_id = %s", tenant)
    superuser_connection.execute("delete from specie.ledger_head where tenant_id = %s", tenant)
    for _ in range(3):
        await seal(database)
    report, refused = await prove_and_sign(database, database_urls.auditor, SIGNER, storage)
    assert refused is None
    assert f"checkpoint {made.number} has signed other blocks" in faults_of(report, scope)


@pytest.mark.breaks_the_books
async def test_a_checkpoint_of_another_key_is_found(
    database: Database, database_urls: DatabaseUrls, storage: FileStorage
) -> None:
    async with database.system() as uow:
        made = await ledger.make_checkpoint(uow, {}, Signer(bytes(32), "somebody else"))
    assert made is not None
    report, refused = await prove_and_sign(database, database_urls.auditor, SIGNER, storage)
    assert refused is None
    assert f"checkpoint {made.number} names another key than this installation's" in faults_of(report)
