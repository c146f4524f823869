"""Wire shapes of dialects, and of what a connection shows and says when it is tried."""

from typing import Literal

from pydantic import Field

from specie.platform.http import Schema
from specie.providers.connections import ProviderLink
from specie.providers.dialect import Dialect, Environment, Service
from specie.providers.model import Accepted, Outcome, Rejected
from specie.providers.records import Connection
from specie.providers.schemas import ConnectionOut


class DialectField(Schema):
    """One credential a provider hands out."""

    name: str
    label: str
    secret: bool
    help: str
    choices: list[str] = Field(description="Empty: any text")
    default: str
    required: bool
    multiline: bool


class ServiceOffer(Schema):
    """Whether a provider is used for something beside charges, and what to know of it."""

    service: Literal["refunds", "payouts", "account_inquiry", "balance", "statement", "disputes", "dispute_acceptance"]
    offered: Literal["yes", "not_live", "no"] = Field(description="not_live: not before what is doubtful is confirmed")
    note: str = Field(description="Its limits, or why it is not offered")


class DialectOut(Schema):
    """A provider that can be connected, and how far it is known."""

    name: str
    title: str
    about: str
    environments: list[str] = Field(description="simulator needs no account; sandbox is the provider's own test system")
    fields: list[DialectField]
    methods: list[str]
    currencies: list[str] = Field(description="Empty: every currency")
    callback_trust: str
    callback: str = Field(description="Where the callback address is registered")
    confirmed: bool = Field(description="False: not for live money, for the reasons in `unconfirmed`")
    unconfirmed: list[str]
    limits: str
    saves: list[str] = Field(description="Ways to pay it keeps, so that later charges need no customer")
    keeping: str = Field(description="Why it keeps none, where it keeps none")
    offers: list[ServiceOffer] = Field(description="What it is used for beside charges")

    @classmethod
    def of(cls, dialect: Dialect) -> "DialectOut":
        """The wire form."""
        return cls(
            name=dialect.name,
            title=dialect.title,
            about=dialect.about,
            environments=[str(environment) for environment in dialect.environments],
            fields=[
                DialectField(
                    name=known.name,
                    label=known.label,
                    secret=known.secret,
                    help=known.help,
                    choices=list(known.choices),
                    default=known.default,
                    required=known.required,
                    multiline=known.multiline,
                )
                for known in dialect.fields
            ],
            methods=[str(kind) for kind in dialect.kinds],
            currencies=list(dialect.currencies),
            callback_trust=str(dialect.trust),
            callback=dialect.callback,
            confirmed=dialect.confirmed,
            unconfirmed=list(dialect.unconfirmed),
            limits=dialect.limits,
            saves=[str(kind) for kind in dialect.saves],
            keeping="" if dialect.saves else dialect.keeping,
            offers=[
                ServiceOffer(service=offer.service.value, offered=offer.offered.value, note=offer.note)
                for offer in map(dialect.offer, Service)
            ],
        )


class ConnectionDetail(ConnectionOut):
    """A connection with the address to register at the provider and the credentials that are no secret."""

    environment: str
    callback_url: str = Field(description="Register this at the provider; whoever knows it can knock")
    shown_credentials: dict[str, str]

    @classmethod
    def opened(cls, connection: Connection, link: ProviderLink) -> "ConnectionDetail":
        """The wire form."""
        dialect, kept = link.adapter.dialect, link.adapter.credentials()
        shown = {known.name: str(kept.get(known.name, "")) for known in dialect.fields if not known.secret}
        return cls(
            **ConnectionOut.of(connection).model_dump(),
            environment=str(kept.get("environment", Environment.SIMULATOR)),
            callback_url=link.callback_url,
            shown_credentials={name: value for name, value in shown.items() if value},
        )


class ConnectionTest(Schema):
    """What trying a connection's credentials has shown."""

    outcome: Literal["works", "refused", "unknown"]
    reason: str | None = Field(description="The provider's code, or why nothing is known")

    @classmethod
    def of(cls, outcome: Outcome[None]) -> "ConnectionTest":
        """The wire form."""
        if isinstance(outcome, Accepted):
            return cls(outcome="works", reason=None)
        if isinstance(outcome, Rejected):
            return cls(outcome="refused", reason=outcome.code)
        return cls(outcome="unknown", reason=outcome.reason)
