"""Small defects, each planted in this process for one test that must fail because of it, and must notice.

The letters are those of the invariants in the design: K idempotency, L ledger, P providers, W webhooks, A audit, T
tenants, C clients, Q jobs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError
from standardwebhooks import WebhookVerificationError

from tests.faults import plants
from tests.faults.plants import Ground


@dataclass(frozen=True)
class Planted:
    """A defect, what it breaks, and the test that must find it: its module, its name, its own arguments."""

    name: str
    breaks: str
    plant: Callable[[Ground], None]
    module: str
    test: str
    given: tuple[tuple[str, Any], ...] = ()
    # How the test fails; nothing else counts as being found.
    fails: type[BaseException] | tuple[type[BaseException], ...] = AssertionError


_HTTP, _POSTING, _DELIVERY = "tests.platform.test_http", "tests.ledger.test_posting", "tests.webhooks.test_delivery"
_INBOX, _RACES = "tests.providers.test_inbox", "tests.payments.test_races"
_AUDIT, _SEALING, _PUBLISHER = "tests.audit.test_audit", "tests.ledger.test_sealing", "tests.events.test_publisher"
_DEADLOCK = (psycopg.errors.DeadlockDetected, DBAPIError)

PLANTED = (
    Planted("key_without_tenant", "K-1", plants.key_without_tenant, _HTTP, "test_a_key_belongs_to_its_principal"),
    Planted(
        "key_not_locked",
        "K-1",
        plants.key_not_locked,
        _HTTP,
        "test_while_the_first_is_running_the_second_is_told_to_wait",
    ),
    Planted(
        "fingerprint_without_body",
        "K-3",
        plants.fingerprint_without_body,
        _HTTP,
        "test_the_same_key_with_another_body_names_what_differs",
        # The answer is that of the first request, which has no code.
        fails=KeyError,
    ),
    Planted(
        "conflict_not_retried",
        "C-2",
        plants.conflict_not_retried,
        "tests.platform.test_db",
        "test_a_serialization_failure_is_tried_again_from_the_start",
        fails=DBAPIError,
    ),
    Planted(
        "locks_in_any_order",
        "liveness",
        plants.locks_in_any_order,
        _POSTING,
        "test_opposite_transfers_at_once_do_not_deadlock",
        fails=_DEADLOCK,
    ),
    Planted(
        "balance_read_without_lock",
        "L-5",
        plants.balance_read_without_lock,
        _POSTING,
        "test_two_hundred_debits_at_once_never_pass_the_floor",
        # What each read is no longer true when it posts; the trigger refuses what does not follow.
        fails=(psycopg.errors.CheckViolation, DBAPIError),
    ),
    Planted(
        "reversal_not_unique",
        "L-9",
        plants.reversal_not_unique,
        _POSTING,
        "test_of_many_reversals_at_once_exactly_one_succeeds",
    ),
    Planted(
        "day_by_the_servers_zone",
        "L-15",
        plants.day_by_the_servers_zone,
        _POSTING,
        "test_a_balance_as_of_an_effective_day_counts_what_was_written_later",
    ),
    Planted(
        "parts_rounded_alone",
        "L-14",
        plants.parts_rounded_alone,
        "tests.kernel.test_money",
        "test_indivisible_units_go_to_the_largest_remainders_first",
    ),
    Planted(
        "tenant_left_out_without_policies",
        "T-5",
        plants.tenant_left_out_without_policies,
        _POSTING,
        "test_another_tenant_s_account_does_not_exist",
        # With both fences down the trigger is the third: it looks for the account in the entry's own tenant.
        fails=psycopg.errors.CheckViolation,
    ),
    Planted(
        "security_not_forced",
        "T-1",
        plants.security_not_forced,
        "tests.app.test_tenancy",
        "test_row_security_is_forced_on_every_table_of_tenants",
    ),
    Planted(
        "new_id_per_webhook", "W-3", plants.new_id_per_webhook, _DELIVERY, "test_a_retry_carries_the_same_id_and_bytes"
    ),
    Planted(
        "body_written_again",
        "W-4",
        plants.body_written_again,
        _DELIVERY,
        "test_a_delivery_verifies_with_the_public_library",
        fails=WebhookVerificationError,
    ),
    Planted(
        "claim_without_its_locks",
        "W-2",
        plants.claim_without_its_locks,
        _DELIVERY,
        "test_what_one_sender_claims_is_left_alone_by_another_at_the_same_moment",
    ),
    Planted(
        "result_without_its_fence",
        "Q-2",
        plants.result_without_its_fence,
        _DELIVERY,
        "test_a_late_sender_does_not_overwrite_the_result_of_the_next",
    ),
    Planted("act_committed_early", "A-1", plants.act_committed_early, _AUDIT, "test_an_act_rolls_back_with_its_change"),
    Planted(
        "everybody_seals_the_trail",
        "A-2",
        plants.everybody_seals_the_trail,
        _AUDIT,
        "test_a_second_sealer_stands_back_while_the_first_has_not_committed",
        # It goes on to make the same link, and waits for the first one's.
        fails=DBAPIError,
    ),
    Planted(
        "everybody_seals",
        "A-2",
        plants.everybody_seals,
        _SEALING,
        "test_a_second_sealer_stands_back_while_the_first_has_not_committed",
        fails=DBAPIError,
    ),
    Planted(
        "everybody_numbers_the_feed",
        "W-5",
        plants.everybody_numbers_the_feed,
        _PUBLISHER,
        "test_a_second_publisher_stands_back_while_the_first_has_not_committed",
        fails=DBAPIError,
    ),
    Planted(
        "payments_go_anywhere",
        "P-5",
        plants.payments_go_anywhere,
        _RACES,
        "test_the_database_refuses_a_move_that_is_not_an_edge",
    ),
    Planted(
        "trigger_switched_off",
        "P-5",
        plants.payments_go_anywhere,
        "tests.app.test_selfcheck",
        "test_a_sound_installation_has_no_fault",
    ),
    Planted(
        "event_in_another_transaction",
        "W-1",
        plants.event_in_another_transaction,
        _PUBLISHER,
        "test_a_fact_that_rolls_back_leaves_no_event_and_no_hole",
    ),
    Planted(
        "unknown_callback_dropped",
        "P-9",
        plants.unknown_callback_dropped,
        _INBOX,
        "test_an_unknown_reference_is_parked_and_applied_once_it_is_known",
        fails=(AssertionError, ValueError),
    ),
    Planted(
        "handled_before_handling",
        "P-9",
        plants.handled_before_handling,
        _INBOX,
        "test_an_unknown_reference_is_parked_and_applied_once_it_is_known",
        fails=(AssertionError, ValueError),
    ),
    Planted(
        "refund_cap_only_read",
        "P-3",
        plants.refund_cap_only_read,
        "tests.payments.test_refunds",
        "test_of_fifty_refunds_at_the_same_moment_only_those_within_the_limit_are_taken",
    ),
    Planted("forgery_taken", "F32", plants.forgery_taken, _INBOX, "test_a_changed_body_does_not_verify"),
    Planted(
        "durability_off",
        "C-1",
        plants.durability_off,
        "tests.app.test_selfcheck",
        "test_a_sound_installation_has_no_fault",
    ),
    Planted(
        "new_provider_key_per_retry",
        "P-6",
        plants.new_provider_key_per_retry,
        _RACES,
        "test_every_try_of_an_attempt_sends_the_same_reference_and_key",
    ),
    Planted(
        "yen_times_hundred",
        "P-2",
        plants.yen_times_hundred,
        "tests.providers.test_contract",
        "test_a_created_charge_comes_back_with_our_reference_and_amount",
        (("code", "JPY"), ("minor", 1500)),
    ),
)

# The second fence stands while the first one is down.
HARMLESS = Planted(
    "tenant_left_out", "T-5", plants.tenant_left_out, _POSTING, "test_another_tenant_s_account_does_not_exist"
)
