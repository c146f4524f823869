"""Second factors: time-based codes (RFC 6238) and recovery codes."""

import base64
import hmac
import os
import secrets

import pyotp

STEP_SECONDS = 30
RECOVERY_CODES = 10
_SEED_BYTES = 20
_RECOVERY_BYTES = 10


def new_seed() -> bytes:
    """A 160-bit seed."""
    return os.urandom(_SEED_BYTES)


def seed_text(seed: bytes) -> str:
    """The seed as an authenticator app takes it by hand."""
    return base64.b32encode(seed).decode()


def enrolment_uri(seed: bytes, email: str, issuer: str) -> str:
    """The address behind the QR code."""
    return pyotp.TOTP(seed_text(seed)).provisioning_uri(name=email, issuer_name=issuer)


def matching_step(seed: bytes, code: str, now: int) -> int | None:
    """The time step a code belongs to: this one or the one before, never one to come. None if neither.

    Both are always computed, so that time tells nothing.
    """
    current = now // STEP_SECONDS
    totp = pyotp.TOTP(seed_text(seed))
    matches = [
        step for step in (current, current - 1) if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
    ]
    return matches[0] if matches else None


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 random bits; the digit in front says which one it is, so that one hash is checked."""
    return [f"{number}-{_grouped(secrets.token_bytes(_RECOVERY_BYTES))}" for number in range(RECOVERY_CODES)]


def read_recovery_code(text: str) -> tuple[int, str] | None:
    """Number and canonical text of a recovery code, or None for what cannot be one."""
    bare = "".join(character for character in text.lower() if character.isascii() and character.isalnum())
    if len(bare) != 17 or not bare[0].isdigit():
        return None
    return int(bare[0]), f"{bare[0]}-{_groups(bare[1:])}"


def _grouped(data: bytes) -> str:
    return _groups(base64.b32encode(data).decode().lower())


def _groups(text: str) -> str:
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
