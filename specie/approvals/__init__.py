"""Approvals: a request that a second person decides.

Owns the requests, the lines above which one is needed, and the rule that nobody decides their own. What is decided
belongs to other modules: each registers what happens to its kind, inside the unit of work of the decision.
"""

from specie.approvals.errors import ApprovalEnded, ApprovalImpossible, ApprovalMissing, MakerCannotDecide
from specie.approvals.invariants import INVARIANTS

# Imported so that every process that schedules this work also knows it.
from specie.approvals.jobs import expire_job
from specie.approvals.model import Approval, ApprovalState, NewApproval
from specie.approvals.service import (
    ask,
    is_always_needed,
    is_needed,
    on_decided,
    open_about,
    set_line,
    set_rule,
    withdraw,
)

__all__ = [
    "INVARIANTS",
    "Approval",
    "ApprovalEnded",
    "ApprovalImpossible",
    "ApprovalMissing",
    "ApprovalState",
    "MakerCannotDecide",
    "NewApproval",
    "ask",
    "expire_job",
    "is_always_needed",
    "is_needed",
    "on_decided",
    "open_about",
    "set_line",
    "set_rule",
    "withdraw",
]
