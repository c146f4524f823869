"""A provider's dialect described as data: what the console asks for, what the reference lists, what is confirmed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from specie.providers.errors import CredentialsInvalid
from specie.providers.model import ChargeKind, Trust

_MAX_VALUE = 8000


class Environment(StrEnum):
    """Which of a provider's worlds a connection talks to."""

    SIMULATOR = "simulator"
    """Our simulator, speaking the provider's dialect. No account is needed."""
    SANDBOX = "sandbox"
    """The provider's own test system."""
    LIVE = "live"
    """Real money."""


class Service(StrEnum):
    """What a provider may offer beside charges."""

    REFUNDS = "refunds"
    PAYOUTS = "payouts"
    INQUIRY = "account_inquiry"
    """Whose bank account it is."""
    BALANCE = "balance"
    STATEMENT = "statement"
    DISPUTES = "disputes"
    """Telling that a customer's bank takes a payment back."""
    ACCEPTANCE = "dispute_acceptance"
    """Giving in to a dispute before the bank has decided it."""


class Offered(StrEnum):
    """How far a service can be used."""

    YES = "yes"
    NOT_LIVE = "not_live"
    """In the simulator and the provider's test system, until what is doubtful has been confirmed."""
    NO = "no"


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether a service can be used, and what to know of it: its limits, or why it cannot."""

    service: Service
    offered: Offered
    note: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One credential. `simulated` is how it is made up for the simulator; empty: it keeps its default.

    In `simulated`, `{hex}` and `{digits}` come from the connection's id and `{secret}` from the account.
    """

    name: str
    label: str
    secret: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    required: bool = True
    multiline: bool = False
    simulated: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is known of a provider. What is `unconfirmed` keeps live money away from it."""

    name: str
    title: str
    about: str
    account: str
    """The credential that names the account."""
    fields: tuple[Field, ...]
    kinds: tuple[ChargeKind, ...]
    currencies: tuple[str, ...]
    """Empty: every currency."""
    trust: Trust
    callback: str
    """Where the callback address is registered at the provider."""
    hosts: Mapping[Environment, str] = field(default_factory=dict)
    unconfirmed: tuple[str, ...] = ()
    limits: str = ""
    saves: tuple[ChargeKind, ...] = ()
    """The ways to pay that the provider keeps, so that later charges need no customer."""
    keeping: str = "Its documents name no way to keep one that these payments could use."
    """Why it keeps nothing, where it keeps nothing."""
    offers: tuple[Offer, ...] = ()
    """What is offered beside charges; what is not listed, the provider's documents name no way to do."""

    def offer(self, service: Service) -> Offer:
        """What is known of a service."""
        nothing = Offer(service, Offered.NO, "Its documents name no way to do it over the API.")
        return next((each for each in self.offers if each.service is service), nothing)

    def serves(self, service: Service, environment: "Environment") -> bool:
        """Whether a service can be used in one of the provider's worlds."""
        offered = self.offer(service).offered
        return offered is Offered.YES or (offered is Offered.NOT_LIVE and environment is not Environment.LIVE)

    @property
    def confirmed(self) -> bool:
        """Whether everything live money relies on is documented."""
        return not self.unconfirmed

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The worlds a connection can be made to."""
        own_address = any(known.name == "base_url" for known in self.fields)
        known = (each for each in (Environment.SANDBOX, Environment.LIVE) if own_address or each in self.hosts)
        return (Environment.SIMULATOR, *known)

    def complete(self, connection_id: UUID, given: Mapping[str, Any]) -> dict[str, str]:
        """The credentials with defaults filled in. Raises CredentialsInvalid, naming the field."""
        environment = str(given.get("environment") or Environment.SIMULATOR)
        if environment not in self.environments:
            raise CredentialsInvalid(f"environment is one of {', '.join(self.environments)}", param="credentials")
        values = {"environment": environment}
        for known in self.fields:
            values[known.name] = self._value(known, given, values, connection_id)
        unknown = given.keys() - values.keys()
        if unknown:
            raise CredentialsInvalid(f"{self.title} has no {', '.join(sorted(unknown))}", param="credentials")
        return values

    def _value(self, known: Field, given: Mapping[str, Any], values: Mapping[str, str], connection_id: UUID) -> str:
        value = given.get(known.name) or known.default
        if not value and values["environment"] == Environment.SIMULATOR:
            return _made_up(known, values.get(self.account, ""), connection_id)
        if not isinstance(value, str) or len(value) > _MAX_VALUE or "\0" in value:
            raise CredentialsInvalid(f"{known.name} is a text", param="credentials")
        value = value.strip()
        if known.required and not value:
            raise CredentialsInvalid(f"{known.name} is missing", param="credentials")
        if known.choices and value and value not in known.choices:
            raise CredentialsInvalid(f"{known.name} is one of {', '.join(known.choices)}", param="credentials")
        if not known.multiline and not value.isprintable():
            raise CredentialsInvalid(f"{known.name} is one line", param="credentials")
        return value


def simulated_secret(account: str, name: str) -> str:
    """The secret the simulator and an adapter agree on for an account without talking about it."""
    return hashlib.sha256(f"{name} of {account}".encode()).hexdigest()


def _made_up(known: Field, account: str, connection_id: UUID) -> str:
    return known.simulated.format(
        hex=connection_id.hex,
        digits="9" + str(connection_id.int)[-11:],
        secret=simulated_secret(account, known.name),
    )
