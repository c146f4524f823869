"""After every test that touched a database, every invariant of every module must hold."""

import psycopg

from specie.app.verify import invariants


def broken_invariants(auditor_url: str) -> list[str]:
    """The sentences that are not true now, each with its first broken row."""
    broken = []
    with psycopg.connect(auditor_url, autocommit=True) as connection:
        for invariant in invariants():
            row = connection.execute(invariant.query).fetchone()  # type: ignore[call-overload]
            if row is not None:
                broken.append(f"{invariant.module}: {invariant.sentence}: {row}")
    return broken
