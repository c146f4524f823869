"""Reconciliation: statements of providers and banks matched with the ledger accounts they speak of.

Owns sources, statement lines, matches and exceptions. Matching posts: what is confirmed leaves the source's account,
so that its balance is at any time the sum of its open items.
"""

from specie.reconciliation.balances import compare
from specie.reconciliation.expected import money_of
from specie.reconciliation.fetching import fetch
from specie.reconciliation.files import read_file
from specie.reconciliation.invariants import INVARIANTS
from specie.reconciliation.model import CsvMapping, Format, Outcome, Source, SourceId, SourceKind, StatementLine
from specie.reconciliation.service import NewSource, create_source, import_file, states

__all__ = [
    "INVARIANTS",
    "CsvMapping",
    "Format",
    "NewSource",
    "Outcome",
    "Source",
    "SourceId",
    "SourceKind",
    "StatementLine",
    "compare",
    "create_source",
    "fetch",
    "import_file",
    "money_of",
    "read_file",
    "states",
]
