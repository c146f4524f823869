"""HL5: SQL lives in the store, next to the tables it serves."""

from collections.abc import Iterator

from tools.houselint.core import Project, method, receiver

CODE = "HL5"
ALLOWED = (
    "specie/assay/*",  # An outside party: it shares nothing with the service.
    "specie/platform/*",
    "specie/*/store.py",
    "specie/*/*_store.py",
    "specie/*/store_*.py",
    "specie/*/store/*.py",
    "specie/*/tables.py",
    "specie/*/invariants.py",
    "specie/ledger/batcher*.py",
)
LIBRARIES = ("sqlalchemy", "psycopg")
# The command line explains what went wrong with a connection.
MAY_NAME_DRIVER_ERRORS = ("specie/app/cli*",)
EXECUTORS = ("uow", "connection", "conn", "cursor", "cur", "raw", "session", "engine", "tx")


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds SQL libraries imported and statements executed outside the files meant for them."""
    for file in project.python("specie/*"):
        if file.matches(*ALLOWED):
            continue
        for line, name in file.imported_modules():
            if name in LIBRARIES and not file.matches(*MAY_NAME_DRIVER_ERRORS):
                yield (
                    file.path,
                    line,
                    f"{name} outside the store: move the statement to this module's store.py",
                )
        for call in file.calls():
            if method(call) in ("execute", "executemany", "scalar", "scalars") and receiver(call) in EXECUTORS:
                message = f".{method(call)}() outside the store: call a function of this module's store.py"
                yield file.path, call.lineno, message
