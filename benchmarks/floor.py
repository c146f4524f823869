"""The floor: what PostgreSQL's own `pgbench` reaches on the same server, with nothing of Specie in it."""

import re
import subprocess

from psycopg.conninfo import conninfo_to_dict

from benchmarks.measure import Measured
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_binaries import clean_environment, find_programs
from specie.platform.postgres_roles import SUPERUSER

# By transactions and not by time: on a busy machine connecting alone may take seconds.
TRANSACTIONS = {1: 1000, 8: 400, 64: 50}
_SCALE = 10
_KINDS = {"pgbench simple-update": "simple-update", "pgbench TPC-B": "tpcb-like"}


def floor_figures(server: EmbeddedPostgres) -> list[Measured]:
    """Transactions per second by callers; nothing where this PostgreSQL comes without pgbench."""
    program = find_programs() / "pgbench"
    if not program.exists():
        print("pgbench is not here; the floor is left out")
        return []
    _run(server, "--initialize", "--quiet", f"--scale={_SCALE}")
    figures = []
    for name, kind in _KINDS.items():
        for callers, each in TRANSACTIONS.items():
            said = _run(server, f"--builtin={kind}", f"--client={callers}", f"--transactions={each}", "--no-vacuum")
            figures.append(_figure(name, callers, said))
            print(figures[-1], flush=True)
    return figures


def _figure(name: str, callers: int, said: str) -> Measured:
    rate, latency = re.search(r"tps = ([\d.]+)", said), re.search(r"latency average = ([\d.]+)", said)
    if rate is None or latency is None:
        raise RuntimeError(f"pgbench said {said[-300:]}")
    # It tells the mean alone.
    return Measured(name, callers, False, float(rate[1]), float(latency[1]), float("nan"))


def _run(server: EmbeddedPostgres, *arguments: str) -> str:
    parts = conninfo_to_dict(server.url(SUPERUSER, "postgres"))
    where = [f"--host={parts['host']}", f"--port={parts['port']}", f"--username={parts['user']}"]
    done = subprocess.run(
        [str(find_programs() / "pgbench"), *where, *arguments, "postgres"],
        env=clean_environment() | {"PGPASSWORD": str(parts["password"])},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
