"""HL1: only specie/kernel/clock.py reads a clock."""

import re
from collections.abc import Iterator

from tools.houselint.core import Project, dotted

CODE = "HL1"
ALLOWED = (
    "specie/assay/*",  # An outside party, with a clock of its own.
    "specie/kernel/clock.py",
    "specie/app/selfcheck_store.py",  # Compares the database's clock with ours.
)
CLOCK_CALLS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|monotonic|monotonic_ns|perf_counter"
    r"|perf_counter_ns|localtime|gmtime)|uuid\.uuid[167])$"
)
CLOCK_SQL = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|uuidv7)\s*\(\s*\)"
    r"|\b(current_timestamp|current_date|localtimestamp)\b",
    re.IGNORECASE,
)
CLOCK_IMPORTS = ("time.time", "time.monotonic", "time.perf_counter", "uuid.uuid1", "uuid.uuid6", "uuid.uuid7")


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds clock reads in Python and in SQL text."""
    for file in project.python("specie/*", "migrations/*"):
        if file.matches(*ALLOWED):
            continue
        for call in file.calls():
            if CLOCK_CALLS.search(dotted(call.func)) or dotted(call.func) in (
                "func.now",
                "func.current_timestamp",
            ):
                yield file.path, call.lineno, _advice(f"{dotted(call.func)}()")
        for line, name in file.imported_modules():
            if name in CLOCK_IMPORTS:
                yield file.path, line, _advice(name)
        for line, text in file.strings():
            if found := CLOCK_SQL.search(text):
                yield (
                    file.path,
                    line,
                    f"SQL reads the server's clock ({found[0]}): pass the time as a parameter",
                )


def _advice(what: str) -> str:
    return f"{what} reads the clock: use uow.now for business time, specie.kernel.clock for machine time"
