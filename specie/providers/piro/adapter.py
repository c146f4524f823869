"""Piro's dialect, as far as it is known: an MD5 over joined values, a password anyone can compute, a balance."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from specie.providers.base import DialectAdapter, accepts_any, certain, require
from specie.providers.dialect import Dialect, Environment, Field, Offer, Offered, Service
from specie.providers.errors import CallbackUnreadable
from specie.providers.model import (
    ChargeRequest,
    ErrorClass,
    ProviderCall,
    ProviderCharge,
    ProviderFact,
    RawCallback,
    Rejected,
    Trust,
    Unknown,
)
from specie.providers.reading import (
    JAKARTA,
)
from specie.providers.recipe import Recipe

BALANCE = "/pirouserone2gen/v1/users-by-dash"
HOST = "https://us-central1-doc-basic.cloudfunctions.net"
_PLACE = ("clientId", "deviceId", "latitude", "longitude")
RECIPES = {
    "register": Recipe(("email", "username", "password", "callbackClient", "millis"), "md5"),
    "transfer": Recipe((*_PLACE, "value", "beneficiaryAccountNo", "clientSecret"), "md5"),
    "balance": Recipe((*_PLACE, "clientSecret"), "md5"),
    "callback": Recipe(("body", "signatureKey"), "md5"),
}


class PiroAdapter(DialectAdapter):
    """Speaks for one client of Piro."""

    name: ClassVar[str] = "piro"
    dialect: ClassVar[Dialect] = Dialect(
        name="piro",
        title="Piro",
        about="Transfers in Indonesia. Only its balance can be read: no way to collect is documented, and a transfer"
        " takes no reference of ours, so that one without an answer could never be told from one that failed.",
        account="client_id",
        fields=(
            Field("client_id", "Client id", simulated="sim_{hex}"),
            Field("client_secret", "Client secret", secret=True, simulated="{secret}"),
            Field("signature_key", "Callback key", secret=True, simulated="{secret}"),
            Field("latitude", "Latitude", default="-6.175110"),
            Field("longitude", "Longitude", default="106.865036"),
        ),
        kinds=(),
        currencies=("IDR",),
        trust=Trust.NONE,
        callback="With Piro, as the callbackClient of your registration.",
        hosts={Environment.LIVE: HOST},
        offers=(
            Offer(
                Service.PAYOUTS,
                Offered.NO,
                "Its transfer carries no reference of ours and cannot be asked about, so one whose answer was lost"
                " could be paid twice.",
            ),
            Offer(Service.INQUIRY, Offered.NO, "How the question is signed is not stated."),
            Offer(Service.BALANCE, Offered.NO, "Asked for only to try the credentials."),
        ),
        unconfirmed=(
            "any way to collect",
            "the state of a transfer, and a reference of ours in it",
            "how an account inquiry is signed",
        ),
        limits="Balance only.",
    )

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Nothing is documented to collect with."""
        return certain("create_charge", Rejected("pay_in_undocumented", ErrorClass.UNSUPPORTED))

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """No charge can have been made."""
        return certain("get_charge", Unknown("pay_in_undocumented"))

    def probe(self) -> ProviderCall[None]:
        """Ask for the balance."""
        values = {
            "clientId": self.given["client_id"],
            "deviceId": "web",
            "latitude": self.given["latitude"],
            "longitude": self.given["longitude"],
            "clientSecret": self.given["client_secret"],
        }
        headers = {
            "client_id": values["clientId"],
            "device_id": "web",
            "latitude": values["latitude"],
            "longitude": values["longitude"],
            "x-signature": RECIPES["balance"].sign(values),
        }
        call = self.call("probe", "GET", self.base_url + BALANCE, accepts_any, headers=headers)
        return replace(call, sign=lambda stamp: {"Authorization": basic_of(stamp.at)})

    def parse_callback(self, raw: RawCallback) -> Sequence[ProviderFact]:
        """Nothing in a callback is documented, so a genuine one is kept for a person.

        Raises CallbackUnverified, then CallbackUnreadable.
        """
        values = {"body": raw.body.decode("utf-8", "replace"), "signatureKey": self.given["signature_key"]}
        given = raw.headers.get("x-signature") or raw.headers.get("x-piro-signature", "")
        require(RECIPES["callback"].verifies(values, given), "the signature is missing or wrong")
        raise CallbackUnreadable("the content of a callback is not documented")


def basic_of(moment: datetime) -> str:
    """The Basic header of a day. It is the milliseconds of midnight in Jakarta: anyone can compute it."""
    midnight = moment.astimezone(JAKARTA).replace(hour=0, minute=0, second=0, microsecond=0)
    millis = int(midnight.timestamp()) * 1000
    return "Basic " + base64.b64encode(f"piro-{millis}:{millis}".encode()).decode()
