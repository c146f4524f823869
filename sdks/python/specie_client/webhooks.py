"""Is this message really from your platform? Standard Webhooks, with the traps of its library taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from standardwebhooks import Webhook, WebhookVerificationError

from specie_client.types import WebhookMessage

__all__ = ["NotGenuine", "verify"]


class NotGenuine(Exception):
    """The signature is wrong, missing or malformed, or the message is older than five minutes."""


def verify(body: bytes, headers: Mapping[str, str], secret: str) -> WebhookMessage:
    """The message of a webhook request, given the raw bytes of its body and the endpoint's `whsec_` secret.

    Names of headers may have any case. Raises NotGenuine. Keep the ids of messages you have worked on: every one may
    come twice.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    try:
        return cast(WebhookMessage, Webhook(secret).verify(body, lowered))
    # A malformed header is a ValueError in the library, not its own error.
    except (WebhookVerificationError, ValueError) as error:
        raise NotGenuine(str(error)) from error
