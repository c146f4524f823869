"""Who did what: append-only rows written in the commit of the act, afterwards numbered and chained.

Owns the audit rows, their seals and the head of each tenant's chain. The routes are in `specie.audit.routes`.
"""

from specie.audit.invariants import INVARIANTS
from specie.audit.model import AuditFault, AuditFilter, AuditRow
from specie.audit.service import find, record, seal_pending, verify

__all__ = ["INVARIANTS", "AuditFault", "AuditFilter", "AuditRow", "find", "record", "seal_pending", "verify"]
