"""How the simulator signs its callbacks: HMAC-SHA-256 over the timestamp, a dot and the exact body."""

import hashlib
import hmac

TIMESTAMP_HEADER = "sim-timestamp"
SIGNATURE_HEADER = "sim-signature"
TOLERANCE_SECONDS = 300


def secret_of(api_key: str) -> str:
    """The callback secret the simulator gives to the account of an API key."""
    return hashlib.sha256(f"callback secret of {api_key}".encode()).hexdigest()


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The value of the signature header."""
    mac = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1={mac.hexdigest()}"


def verifies(secrets: list[str], timestamp: int, body: bytes, signature: str) -> bool:
    """Whether any of the secrets made the signature; an empty secret never did. Takes constant time per secret."""
    given = signature.encode()
    matches = [hmac.compare_digest(sign(secret, timestamp, body).encode(), given) for secret in secrets if secret]
    return any(matches)
