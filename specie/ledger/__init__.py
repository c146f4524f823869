"""The books: accounts with floors, journal entries that cannot be unbalanced, balances that cannot drift.

Owns accounts, entries, postings, day totals, sealed blocks and signed checkpoints. Products post through `post` inside
their own unit of work; single postings that arrive together ride the `Batcher`.
"""

from specie.ledger.batcher import Batcher
from specie.ledger.branch_store import MONEY_TYPES, Branch, branches
from specie.ledger.budget_service import inherit as inherit_budgets
from specie.ledger.budget_service import promise
from specie.ledger.checkpoint import Checkpoint
from specie.ledger.checkpoint_store import after as checkpoints_after
from specie.ledger.checkpoint_store import heads as block_heads
from specie.ledger.checkpoint_store import last as last_checkpoint
from specie.ledger.checkpointing import make_checkpoint, verify_checkpoints, verify_parts
from specie.ledger.controls import Keeper, keep, keeper_of, keepers
from specie.ledger.errors import (
    AccountClosed,
    AccountControlled,
    AccountFrozen,
    AccountMissing,
    BalanceOutOfRange,
    ChartTooWide,
    InsufficientFunds,
    PeriodClosed,
    PostingCurrency,
)
from specie.ledger.events import entry_data
from specie.ledger.journal_approval import KIND as JOURNAL_KIND
from specie.ledger.journal_approval import above_line as journal_above_line
from specie.ledger.journal_approval import decided as journal_decided
from specie.ledger.model import Account, AccountSpec, AccountType, EntryDraft, JournalEntry, Leg, Posting, Side, moving
from specie.ledger.orders import Order, Posted, PostedBefore, Refused, RefusedBefore
from specie.ledger.postings import opening_account
from specie.ledger.read_store import (
    StatementLine,
    accounts_by_codes,
    accounts_by_ids,
    accounts_with_code,
    balance_effective_by,
    balance_recorded_by,
    entries_by_callback,
    entries_by_ids,
    entries_by_request,
    entry_by_command,
    entry_ids_of_account,
    fingerprint_by_command,
    holds_money_of,
    leaves,
    reversed_among,
    statement,
)
from specie.ledger.recipes import REVERSE, Recipe, declared_recipes
from specie.ledger.sealing import ChainFault, seal_pending, verify_chain
from specie.ledger.service import (
    ReversalFollower,
    close_account,
    ensure_account,
    ensure_accounts,
    entries_told,
    freeze,
    get_account,
    get_entry,
    locked_accounts,
    on_reversal,
    open_account,
    open_new,
    opening_draft,
    opening_drafts,
    post,
    post_many,
    released,
    reverse,
    set_floor,
)

__all__ = [
    "JOURNAL_KIND",
    "MONEY_TYPES",
    "REVERSE",
    "Account",
    "AccountClosed",
    "AccountControlled",
    "AccountFrozen",
    "AccountMissing",
    "AccountSpec",
    "AccountType",
    "BalanceOutOfRange",
    "Batcher",
    "Branch",
    "ChainFault",
    "ChartTooWide",
    "Checkpoint",
    "EntryDraft",
    "InsufficientFunds",
    "JournalEntry",
    "Keeper",
    "Leg",
    "Order",
    "PeriodClosed",
    "Posted",
    "PostedBefore",
    "Posting",
    "PostingCurrency",
    "Recipe",
    "Refused",
    "RefusedBefore",
    "ReversalFollower",
    "Side",
    "StatementLine",
    "accounts_by_codes",
    "accounts_by_ids",
    "accounts_with_code",
    "balance_effective_by",
    "balance_recorded_by",
    "block_heads",
    "branches",
    "checkpoints_after",
    "close_account",
    "declared_recipes",
    "ensure_account",
    "ensure_accounts",
    "entries_by_callback",
    "entries_by_ids",
    "entries_by_request",
    "entries_told",
    "entry_by_command",
    "entry_data",
    "entry_ids_of_account",
    "fingerprint_by_command",
    "freeze",
    "get_account",
    "get_entry",
    "holds_money_of",
    "inherit_budgets",
    "journal_above_line",
    "journal_decided",
    "keep",
    "keeper_of",
    "keepers",
    "last_checkpoint",
    "leaves",
    "locked_accounts",
    "make_checkpoint",
    "moving",
    "on_reversal",
    "open_account",
    "open_new",
    "opening_account",
    "opening_draft",
    "opening_drafts",
    "post",
    "post_many",
    "promise",
    "released",
    "reverse",
    "reversed_among",
    "seal_pending",
    "set_floor",
    "statement",
    "verify_chain",
    "verify_checkpoints",
    "verify_parts",
]
