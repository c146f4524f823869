"""What wallets tell; ids and amounts only."""

from typing import Any

from specie.events import EventType, NewEvent, register_type
from specie.kernel.ids import EntryId, PartyId
from specie.kernel.money import Money
from specie.wallets.model import Hold, ScheduledTransfer, Wallet

_AMOUNT = {
    "type": "object",
    "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}},
    "required": ["amount", "currency"],
}
_SAMPLE_AMOUNT = {"amount": 1_500_000, "currency": "IDR"}
_WALLET = "wal_01jx3s5v0q8e5t9m2w4r6y8zab"


def _register(name: str, description: str, properties: dict[str, Any], sample: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": properties, "required": sorted(properties)}
    register_type(EventType(name=name, version=1, json_schema=schema, sample=sample, description=description))


_TEXT = {"type": "string"}
for _name, _description in (
    ("wallet.opened", "A wallet was opened."),
    ("wallet.frozen", "A wallet stopped paying out, taking in, or both."),
    ("wallet.unfrozen", "A wallet works again."),
):
    _register(
        _name,
        _description,
        {"wallet_id": _TEXT, "party_id": _TEXT, "currency": _TEXT, "purpose": _TEXT},
        {"wallet_id": _WALLET, "party_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab", "currency": "IDR", "purpose": "main"},
    )
_register(
    "transfer.completed",
    "Money went from one wallet to another.",
    {"entry_id": _TEXT, "from_wallet_id": _TEXT, "to_wallet_id": _TEXT, "amount": _AMOUNT},
    {
        "entry_id": "txn_01jx3s5v0q8e5t9m2w4r6y8zab",
        "from_wallet_id": _WALLET,
        "to_wallet_id": _WALLET,
        "amount": _SAMPLE_AMOUNT,
    },
)
for _name, _description in (
    ("transfer.scheduled", "A transfer was scheduled."),
    ("transfer.cancelled", "A scheduled transfer was cancelled."),
    ("transfer.failed", "A scheduled transfer was refused when its time came."),
):
    _register(
        _name,
        _description,
        {"transfer_id": _TEXT, "from_wallet_id": _TEXT, "to_wallet_id": _TEXT, "amount": _AMOUNT, "state": _TEXT},
        {
            "transfer_id": "trf_01jx3s5v0q8e5t9m2w4r6y8zab",
            "from_wallet_id": _WALLET,
            "to_wallet_id": _WALLET,
            "amount": _SAMPLE_AMOUNT,
            "state": "scheduled",
        },
    )
for _name, _description in (
    ("hold.placed", "Money was set aside."),
    ("hold.captured", "Money set aside was taken, in part or whole."),
    ("hold.released", "Money set aside was given back."),
    ("hold.expired", "A hold ran out and its money was given back."),
):
    _register(
        _name,
        _description,
        {"hold_id": _TEXT, "wallet_id": _TEXT, "amount": _AMOUNT, "state": _TEXT},
        {
            "hold_id": "hold_01jx3s5v0q8e5t9m2w4r6y8zab",
            "wallet_id": _WALLET,
            "amount": _SAMPLE_AMOUNT,
            "state": "held",
        },
    )
_register(
    "wallet.exchanged",
    "Money of one wallet was exchanged into another currency's wallet of the same party.",
    {"entry_id": _TEXT, "from_wallet_id": _TEXT, "to_wallet_id": _TEXT, "sold": _AMOUNT, "bought": _AMOUNT},
    {
        "entry_id": "txn_01jx3s5v0q8e5t9m2w4r6y8zab",
        "from_wallet_id": _WALLET,
        "to_wallet_id": _WALLET,
        "sold": _SAMPLE_AMOUNT,
        "bought": {"amount": 94, "currency": "USD"},
    },
)


def wallet_event(kind: str, wallet: Wallet) -> NewEvent:
    """`wallet.<kind>`."""
    data = {
        "wallet_id": str(wallet.id),
        "party_id": str(wallet.party_id),
        "currency": wallet.currency.code,
        "purpose": wallet.purpose,
    }
    return NewEvent(f"wallet.{kind}", ("wallet", str(wallet.id)), wallet.version, data, party_id=wallet.party_id)


def transfer_completed(entry_id: EntryId, sender: Wallet, recipient: Wallet, amount: Money) -> NewEvent:
    """`transfer.completed`; shares the entry's id."""
    data = {
        "entry_id": str(entry_id),
        "from_wallet_id": str(sender.id),
        "to_wallet_id": str(recipient.id),
        "amount": amount.as_json(),
    }
    return NewEvent("transfer.completed", ("entry", str(entry_id)), 1, data, party_id=sender.party_id)


def transfer_event(kind: str, transfer: ScheduledTransfer, party_id: PartyId) -> NewEvent:
    """`transfer.<kind>` of a scheduled transfer."""
    data = {
        "transfer_id": str(transfer.id),
        "from_wallet_id": str(transfer.from_wallet),
        "to_wallet_id": str(transfer.to_wallet),
        "amount": transfer.amount.as_json(),
        "state": transfer.state.value,
    }
    return NewEvent(f"transfer.{kind}", ("transfer", str(transfer.id)), transfer.version, data, party_id=party_id)


def exchanged_event(entry_id: EntryId, seller: Wallet, buyer: Wallet, sold: Money, bought: Money) -> NewEvent:
    """`wallet.exchanged`; shares the entry's id."""
    data = {
        "entry_id": str(entry_id),
        "from_wallet_id": str(seller.id),
        "to_wallet_id": str(buyer.id),
        "sold": sold.as_json(),
        "bought": bought.as_json(),
    }
    return NewEvent("wallet.exchanged", ("entry", str(entry_id)), 1, data, party_id=seller.party_id)


def hold_event(kind: str, hold: Hold, amount: Money, party_id: PartyId) -> NewEvent:
    """`hold.<kind>`."""
    data = {
        "hold_id": str(hold.id),
        "wallet_id": str(hold.wallet_id),
        "amount": amount.as_json(),
        "state": hold.state.value,
    }
    return NewEvent(f"hold.{kind}", ("hold", str(hold.id)), hold.version, data, party_id=party_id)
