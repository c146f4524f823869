"""After every test that touched a database, every invariant of every module must hold."""

import psycopg

from specie.app.verify import invariants


class Auditor:
    """Asks one database over and over whether its books are sound.

    All invariants are one statement on a connection that stays open, so that PostgreSQL plans it once: planning
    costs forty times what the small books of a test take to read.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection | None = None

    def broken(self) -> list[str]:
        """The sentences that are not true now, each with its first broken row."""
        return [] if self.is_sound() else broken_invariants(self._url)

    def is_sound(self) -> bool:
        """Whether all of them are true now."""
        try:
            return self._ask()
        except psycopg.OperationalError:
            # The test has cut every connection, this one among them.
            self.close()
            return self._ask()

    def close(self) -> None:
        """Leave the database."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _ask(self) -> bool:
        if self._connection is None:
            self._connection = psycopg.connect(self._url, autocommit=True, prepare_threshold=0)
        is_broken = " or ".join(f"exists ({invariant.query})" for invariant in invariants())
        row = self._connection.execute(f"select {is_broken}").fetchone()  # type: ignore[call-overload]
        return row == (False,)


def broken_invariants(auditor_url: str) -> list[str]:
    """The sentences that are not true now, each with its first broken row."""
    broken = []
    with psycopg.connect(auditor_url, autocommit=True) as connection:
        for invariant in invariants():
            row = connection.execute(invariant.query).fetchone()  # type: ignore[call-overload]
            if row is not None:
                broken.append(f"{invariant.module}: {invariant.sentence}: {row}")
    return broken
