"""One tenant's caller with two wallets, for tests of transfers over HTTP."""

from typing import Any

import httpx2

from specie.kernel.ids import uuid7

TRANSFERS = "/api/v1/transfers"


class Till:
    """One tenant's caller and two wallets, the first with money in it."""

    def __init__(self, client: httpx2.Client, key: str) -> None:
        self._client = client
        self._key = {"Authorization": f"Bearer {key}"}
        self.payer, self.payee = self._wallet(), self._wallet()
        bank = self.post("/api/v1/ledger/accounts", {"code": f"asset:bank:{uuid7().hex}", "currency": "IDR"})
        to = self.payer["account_ids"]["available"]
        posting = {"debit_account": bank["id"], "credit_account": to, "amount": rupiah(1000)}
        self.post("/api/v1/ledger/entries", {"description": "Opening", "postings": [posting]})

    def _wallet(self) -> Any:
        party = self.post("/api/v1/parties", {"name": "Sri Wahyuni"})
        return self.post("/api/v1/wallets", {"party_id": party["id"], "currency": "IDR"})

    def send(self, path: str = TRANSFERS, *, key: str | None = None, status: int = 201, **more: Any) -> Any:
        to = {"wallet_id": self.payee["id"]}
        body = {"from_wallet_id": self.payer["id"], "to": to, "amount": rupiah(10)} | more
        return self.post(path, body, key=key, status=status)

    def post(self, path: str, body: Any, *, key: str | None = None, status: int = 201) -> Any:
        headers = self._key | {"Idempotency-Key": key or uuid7().hex}
        answer = self._client.post(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, **query: Any) -> Any:
        answer = self._client.get(path, params=query, headers=self._key)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def notes(self, wallet: Any, **query: Any) -> list[str | None]:
        return [line["note"] for line in self.get(f"/api/v1/wallets/{wallet['id']}/history", **query)["data"]]

    def available(self, wallet: Any) -> int:
        return int(self.get(f"/api/v1/wallets/{wallet['id']}")["available"]["amount"])


def rupiah(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "IDR"}
