"""The simulator as a provider of its own: its book outlives it, its levers work, its page needs no script."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from specie.providers.simulator.bank import Bank, OrderInvalid, ReferenceTaken
from specie.providers.simulator.book_store import Book
from specie.providers.simulator.rules import Play, fee_of, plays
from tests.support.shop import Shop, free_socket

ORDER = {
    "reference": "R1",
    "amount": 1_500_000,
    "currency": "IDR",
    "kind": "qr",
    "expires_at": 4_000_000_000,
    "callback_url": "http://127.0.0.1:1/callback",
}


def test_the_book_remembers_everything_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    bank = Bank(Book(path))
    charge, is_new = bank.order("sim_a", "k1", ORDER)
    bank.play(charge, Play.SUCCESS, "http://simulator")
    bank.book.advance(3600)
    bank.book.close()

    again = Bank(Book(path))

    assert is_new
    found = again.find("sim_a", "R1")
    assert found is not None
    assert found.state == "paid"
    assert again.book.clock_offset() == 3600
    assert len(again.book.callbacks()) == 1
    assert again.order("sim_a", "k1", ORDER)[1] is False


def test_a_key_stands_for_one_order_and_a_reference_for_one_charge(tmp_path: Path) -> None:
    bank = Bank(Book(tmp_path / "book.db"))
    bank.order("sim_a", "k1", ORDER)

    with pytest.raises(ReferenceTaken, match="idempotency_key_reused"):
        bank.order("sim_a", "k1", ORDER | {"amount": 1})
    with pytest.raises(ReferenceTaken, match="duplicate_reference"):
        bank.order("sim_a", "k2", ORDER)
    assert bank.order("sim_b", "k1", ORDER)[1] is True


@pytest.mark.parametrize(
    "wrong", [{"amount": 0}, {"amount": 1.5}, {"amount": "1"}, {"amount": 2**53}, {"kind": "cash"}, {"reference": ""}]
)
def test_an_order_with_a_wrong_field_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(OrderInvalid):
        Bank(Book(tmp_path / "book.db")).order("sim_a", "k1", ORDER | wrong)


def test_time_that_is_moved_ends_open_charges_and_tells_of_it(tmp_path: Path) -> None:
    bank = Bank(Book(tmp_path / "book.db"))
    bank.order("sim_a", "k1", ORDER | {"expires_at": bank.now() + 60})

    bank.book.advance(61)

    charge = bank.find("sim_a", "R1")
    assert charge is not None
    assert charge.state == "expired"
    assert len(bank.book.callbacks()) == 1


def test_scenarios_are_read_word_by_word() -> None:
    assert plays("no_answer+success") == (Play.SUCCESS, "no_answer")
    assert plays("manual") == (None, None)
    assert plays("unsuccessful") == (None, None)
    assert fee_of("qr", 1_500_001) == 10_500


@pytest.mark.parametrize(
    ("button", "ends"),
    [
        *(("success", "paid"), ("decline", "failed"), ("timeout", "expired"), ("late", "paid")),
        *(("doubled", "paid"), ("reordered", "paid"), ("lost", "pending")),
    ],
)
async def test_every_button_of_the_page_does_what_it_says(shop: Shop, button: str, ends: str) -> None:
    payment_id = await shop.payment()
    attempt = await shop.pay(payment_id)
    assert attempt.action is not None
    page = await shop.client.get(attempt.action.url)
    assert f"/{button}" in page.text
    assert "<script" not in page.text

    pressed = await shop.client.post(f"{attempt.action.url}/{button}")

    assert pressed.status_code == 303
    await shop.settled(payment_id, ends)
    assert (await shop.wallet())[0] == (1_500_000 if ends == "paid" else 0)


async def test_a_global_mischief_hits_the_next_order_only(shop: Shop) -> None:
    await shop.lever("misbehave", mischief="refuse", times=1)
    first, second = await shop.payment(), await shop.payment()

    assert (await shop.pay(first)).state == "failed"
    assert (await shop.pay(second)).state == "pending"


async def test_what_the_simulator_has_answered_survives_its_sudden_death(tmp_path: Path) -> None:
    book, port = tmp_path / "book.db", free_socket()
    number = port.getsockname()[1]
    port.close()
    code = f"from specie.providers.simulator import server as s; s.serve(s.Path({str(book)!r}), port={number})"
    headers = {"sim-key": "sim_a", "idempotency-key": "k1"}
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{number}") as client:
        with started(code) as process:
            await answering(client)
            made = await client.post("/v1/charges", json=ORDER, headers=headers)
            process.kill()
        with started(code):
            await answering(client)
            found = await client.get("/v1/charges/R1", headers=headers)

    assert found.json()["id"] == made.json()["id"]


@contextlib.contextmanager
def started(code: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def answering(client: httpx2.AsyncClient) -> None:
    for _ in range(100):
        with contextlib.suppress(httpx2.TransportError):
            if (await client.get("/health")).status_code == 200:
                return
        await asyncio.sleep(0.1)
    raise AssertionError("the simulator did not start")
