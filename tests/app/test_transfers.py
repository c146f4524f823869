"""Transfers over HTTP, as the whole application serves them: what is written to them, and where it is read again."""

import asyncio
from datetime import timedelta, timezone
from typing import Any

import httpx2
import psycopg
import pytest

from specie.kernel.clock import machine_now
from specie.kernel.ids import WalletId
from specie.platform.config import Settings
from tests.app.callers import sandbox_key
from tests.app.till import TRANSFERS, Till


@pytest.fixture(scope="module")
def key(settings: Settings) -> str:
    return asyncio.run(sandbox_key(settings, "noted"))


@pytest.fixture
def till(client: httpx2.Client, key: str) -> Till:
    return Till(client, key)


def test_a_note_is_answered_kept_in_the_entry_and_read_by_both_sides(till: Till) -> None:
    made = till.send(note="  Rent, November 🏠 ")
    assert made["note"] == "Rent, November 🏠"
    assert till.get(f"{TRANSFERS}/{made['id']}")["note"] == "Rent, November 🏠"
    assert till.get(f"/api/v1/ledger/entries/{made['entry_id']}")["metadata"]["note"] == "Rent, November 🏠"
    assert till.notes(till.payer)[0] == till.notes(till.payee)[0] == "Rent, November 🏠"


def test_a_repeated_transfer_answers_its_note_and_another_note_is_another_request(till: Till) -> None:
    one = till.send(key="note-once", note="Lunch")
    assert till.send(key="note-once", note="Lunch") == one
    assert till.send(key="note-once", note="Dinner", status=422)["code"] == "idempotency_key_reused"
    assert till.available(till.payee) == 10


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"to": "payer"}, "transfer_to_self"),
        ({"amount": {"amount": 10, "currency": "JPY"}}, "currency_mismatch"),
    ],
)
def test_a_decision_without_looking_at_balances_is_kept_under_its_key_too(
    till: Till, wrong: dict[str, Any], code: str
) -> None:
    asked = {"to": {"wallet_id": till.payer["id"]}} if "to" in wrong else wrong
    assert till.send(key=code, status=422, **asked)["code"] == code
    assert till.send(key=code, status=422, **asked)["code"] == code
    assert till.send(key=code, status=422)["code"] == "idempotency_key_reused"
    assert (till.available(till.payer), till.available(till.payee)) == (1000, 0)


def test_a_foreign_currency_is_named_beside_those_of_the_wallets(till: Till) -> None:
    refused = till.send(amount={"amount": 10, "currency": "JPY"}, status=422)
    assert refused["detail"] == "the amount is in JPY; one wallet is in IDR, the other in IDR"


@pytest.mark.parametrize(
    ("wallet", "detail"),
    [
        ("payer", "the paying wallet pays nothing out at present"),
        ("payee", "the receiving wallet takes nothing in at present"),
    ],
)
def test_a_freeze_says_which_of_the_two_wallets_is_frozen(till: Till, wallet: str, detail: str) -> None:
    stopped = {"debits": wallet == "payer", "credits": wallet == "payee", "reason": "a doubt"}
    till.post(f"/api/v1/wallets/{getattr(till, wallet)['id']}/freeze", stopped, status=200)
    refused = till.send(status=422)
    assert (refused["code"], refused["detail"]) == ("wallet_frozen", detail)
    assert (till.available(till.payer), till.available(till.payee)) == (1000, 0)


def test_a_transfer_without_a_note_has_none(till: Till) -> None:
    assert till.send()["note"] is None
    assert till.notes(till.payee) == [None]


def test_a_preview_shows_the_note_and_moves_nothing(till: Till) -> None:
    assert till.send(f"{TRANSFERS}?dry_run=true", note="Rent", status=200)["note"] == "Rent"
    assert till.available(till.payer) == 1000


def test_a_scheduled_transfer_says_its_note(till: Till) -> None:
    later = (machine_now() + timedelta(days=2)).isoformat()
    planned = till.send(note="School fees", scheduled_for=later)
    assert planned["note"] == "School fees"
    assert till.get(f"{TRANSFERS}/{planned['id']}")["note"] == "School fees"
    assert [one["note"] for one in till.get(TRANSFERS, wallet_id=till.payer["id"])["data"]] == ["School fees"]


def test_a_time_of_another_zone_is_answered_in_utc_at_once_and_later(till: Till) -> None:
    later = (machine_now() + timedelta(days=2)).replace(microsecond=0)
    told = later.isoformat().replace("+00:00", "Z")
    asked = later.astimezone(timezone(timedelta(hours=7))).isoformat()
    assert asked.endswith("+07:00")
    planned = till.send(scheduled_for=asked)
    assert planned["scheduled_for"] == told
    assert till.get(f"{TRANSFERS}/{planned['id']}")["scheduled_for"] == told


@pytest.mark.parametrize("note", ["", "   ", "two\nlines", "a\x1bb", "tab\t", "gnp.\u202eexe", "x" * 141])
def test_a_note_is_one_short_line_of_plain_text(till: Till, note: str) -> None:
    refused = till.send(note=note, status=422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("field_invalid", "/note")
    assert till.available(till.payer) == 1000


def test_a_history_is_searched_by_note_title_and_reference(till: Till) -> None:
    rent = till.send(note="Rent 100% of November")
    till.send(note="Lunch")
    assert till.notes(till.payer, q="rent") == ["Rent 100% of November"]
    assert till.notes(till.payer, q="100% of") == ["Rent 100% of November"]
    assert till.notes(till.payer, q="%") == ["Rent 100% of November"]
    assert till.notes(till.payer, q=rent["entry_id"]) == ["Rent 100% of November"]
    assert till.notes(till.payee, q="transfer") == ["Lunch", "Rent 100% of November"]
    assert till.notes(till.payer, q=till.payee["id"]) == ["Lunch", "Rent 100% of November"]
    assert till.notes(till.payer, q="wal_") == []


def test_a_search_stays_within_its_wallet(till: Till, client: httpx2.Client, key: str) -> None:
    stranger = Till(client, key)
    stranger.send(note="Rent of strangers")
    assert till.notes(till.payer, q="rent") == []


def test_a_search_goes_on_page_by_page(till: Till) -> None:
    for number in range(3):
        till.send(note=f"Rent {number}")
        till.send(note="Lunch")
    path = f"/api/v1/wallets/{till.payer['id']}/history"
    first = till.get(path, q="rent", limit=2)
    rest = till.get(path, q="rent", limit=2, cursor=first["next_cursor"])
    assert [line["note"] for line in first["data"] + rest["data"]] == ["Rent 2", "Rent 1", "Rent 0"]
    assert not rest["has_more"]


def test_a_note_is_text_in_the_exported_file(till: Till, client: httpx2.Client, key: str) -> None:
    till.send(note="=1+1")
    path = f"/api/v1/wallets/{till.payee['id']}/history.csv"
    line = client.get(path, headers={"Authorization": f"Bearer {key}"}).text.splitlines()[1]
    assert line.endswith(",IDR,'=1+1")


def test_a_transfer_is_sent_back_and_not_reversed_in_the_ledger(till: Till) -> None:
    made = till.send()
    entry = f"/api/v1/ledger/entries/{made['entry_id']}"
    shown = till.get(entry)
    body = {"effective_at": shown["effective_at"], "reason": "mistaken"}
    refused = till.post(f"{entry}/reverse", body, status=409)
    assert (refused["code"], refused["undo"]) == ("not_reversible", shown["undo"])
    assert shown["undo"] == "send the money back with a transfer"
    assert (till.available(till.payer), till.available(till.payee)) == (990, 10)


def test_what_a_person_posted_is_reversed_in_the_ledger(till: Till) -> None:
    [opening] = till.get("/api/v1/ledger/entries", recipe="ledger.manual", limit=1)["data"]
    assert opening["undo"] is None
    body = {"effective_at": opening["effective_at"], "reason": "mistaken"}
    till.post(f"/api/v1/ledger/entries/{opening['id']}/reverse", body)
    assert till.available(till.payer) == 0


def test_a_wallet_s_limit_binds_the_very_next_transfer(till: Till, superuser_connection: psycopg.Connection) -> None:
    till.send()
    _allow_per_item(superuser_connection, till.payer, 9)
    assert till.send(status=422)["code"] == "limit_exceeded"
    assert till.available(till.payer) == 990
    _allow_per_item(superuser_connection, till.payer, 10)
    till.send()
    assert till.available(till.payer) == 980


def _allow_per_item(connection: psycopg.Connection, wallet: Any, minor: int) -> None:
    change = "update specie.wallet set per_item_minor = %s where id = %s"
    connection.execute(change, [minor, WalletId.parse(wallet["id"]).uuid])
