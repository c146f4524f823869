"""GudangVoucher's dialect: a page to send the customer to, XML back, an MD5 over joined values."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode
from xml.etree import ElementTree

from specie.platform.outbound import OutboundResponse
from specie.providers.base import DialectAdapter, certain, hint, require
from specie.providers.dialect import Dialect, Environment, Field
from specie.providers.model import (
    Accepted,
    Action,
    ActionKind,
    ChargeKind,
    ChargeRequest,
    ChargeState,
    ProviderCall,
    ProviderCharge,
    ProviderFact,
    RawCallback,
    Trust,
    Unknown,
)
from specie.providers.reading import (
    UNREADABLE,
    Read,
    document,
    money,
    text,
    tolerant,
    unreadable,
    whole,
)
from specie.providers.recipe import Recipe

RECIPES = {
    "pay": Recipe(("merchantid", "amount", "merchantKey", "custom"), "md5"),
    "status": Recipe(("merchantKey", "merchantid", "custom"), "md5"),
}
PAGES = {Environment.SANDBOX: "payment-sandbox.php", Environment.LIVE: "payment.php"}
STATUS = "/cpayment.php"
STATES = {"SUCCESS": ChargeState.PAID, "FAIL": ChargeState.FAILED}


class GudangVoucherAdapter(DialectAdapter):
    """Speaks for one merchant at GudangVoucher."""

    name: ClassVar[str] = "gudangvoucher"
    step_minor: ClassVar[int] = 100
    dialect: ClassVar[Dialect] = Dialect(
        name="gudangvoucher",
        title="GudangVoucher",
        about="A hosted page in Indonesia with QRIS and vouchers, after three public integrations that agree.",
        account="merchant_id",
        fields=(
            Field("merchant_id", "Merchant id", simulated="sim_{hex}"),
            Field("merchant_key", "Merchant key", secret=True, simulated="{secret}"),
        ),
        kinds=(ChargeKind.QR,),
        currencies=("IDR",),
        trust=Trust.NONE,
        callback="In GudangVoucher's dashboard.",
        hosts={Environment.SANDBOX: "https://www.gudangvoucher.com", Environment.LIVE: "https://www.gudangvoucher.com"},
        unconfirmed=(
            "the live address of the server interface",
            "how the answer to a question is signed",
            "the shape of that answer",
        ),
        limits="Callbacks are not signed; nothing is believed before the provider has been asked.",
    )

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """The page to send the customer to. Nothing is sent: the order begins when the customer opens it."""
        told = {
            "merchantid": self.given["merchant_id"],
            "amount": str(whole(request.amount)),
            "product": request.description[:50] or request.reference,
            "custom": request.reference,
            "QRIS": "1",
        }
        signature = RECIPES["pay"].sign({**told, "merchantKey": self.given["merchant_key"]})
        extra = {name.lower(): value for name, value in self.simulated_headers(request).items()}
        query = urlencode({**told, "signature": signature, **extra})
        page = PAGES.get(self.environment, PAGES[Environment.SANDBOX])
        url = f"{self.base_url}/pg/v3/{page}?{query}"
        charge = ProviderCharge(
            reference=request.reference,
            provider_ref=request.reference,
            state=ChargeState.PENDING,
            raw_state="page",
            amount=request.amount,
            fee=None,
            action=Action(ActionKind.REDIRECT, url=url),
            occurred_at=None,
            expires_at=None,
        )
        return certain("create_charge", Accepted(charge))

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Ask about our reference. An answer without a state says nothing: the page may not have been opened yet."""
        told = {"merchantid": self.given["merchant_id"], "custom": reference}
        signature = RECIPES["status"].sign({**told, "merchantKey": self.given["merchant_key"]})
        url = f"{self.base_url}{STATUS}?{urlencode({**told, 'signature': signature})}"

        @tolerant
        def read(response: OutboundResponse) -> Read[ProviderCharge | None]:
            if response.status != 200:
                return Unknown(f"http_{response.status}")
            return Accepted(self._charge(values_of(response.body)))

        return self.call("get_charge", "GET", url, read)

    def parse_callback(self, raw: RawCallback) -> Sequence[ProviderFact]:
        """A hint to ask about. Raises CallbackUnverified, then CallbackUnreadable."""
        try:
            told = values_of(_data(raw))
            charge = self._charge(told)
        except UNREADABLE as error:
            raise unreadable(error) from error
        require(told.get("merchant_id") == self.given["merchant_id"], "the callback is for another merchant")
        return [hint(self, charge, Trust.NONE)]

    def _charge(self, told: Mapping[str, str]) -> ProviderCharge:
        raw_state = text(told["status"])
        state = STATES.get(raw_state, ChargeState.UNMAPPED)
        if told.get("development") == "YES" and self.environment is Environment.LIVE:
            # Play money must never reach real books, whatever the state says.
            state, raw_state = ChargeState.UNMAPPED, f"{raw_state} (development)"
        return ProviderCharge(
            reference=text(told["custom"]),
            provider_ref=text(told["custom"]),
            state=state,
            raw_state=raw_state,
            amount=money(told["nominal"], told["currency"]),
            fee=None,
            action=Action(ActionKind.NONE),
            occurred_at=None,
            expires_at=None,
        )


def values_of(content: bytes) -> dict[str, str]:
    """The texts of a small XML document by their names. Raises ValueError; a document type or entity is refused."""
    xml = content.decode("utf-8")
    if "<!" in xml:
        raise ValueError("a document type is not allowed")
    try:
        # Without a document type there are no entities to expand, which is what makes this parser unsafe elsewhere.
        root = ElementTree.fromstring(xml)  # noqa: S314
    except ElementTree.ParseError as error:
        raise ValueError("not XML") from error
    values = {name: value for node in root.iter() for name, value in node.attrib.items()}
    return values | {node.tag: (node.text or "").strip() for node in root.iter() if len(node) == 0 and node.text}


def _data(raw: RawCallback) -> bytes:
    if raw.headers.get("content-type", "").startswith("application/json"):
        return _bytes(document(raw.body)["data"])
    return _bytes(parse_qs(raw.body.decode("utf-8"))["data"][0])


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str):
        raise ValueError("data is a text")
    return value.encode()
