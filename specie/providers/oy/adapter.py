"""OY! Indonesia's dialect: JSON behind two headers, results in the body, callbacks nobody signs."""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

from specie.kernel.money import Currency, Money
from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, certain, hint, json_bytes
from specie.providers.dialect import Dialect, Environment, Field, Offer, Offered, Service
from specie.providers.facts import Fact
from specie.providers.model import (
    Accepted,
    Action,
    ActionKind,
    ChargeKind,
    ChargeRequest,
    ChargeState,
    ErrorClass,
    PayoutRail,
    ProviderCall,
    ProviderCharge,
    RawCallback,
    Rejected,
    Trust,
    Unknown,
)
from specie.providers.oy import payouts
from specie.providers.payouts import AccountHolder, BankAccount, PayoutRequest, ProviderPayout
from specie.providers.reading import (
    JAKARTA,
    UNREADABLE,
    Read,
    document,
    money,
    refusal,
    text,
    tolerant,
    unreadable,
    whole,
)

CREATE = "/api/payment-routing/create-transaction"
STATUS = "/api/payment-routing/check-status"
BALANCE = "/api/balance"
VA_BANKS = ("002", "008", "009", "013", "014", "022", "213", "451")
EWALLETS = ("dana_ewallet", "shopeepay_ewallet", "linkaja_ewallet")
METHODS = {
    ChargeKind.QR: "QRIS",
    ChargeKind.VIRTUAL_ACCOUNT: "BANK_TRANSFER",
    ChargeKind.EWALLET: "EWALLET",
    ChargeKind.CARD: "CARDS",
}
STATES = {
    "CREATED": ChargeState.PENDING,
    "WAITING_PAYMENT": ChargeState.PENDING,
    "PAYMENT_IN_PROGRESS": ChargeState.PENDING,
    # The customer has paid; what is still under way, or has failed, is passing the money on.
    "DISBURSE_IN_PROGRESS": ChargeState.PAID,
    "COMPLETE": ChargeState.PAID,
    "INCOMPLETE": ChargeState.PAID,
    "EXPIRED": ChargeState.EXPIRED,
    "PAYMENT_FAILED": ChargeState.FAILED,
}
DONE, DUPLICATE, IN_FLIGHT = "000", "203", "257"
REFUSALS = {
    "201": ErrorClass.AUTH,
    "202": ErrorClass.AUTH,
    "207": ErrorClass.AUTH,
    "208": ErrorClass.AUTH,
    "400": ErrorClass.VALIDATION,
    "402": ErrorClass.PROVIDER_DOWN,
    "429": ErrorClass.RATE_LIMITED,
}
_RUPIAH = 100
_LONGEST_ADDRESS = 2000


class OyAdapter(DialectAdapter):
    """Speaks for one account at OY!."""

    name: ClassVar[str] = "oy"
    step_minor: ClassVar[int] = _RUPIAH
    min_minor: ClassVar[int] = 10_000 * _RUPIAH
    max_minor: ClassVar[int] = 10_000_000 * _RUPIAH
    payout_rails: ClassVar[tuple[PayoutRail, ...]] = tuple(PayoutRail)
    least_payouts: ClassVar[Mapping[PayoutRail, int]] = payouts.LEAST
    dialect: ClassVar[Dialect] = Dialect(
        name="oy",
        title="OY! Indonesia",
        about="QRIS, virtual accounts, e-wallets and cards in Indonesia by OY!'s payment routing.",
        account="username",
        fields=(
            Field("username", "X-OY-Username", simulated="sim_{hex}"),
            Field("api_key", "X-Api-Key", secret=True, simulated="{secret}"),
            Field(
                "va_bank",
                "Bank for virtual accounts",
                help="The bank's code, such as 008 for Mandiri.",
                choices=VA_BANKS,
                default="008",
            ),
            Field("ewallet", "E-wallet", choices=EWALLETS, default="dana_ewallet"),
        ),
        kinds=tuple(METHODS),
        currencies=("IDR",),
        trust=Trust.NONE,
        callback="In OY!'s dashboard, for payments and disbursements. Register your outgoing address there as well.",
        offers=(
            Offer(
                Service.REFUNDS,
                Offered.NO,
                "OY! gives back only what was paid through its e-wallet product; these payments go through its"
                " payment routing.",
            ),
            Offer(
                Service.PAYOUTS,
                Offered.YES,
                "From Rp10,000 to banks and from Rp100 to e-wallets. What came back later is not told apart.",
            ),
            Offer(Service.INQUIRY, Offered.YES, "Billed by OY! day by day."),
            Offer(Service.BALANCE, Offered.YES, "What has been settled; payments that settle later are not in it."),
            Offer(Service.STATEMENT, Offered.NO, "It tells the fees of one payment at a time, and no list of them."),
        ),
        hosts={
            Environment.SANDBOX: "https://api-stg.oyindonesia.com",
            Environment.LIVE: "https://partner.oyindonesia.com",
        },
        limits="Rp10,000 to Rp10,000,000. Callbacks are unsigned; nothing is believed before OY! has been asked.",
    )

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order by payment routing; the reference is unique at OY!."""
        body = {
            "partner_user_id": request.reference,
            "partner_trx_id": request.reference,
            "need_frontend": request.kind is ChargeKind.CARD,
            "use_linked_account": False,
            "receive_amount": whole(request.amount),
            "list_enable_payment_method": METHODS[request.kind],
            "list_enable_sof": self._source(request.kind),
            "va_display_name": "Specie",
            "trx_expiration_time": request.expires_at.astimezone(JAKARTA).strftime("%Y-%m-%d %H:%M:%S"),
            "trx_counter": 1,
        }

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge]:
            refused = refusal(response)
            if refused is not None:
                return refused
            told = document(response.body)
            code = text(told["status"]["code"])
            if code != DONE:
                return _refused(code)
            action = _action(request.kind, self.given["va_bank"], told["payment_info"], self.page(response))
            return Accepted(
                ProviderCharge(
                    reference=request.reference,
                    provider_ref=text(told["trx_id"]),
                    state=ChargeState.PENDING,
                    raw_state="CREATED",
                    amount=request.amount,
                    fee=None,
                    action=action,
                    occurred_at=None,
                    expires_at=None,
                )
            )

        headers = self._keys() | self.simulated_headers(request)
        return self.call(
            "create_charge", "POST", self.base_url + CREATE, read, content=json_bytes(body), headers=headers
        )

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Ask about our reference. A refusal of the question says nothing about the money."""

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge | None]:
            if response.status != 200:
                return Unknown(f"http_{response.status}")
            told = document(response.body)
            code = text(told["status"]["code"])
            return Accepted(_charge(told)) if code == DONE else Unknown(f"code_{code}")

        body = json_bytes({"partner_trx_id": reference, "send_callback": False})
        return self.call("get_charge", "POST", self.base_url + STATUS, read, content=body, headers=self._keys())

    def inquire_account(self, account: BankAccount) -> ProviderCall[AccountHolder | None]:
        """Ask whose account it is."""
        body = json_bytes({"bank_code": account.bank_code, "account_number": account.number})
        url = self.base_url + payouts.INQUIRY
        return self.call("inquire_account", "POST", url, payouts.read_holder, content=body, headers=self._keys())

    def create_payout(self, request: PayoutRequest) -> ProviderCall[ProviderPayout]:
        """Order a disbursement; the reference is unique at OY!."""
        try:
            body = json_bytes(payouts.remit_body(request))
        except ValueError:
            return certain("create_payout", Rejected("amount_not_expressible", ErrorClass.VALIDATION))
        headers = self._keys() | self.simulated_headers(request)
        url = self.base_url + payouts.REMIT
        return self.call("create_payout", "POST", url, payouts.read_remit, content=body, headers=headers)

    def get_payout(self, reference: str) -> ProviderCall[ProviderPayout | None]:
        """Ask about our reference."""
        body, url = json_bytes({"partner_trx_id": reference}), self.base_url + payouts.REMIT_STATUS
        return self.call("get_payout", "POST", url, payouts.read_status, content=body, headers=self._keys())

    def get_balance(self, currency: Currency) -> ProviderCall[Money]:
        """Ask for the balance."""

        @tolerant
        def read(response: OutboundResponse) -> Read[Money]:
            refused = refusal(response)
            if refused is not None:
                return refused
            told = document(response.body)
            code = text(told["status"]["code"])
            return Accepted(money(told["balance"], currency.code)) if code == DONE else _refused(code)

        return self.call("get_balance", "GET", self.base_url + BALANCE, read, headers=self._keys())

    def probe(self) -> ProviderCall[None]:
        """Ask for the balance."""

        @tolerant
        def read(response: OutboundResponse) -> Read[None]:
            refused = refusal(response)
            if refused is not None:
                return refused
            code = text(document(response.body)["status"]["code"])
            return Accepted(None) if code == DONE else _refused(code)

        return self.call("probe", "GET", self.base_url + BALANCE, read, headers=self._keys())

    def parse_callback(self, raw: RawCallback) -> Sequence[Fact]:
        """A hint to ask about. The same payment is told of again when it settles. Raises CallbackUnreadable."""
        try:
            told = document(raw.body)
            if payouts.is_payout(told):
                return [payouts.payout_fact(told, self.connection_id)]
            charge = _charge(told)
        except UNREADABLE as error:
            raise unreadable(error) from error
        key = f"{charge.provider_ref}:{charge.raw_state}:{told.get('settlement_status', '')}"
        return [hint(self, charge, Trust.NONE, key=key)]

    def _source(self, kind: ChargeKind) -> str:
        sources = {
            ChargeKind.QR: "QRIS",
            ChargeKind.VIRTUAL_ACCOUNT: self.given["va_bank"],
            ChargeKind.EWALLET: self.given["ewallet"],
            ChargeKind.CARD: "CC_DC",
        }
        return sources[kind]

    def _keys(self) -> dict[str, str]:
        return {"X-OY-Username": self.given["username"], "X-Api-Key": self.given["api_key"]}


@cache
def bank_names() -> dict[str, str]:
    """The names of banks and e-wallets by OY!'s codes."""
    rows = files("specie.providers.oy").joinpath("bank_codes.csv").read_text(encoding="utf-8")
    return {row["code"]: row["name"] for row in csv.DictReader(rows.splitlines())}


def _refused(code: str) -> Rejected | Unknown:
    if code in (DUPLICATE, IN_FLIGHT):
        return Unknown("duplicate")
    error_class = REFUSALS.get(code)
    if error_class is None:
        return Unknown(f"code_{code}")
    retry = error_class in (ErrorClass.RATE_LIMITED, ErrorClass.PROVIDER_DOWN)
    return Rejected(code, error_class, safe_to_retry=retry)


def _action(kind: ChargeKind, bank: str, info: Mapping[str, Any], page: str) -> Action:
    if kind is ChargeKind.QR:
        return Action(ActionKind.QR_IMAGE, image=_address(info["qris_url"]), url=page)
    if kind is ChargeKind.VIRTUAL_ACCOUNT:
        number = text(info.get("va_number") or info["account_number"])
        return Action(ActionKind.VIRTUAL_ACCOUNT, bank=bank_names().get(bank, bank), number=number, url=page)
    if kind is ChargeKind.EWALLET:
        return Action(ActionKind.REDIRECT, url=_address(info["ewallet_url"]))
    # The documents name the card's page in three ways.
    found = info.get("payment_checkout_url") or info.get("cards_url") or info["card_url"]
    return Action(ActionKind.REDIRECT, url=_address(found))


def _address(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("https://", "http://")) or len(value) > _LONGEST_ADDRESS:
        raise ValueError("an address is needed")
    return value


def _charge(told: Mapping[str, Any]) -> ProviderCharge:
    raw_state = text(told["payment_status"])
    state = STATES.get(raw_state, ChargeState.UNMAPPED)
    return ProviderCharge(
        reference=text(told["partner_trx_id"]),
        provider_ref=text(told["trx_id"]),
        state=state,
        raw_state=raw_state,
        amount=_amount(told, is_paid=state is ChargeState.PAID),
        fee=None,
        action=Action(ActionKind.NONE),
        occurred_at=None,
        expires_at=None,
    )


def _amount(told: Mapping[str, Any], *, is_paid: bool) -> Money | None:
    """What came in once it has; the documents spell the field in two ways."""
    names = ("received_amount", "receive_amount", "amount") if is_paid else ("request_amount", "receive_amount")
    found = next((told[name] for name in names if told.get(name) is not None), None)
    return None if found is None else money(found, "IDR", exponent=0)
