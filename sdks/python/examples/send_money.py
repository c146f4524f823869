"""Move money between two wallets, at most once, whatever the network does."""

import os

from specie_client import Client, Problem, parties, transfers, wallets
from specie_client.types import amount


def main() -> None:
    """Open two wallets and try to send what is not there."""
    with Client(os.environ["SPECIE_API_KEY"], os.environ["SPECIE_URL"]) as specie:
        sri = specie.send(parties.create(name="Sri Wahyuni"))
        budi = specie.send(parties.create(name="Budi Santoso"))
        payer = specie.send(wallets.open(party_id=sri["id"], currency="IDR"))
        payee = specie.send(wallets.open(party_id=budi["id"], currency="IDR"))
        rent = transfers.create(
            from_wallet_id=payer["id"], to={"wallet_id": payee["id"]}, amount=amount(250_000, "IDR")
        )
        try:
            specie.send(rent)
        except Problem as refusal:
            print(f"{refusal.code} in {refusal.param}, money moved: {refusal.money_moved}")


if __name__ == "__main__":
    main()
