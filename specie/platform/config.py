"""Every setting of the platform, read from the environment (and `.env`), checked once at the start."""

import base64
import binascii
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from specie.platform.secret_files import secret_file

MIN_SECRET_BYTES = 32
_PRODUCTION_NEEDS = ("database_url", "secret_key", "master_key", "base_url")


class SettingsInvalid(Exception):
    """A setting is missing or wrong; the message names each one and what it must be."""


class Settings(BaseSettings):
    """What one installation decides for itself. Each field is the environment variable `SPECIE_<FIELD>`."""

    model_config = SettingsConfigDict(
        env_prefix="SPECIE_",
        env_file=".env",
        env_ignore_empty=True,
        validate_by_name=True,
        extra="ignore",
        frozen=True,
    )

    environment: Literal["development", "production"] = Field(
        "development", description="In production every secret and URL must be set; nothing is generated."
    )
    state: Path = Field(
        Path(".specie"), description="Folder of the embedded database, generated secrets, files and logs."
    )
    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the API listens on; 0 takes a free one.")
    base_url: str = Field("", description="Address people and providers reach this installation at.")
    api_processes: int = Field(1, ge=1, le=64, description="API processes `specie up` starts.")
    worker_niceness: int = Field(
        5, ge=0, le=19, description="How far the worker stands back where the API wants the same processors; 0: not."
    )
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), description="Networks whose X-Forwarded-For is believed, separated by commas."
    )

    database_url: str = Field(
        "",
        repr=False,
        validation_alias="DATABASE_URL",
        description="PostgreSQL as role specie_app; empty starts the embedded server.",
    )
    owner_url: str = Field(
        "", repr=False, description="PostgreSQL as role specie_owner; used by `specie migrate` alone."
    )
    system_url: str = Field(
        "", repr=False, description="PostgreSQL as role specie_system; for the publisher and sweeps."
    )
    auditor_url: str = Field(
        "", repr=False, description="PostgreSQL as role specie_auditor; read-only, for `specie verify`."
    )
    backup_url: str = Field(
        "", repr=False, description="PostgreSQL as a role with bypassrls; for `specie backup` alone."
    )
    database_pool: int = Field(10, ge=1, le=200, description="Connections each process keeps at most.")

    secret_key: SecretStr = Field(
        SecretStr(""), description="Signs tokens and cursors; 32 bytes or more. Generated in development."
    )
    master_key: SecretStr = Field(
        SecretStr(""), description="Seals stored secrets; 32 bytes in base64. Generated in development."
    )

    storage_url: str = Field(
        "", description="Where files are kept: a folder or s3://bucket/prefix; empty is `files` in the state."
    )
    smtp_url: SecretStr = Field(
        SecretStr(""), description="smtp://user:password@host:587; empty writes mail to the state folder."
    )
    mail_from: str = Field("Specie <no-reply@localhost>", description="Sender of the mail.")
    telegram_token: SecretStr = Field(
        SecretStr(""), description="Token of the Telegram bot that sends notices; empty is off."
    )
    telegram_url: str = Field(
        "https://api.telegram.org", pattern="^https?://", description="Another server of Telegram's Bot API."
    )
    currency: str = Field("IDR", pattern="^[A-Z]{3}$", description="Currency of a new customer's first wallet.")
    simulator_url: str = Field("", description="Another payment simulator; empty uses the built-in one.")
    private_targets: bool = Field(
        False, description="Let webhooks call this machine and its network; never in production. `up --demo` opens it."
    )

    kafka_bootstrap: str = Field(
        "", description="Apache Kafka to publish the event feed to, as host:port with commas between; empty is off."
    )
    kafka_topic: str = Field(
        "specie.events", pattern="^[A-Za-z0-9._-]{1,249}$", description="Topic the event feed is published to."
    )
    kafka_options: SecretStr = Field(
        SecretStr(""), description="More settings of librdkafka as name=value; semicolons between them."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe line logged.")
    log_format: Literal["text", "json"] = Field("text", description="Lines for people or for machines.")
    log_dir: Path | None = Field(None, description="Folder for daily log files beside the console output.")
    metrics_port: int = Field(0, ge=0, le=65535, description="Port Prometheus reads each process on; 0 is off.")
    metrics_host: str = Field(
        "127.0.0.1", description="Address of that port; it asks for no login, so keep it inside your network."
    )

    request_log_days: int = Field(30, ge=1, le=3650, description="Days the request log is kept.")
    webhook_log_days: int = Field(30, ge=1, le=3650, description="Days the answers to delivered webhooks are kept.")

    books_copy_days: int = Field(
        30, ge=0, le=3650, description="Days the nightly copies of each tenant's books are kept; 0 makes none."
    )

    checkpoint_minutes: int = Field(60, ge=1, le=1440, description="Minutes between signed checkpoints.")

    rate_limit_address: int = Field(300, ge=1, description="Requests a minute from one address without login.")
    rate_limit_actor: int = Field(1200, ge=1, description="Requests a minute from one user or key.")
    rate_limit_login: int = Field(10, ge=1, description="Login attempts a minute for one name and address.")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("state", "log_dir")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value else None

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and len(text.encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"must be at least {MIN_SECRET_BYTES} bytes")
        return value

    @field_validator("master_key")
    @classmethod
    def _is_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            _decoded_key(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _complete_in_production(self) -> Self:
        if self.environment == "development":
            return self
        missing = [variable_name(name) for name in _PRODUCTION_NEEDS if not _filled(getattr(self, name))]
        if missing:
            raise ValueError(f"production needs {', '.join(missing)}")
        if not self.base_url.startswith("https://"):
            raise ValueError("in production SPECIE_BASE_URL must begin with https://")
        if self.private_targets:
            raise ValueError("in production SPECIE_PRIVATE_TARGETS must be false")
        return self

    @property
    def is_production(self) -> bool:
        """Whether this installation handles real money and therefore takes no default for a secret."""
        return self.environment == "production"

    @property
    def uses_embedded_database(self) -> bool:
        """Whether the database is the one in the state folder."""
        return not self.database_url

    @property
    def public_url(self) -> str:
        """The address of this installation without a trailing slash, as others see it."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def files(self) -> str:
        """The storage location: a folder's path or an s3:// URL."""
        return self.storage_url or str(self.state / "files")

    @property
    def signing_key(self) -> bytes:
        """The key that signs tokens and cursors; in development made once and kept in the state folder."""
        text = self.secret_key.get_secret_value() or self._kept("secret_key")
        return text.encode()

    @property
    def sealing_key(self) -> bytes:
        """The 32 bytes that seal stored secrets; in development made once and kept in the state folder."""
        return _decoded_key(self.master_key.get_secret_value() or self._kept("master_key"))

    def _kept(self, name: str) -> str:
        return secret_file(self.state / "secrets" / name, _new_key)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; keyword arguments win over the environment.

    Raises SettingsInvalid with one line for each setting that is wrong.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsInvalid("\n".join(_explained(item) for item in error.errors())) from error


def variable_name(field: str) -> str:
    """Return the environment variable of a field."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"SPECIE_{field.upper()}"


def _explained(item: Any) -> str:
    reason = str(item["msg"]).removeprefix("Value error, ")
    field = str(item["loc"][0]) if item["loc"] else ""
    if not field:
        return reason
    return f"{variable_name(field) if field in Settings.model_fields else field}: {reason}"


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(MIN_SECRET_BYTES)).decode()


def _filled(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


def _decoded_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("must be base64") from error
    if len(key) != MIN_SECRET_BYTES:
        raise ValueError(f"must be {MIN_SECRET_BYTES} bytes in base64")
    return key
