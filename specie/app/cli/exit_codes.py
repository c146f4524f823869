"""Every exit code of the `specie` program; scripts may rely on them."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a finished command says to the script that ran it."""

    OK = 0
    FAILED = 1  # Something nobody planned for; the traceback is on standard error.
    USAGE = 2  # The command line itself is wrong.
    SETTINGS = 3  # A setting is missing or wrong.
    DATABASE = 4  # The database does not answer or cannot be started.
    SCHEMA_BEHIND = 5  # Migrations are pending (`specie migrate --check`).
    CHECK_FAILED = 6  # A check found something wrong (`specie doctor`).
    PORT_TAKEN = 7  # Another program listens on the API's port.
    BOOKS_BROKEN = 8  # `specie verify` found something that does not add up; the answer names it.
    REFUSED = 9  # The platform said no; its problem is in the answer.
    UNREACHABLE = 10  # No platform answers at the address given.
