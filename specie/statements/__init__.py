"""Statements: what one person or merchant had and did in a period, numbered without gaps and frozen.

Owns the statements alone; what one says is read from the modules that own it, by the time things were recorded, so
that a period that is over says the same for ever and what is recorded later shows in the next one.
"""

from specie.statements.invariants import INVARIANTS
from specie.statements.model import Statement, StatementId
from specie.statements.service import WantedStatement, make

__all__ = ["INVARIANTS", "Statement", "StatementId", "WantedStatement", "make"]
