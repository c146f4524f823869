"""Two wallets with money in the first, made over the API by the client under test."""

from dataclasses import dataclass
from uuid import uuid4

from specie_client import Call, Client, ledger, parties, transfers, wallets
from specie_client.types import Transfer, amount


@dataclass(frozen=True)
class Till:
    """The payer's and the payee's wallet."""

    client: Client
    payer: str
    payee: str

    def rent(self, minor: int = 10) -> Call[Transfer]:
        """A transfer, not yet sent."""
        return transfers.create(from_wallet_id=self.payer, to={"wallet_id": self.payee}, amount=amount(minor, "IDR"))

    def paid(self) -> int:
        """What the payee has, in minor units."""
        return self.client.send(wallets.get(self.payee))["available"]["amount"]


def open_till(client: Client, minor: int = 1000) -> Till:
    """Two wallets; the first holds so many minor units."""
    first, second = (
        client.send(wallets.open(party_id=client.send(parties.create(name=name))["id"], currency="IDR"))
        for name in ("Sri Wahyuni", "Budi Santoso")
    )
    bank = client.send(ledger.open_account(code=f"asset:bank:{uuid4().hex}", currency="IDR"))
    to = first["account_ids"]["available"]
    posting = {"debit_account": bank["id"], "credit_account": to, "amount": amount(minor, "IDR")}
    client.send(ledger.post(description="Opening", postings=[posting]))
    return Till(client, first["id"], second["id"])
