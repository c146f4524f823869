"""Standard Webhooks signatures: `webhook-id`, `webhook-timestamp`, `webhook-signature`, version v1 (HMAC-SHA-256)."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256

from specie.kernel.clock import machine_timestamp

_PREFIX = "whsec_"
_MIN_SECRET_BYTES = 24
_MAX_SECRET_BYTES = 64
_NEW_SECRET_BYTES = 32
_TOLERANCE_SECONDS = 300


class SecretInvalid(ValueError):
    """The secret is not `whsec_` and 24 to 64 bytes in base64."""


class SignatureInvalid(Exception):
    """The message is not signed with one of the secrets, or not within five minutes of now."""


def new_secret() -> str:
    """A fresh secret of 256 bits as text."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_NEW_SECRET_BYTES)).decode()


def secret_bytes(secret: str) -> bytes:
    """The key inside a secret. Raises SecretInvalid, in particular for an empty one."""
    if not secret.startswith(_PREFIX):
        raise SecretInvalid("a webhook secret begins with whsec_")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SecretInvalid("a webhook secret is base64 after whsec_") from None
    if not _MIN_SECRET_BYTES <= len(key) <= _MAX_SECRET_BYTES:
        raise SecretInvalid(f"a webhook secret has {_MIN_SECRET_BYTES} to {_MAX_SECRET_BYTES} bytes")
    return key


def sign(secrets_in_force: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message, with a signature for each secret; `timestamp` in whole machine seconds.

    Raises SecretInvalid when there is no secret or one is malformed, ValueError for an id that would be ambiguous.
    """
    if not secrets_in_force:
        raise SecretInvalid("no secret to sign with")
    # The signed text joins its parts by dots, so an id with a dot could be read as another id and time.
    if not message_id or "." in message_id:
        raise ValueError("a message id is not empty and holds no dot")
    signatures = [_signature(secret_bytes(secret), message_id, str(timestamp), body) for secret in secrets_in_force]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(signature).decode()}" for signature in signatures),
    }


def verify(secrets_in_force: Sequence[str], headers: Mapping[str, str], body: bytes, *, now: int | None = None) -> None:
    """Check a message over its raw bytes; `now` in whole seconds, machine time by default. Raises SignatureInvalid.

    Raises SecretInvalid when a secret is malformed or there is none: an empty secret never verifies anything.
    """
    keys = [secret_bytes(secret) for secret in secrets_in_force]
    if not keys:
        raise SecretInvalid("no secret to verify with")
    lowered = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = lowered.get("webhook-id", ""), lowered.get("webhook-timestamp", "")
    if not message_id:
        raise SignatureInvalid("webhook-id is missing")
    _check_time(timestamp, machine_timestamp() if now is None else now)
    given = _given_signatures(lowered.get("webhook-signature", ""))
    expected = [_signature(key, message_id, timestamp, body) for key in keys]
    # Every pair is compared, so that the time taken does not tell which secret or signature came close.
    matches = [hmac.compare_digest(theirs, ours) for theirs in given for ours in expected]
    if not any(matches):
        raise SignatureInvalid("no signature matches")


def _check_time(timestamp: str, now: int) -> None:
    if not (timestamp.isascii() and timestamp.isdecimal()) or len(timestamp) > 12:
        raise SignatureInvalid("webhook-timestamp is not a number of seconds")
    if abs(now - int(timestamp)) > _TOLERANCE_SECONDS:
        raise SignatureInvalid("webhook-timestamp is more than five minutes off")


def _given_signatures(header: str) -> list[bytes]:
    found = []
    for part in header.split(" "):
        version, _, encoded = part.partition(",")
        if version != "v1":
            continue
        try:
            found.append(base64.b64decode(encoded, validate=True))
        except (binascii.Error, ValueError):
            continue
    return found


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> bytes:
    return hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, sha256)
