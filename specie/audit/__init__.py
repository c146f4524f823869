"""Who did what: append-only rows written in the commit of the act, afterwards numbered and chained.

Owns the audit rows, their seals and the head of each tenant's chain. The routes are in `specie.audit.routes`.
"""

from specie.audit.invariants import INVARIANTS
from specie.audit.model import Act, AuditFault, AuditFilter, AuditRow
from specie.audit.service import find, record, record_many, seal_pending, verify

__all__ = [
    "INVARIANTS",
    "Act",
    "AuditFault",
    "AuditFilter",
    "AuditRow",
    "find",
    "record",
    "record_many",
    "seal_pending",
    "verify",
]
