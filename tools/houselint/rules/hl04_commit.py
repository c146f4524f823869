"""HL4: only the edge opens and ends a unit of work."""

from collections.abc import Iterator

from tools.houselint.core import Project, method, receiver

CODE = "HL4"
ALLOWED = (
    "specie/platform/*",
    "specie/app/*",
    "specie/*/routes*.py",
    "specie/*/jobs.py",
    "specie/ledger/batcher*.py",
    "specie/payments/capturing.py",  # As charging.py, for what was authorised.
    "specie/payments/evidence.py",  # As a party's documents, for files of disputes.
    "specie/payments/method_calls.py",  # As charging.py, for ways to pay that the provider keeps.
    "specie/payments/refunding.py",  # As charging.py, for money that goes back.
    "specie/payments/accepting.py",  # As charging.py, for disputes that are given up.
    "specie/payments/charging.py",  # Record, commit, call the provider, record: for routes and jobs alike.
    "specie/reconciliation/balances.py",  # As fetching, for what a provider holds now.
    "specie/reconciliation/fetching.py",  # Asks a provider between two units of work.
    "specie/payouts/sending.py",  # As charging, for money that leaves.
    "specie/providers/arrivals.py",  # One unit for the callbacks of many requests.
    "specie/events/publisher*.py",  # A loop of its own: it numbers events under a leader lock.
    "specie/events/relay.py",  # A loop of its own: it speaks to a broker between two transactions.
    "specie/identity/account.py",  # Hashing a password takes long: it happens between two units.
    "specie/identity/sign_in.py",
    "specie/identity/sso.py",  # As charging.py, for an identity provider that is asked.
    "specie/crm/attaching.py",  # As a party's documents.
    "specie/reports/copies.py",  # As a party's documents, for copies of the books.
    "specie/parties/documents.py",  # Storing a file is a call outward: room, then file, then row.
    "specie/webhooks/sender*.py",  # A loop of its own: it claims deliveries by state.
)
ENDS = ("commit", "rollback")
OPENS = ("begin", "run", "system")
DATABASES = ("db", "database")
CONNECTIONS = ("connection", "conn", "engine", *DATABASES)


def check(project: Project) -> Iterator[tuple[str, int, str]]:
    """Finds transactions begun, committed or rolled back below the edge."""
    for file in project.python("specie/*"):
        if file.matches(*ALLOWED):
            continue
        for call in file.calls():
            name, on = method(call), receiver(call)
            ends = name in ENDS and on != ""
            opens = (name in OPENS and on in DATABASES) or (name == "begin" and on in CONNECTIONS)
            if ends or opens:
                yield (
                    file.path,
                    call.lineno,
                    f".{name}() belongs to the edge (routes.py, jobs.py): take a UnitOfWork as a parameter",
                )
