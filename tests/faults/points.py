"""The crash points there are, read from the source, and those that no money passes."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "specie"

# No money passes these, or only time and operators bring them about; each is tried by its own module's tests.
OUTSIDE = (
    *(
        "app.verify.",
        "demo.",
        "export.",
        "health.",
        "mail.",
        "new_user.",
        "sandbox.",
        "storage.",
        "tenant_archive.",
        "tenant_keys.",
    ),
    *("identity.", "parties.document_", "checkout.link.", "crm.file_", "payments.evidence_file."),
    # The stream a customer's page listens to, which only looks, and the pages of an invoice and of a customer, which
    # lead to a checkout.
    # The page of a purchase pays with the same step as the API, whose flow is tried.
    *("checkout.glance.", "checkout.order.", "billing.page.", "billing.letter.", "billing.reminders."),
    *("portal.", "sales."),
    # It only looks whether somebody has been verified.
    "parties.require_verified.",
    # A tier's limits follow a decision about a person.
    *("wallets.limits_follow.", "wallets.limits_followers."),
    # An hour or a day must pass first: expiry, release of what was held back, callbacks given up.
    *("payments.expire.", "payments.release.", "providers.callback.bury."),
    # Receivers that fail for days, and what their owners are told and do about it.
    *("webhooks.behind.", "webhooks.endpoint.disable.", "webhooks.mail.", "webhooks.recover.", "webhooks.warning."),
    # Notices, the feed in Kafka (tried with a real broker), signatures over what is proved, and cleaning up.
    *("notifications.", "events.relay.", "app.last_checkpoint.", "app.publish_checkpoints."),
    *("ledger.list_checkpoints.", "worker.checkpoint", "worker.callbacks.", "worker.request_log."),
    *("worker.webhook_log.", "ratelimit.forget."),
    # Only a refusal leads there: an invoice that cannot be written, a purse that another order has emptied, a
    # connection that was switched off, and a bank that is silent for longer than a charge has time.
    *("billing.recurring.stumble.", "installments.missed.", "payments.charge_saved.call_off.", "installments.look."),
    # A provider that calls back in a way nobody can trust, and then does not say what happened.
    "providers.callback.put_off.",
    # Parties from before their names could be found.
    "parties.find_names.",
    # Copies of the books, which move none of what is in them.
    *("reports.copies.", "worker.books."),
    # A long file of products, which moves no money; its own tests interrupt it.
    "catalogue.import_",
    # A card that its owner gives on the provider's page, and one that the provider is to forget.
    *("payments.method.ask.", "payments.method.forget."),
    # Only a death and a silent bank together lead to the first; to the others an offer that cannot be given, and money
    # for a purchase that was let go.
    *("payouts.send.lost.", "purchases.earn.", "purchases.return_late."),
)


def everywhere() -> set[str]:
    """Every crash point with a name of its own, and both sides of every labelled unit of work."""
    return {point for file in SOURCE.rglob("*.py") for point in _points(ast.parse(file.read_text()))}


def outside(point: str) -> bool:
    """Whether no flow of the trials reaches a point."""
    return point.startswith(OUTSIDE)


def _points(tree: ast.Module) -> Iterator[str]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name == "crash_point" and isinstance(call.args[0], ast.Constant):
            yield call.args[0].value
        labels = [k.value.value for k in call.keywords if k.arg == "label" and isinstance(k.value, ast.Constant)]
        if name == "run":
            yield from (f"{label}.commit.{side}" for label in labels for side in ("before", "after"))
