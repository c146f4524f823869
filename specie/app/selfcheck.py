"""Before anything listens: refuse a database, a role or a set of secrets on which no promise could be kept."""

import sys
from collections.abc import Iterator
from datetime import timedelta

from specie.app import selfcheck_store
from specie.events import kafka
from specie.kernel.clock import machine_now
from specie.platform.config import Settings
from specie.platform.database_facts import read_facts
from specie.platform.postgres_binaries import OLDEST_MAJOR
from specie.platform.revisions import newest_revision

UNSAFE = 78
"""The exit code of a refused start (EX_CONFIG of sysexits.h)."""

_MOST_SKEW = timedelta(seconds=5)


def require_safe(settings: Settings) -> None:
    """Leave the process with exit code 78, saying why on standard error, unless everything is as it must be.

    Raises psycopg.OperationalError when the database does not answer.
    """
    wrong = list(faults(settings))
    for sentence in wrong:
        sys.stderr.write(f"Specie does not start: {sentence}.\n")
    if wrong:
        sys.exit(UNSAFE)


def faults(settings: Settings) -> Iterator[str]:
    """One sentence for each thing that is unsafe, without a full stop."""
    facts = read_facts(settings.database_url)
    if facts.major_version < OLDEST_MAJOR:
        yield f"PostgreSQL {facts.server_version} is older than {OLDEST_MAJOR}"
    if facts.sees_through_row_security:
        yield f"the role {facts.role} is a superuser or bypasses row security; connect as specie_app"
    for name, value in facts.durability.items():
        if value in ("off", "local"):
            yield f"{name} is {value}, so the database can lose commits; set it to on"
    yield from _schema_faults(settings.database_url)
    if settings.system_url:
        yield from _sweeper_faults(settings.system_url)
    yield from _secret_faults(settings)
    yield from kafka_faults(settings)


def kafka_faults(settings: Settings) -> Iterator[str]:
    """What keeps the feed from Apache Kafka although it was asked for; nothing where it was not."""
    if not settings.kafka_bootstrap:
        return
    if not kafka.is_installed():
        yield "SPECIE_KAFKA_BOOTSTRAP is set but the library for it is not there; pip install 'specie[kafka]'"
    try:
        kafka.options_of(settings.kafka_options.get_secret_value())
    except ValueError as error:
        yield f"SPECIE_KAFKA_OPTIONS {error}"


def _schema_faults(url: str) -> Iterator[str]:
    schema = selfcheck_store.read_schema(url)
    if schema.owned_tables:
        yield "the role owns tables, and an owner can switch row security off; connect as specie_app"
    if schema.unprotected:
        yield f"row security is not forced on {', '.join(schema.unprotected)}"
    if schema.silenced:
        yield f"triggers are switched off on {', '.join(schema.silenced)}; `alter table … enable trigger all` as owner"
    newest = newest_revision()
    if schema.revision != newest:
        yield f"the schema is at {schema.revision}, this program needs {newest}; run `specie migrate`"
    skew = abs(machine_now() - schema.clock)
    if skew > _MOST_SKEW:
        yield f"this machine's clock and the database's differ by {skew.total_seconds():.0f} seconds"


def _sweeper_faults(url: str) -> Iterator[str]:
    facts = read_facts(url)
    if facts.sees_through_row_security:
        yield f"the role {facts.role} is a superuser or bypasses row security; connect as specie_system"


def _secret_faults(settings: Settings) -> Iterator[str]:
    try:
        signing, sealing = settings.signing_key, settings.sealing_key
    except (OSError, ValueError) as error:
        yield f"a secret cannot be read: {error}"
        return
    if signing == sealing:
        yield "SPECIE_SECRET_KEY and SPECIE_MASTER_KEY are the same; each protects against the loss of the other"
