"""Passwords: the rule for choosing one, and argon2id for keeping it."""

import asyncio
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from typing import TypeVar

import argon2
import bcrypt
from argon2.exceptions import InvalidHashError, VerificationError

from specie.identity.errors import HasherBusy, PasswordTooWeak

T = TypeVar("T")

MIN_LENGTH = 12
MAX_LENGTH = 128
_KIBIBYTES = 46 * 1024
_PASSES = 2
# Recovery codes carry 80 random bits: a lighter hash already makes guessing hopeless.
_CODE_KIBIBYTES = 19 * 1024
_AT_ONCE = 2
_WAIT_SECONDS = 3.0
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def normalised(password: str) -> str:
    """The one form that is judged and hashed (NFC), so that the same keys on two systems match."""
    return unicodedata.normalize("NFC", password)


def require_strong(password: str, names: Iterable[str] = ()) -> None:
    """Raise PasswordTooWeak unless the password may be used.

    `names` are words an attacker of this account would try first: the user's, the tenant's, the product's.
    """
    password = normalised(password)
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise PasswordTooWeak(f"use {MIN_LENGTH} to {MAX_LENGTH} characters", param="password")
    folded = password.casefold()
    if folded in common_passwords() or len(set(folded)) < 4:
        raise PasswordTooWeak("this password is among the first ones tried; choose another", param="password")
    bare = _EDGES.sub("", folded)
    for word in _words(names):
        if bare == word or folded.replace(word, "").strip("0123456789!.@#$-_ ") == "":
            raise PasswordTooWeak("the password is made of a name from here; choose another", param="password")


def _words(names: Iterable[str]) -> list[str]:
    parts = ["specie", *names]
    folded = (part.casefold() for name in parts for part in (name, *re.split(r"[\s@._-]+", name)))
    return [word for word in folded if len(word) >= 4]


@cache
def common_passwords() -> frozenset[str]:
    """The bundled list, case folded."""
    text = files("specie.identity").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split("\n"))


class PasswordHasher:
    """Hashes and checks passwords in threads, at most two at once: each takes 46 MiB.

    Others wait up to three seconds, then get HasherBusy. Not to be used inside a unit of work.
    """

    def __init__(self, *, kibibytes: int = _KIBIBYTES) -> None:
        self._argon2 = argon2.PasswordHasher(time_cost=_PASSES, memory_cost=kibibytes, parallelism=1)
        code_kibibytes = min(kibibytes, _CODE_KIBIBYTES)
        self._codes = argon2.PasswordHasher(time_cost=_PASSES, memory_cost=code_kibibytes, parallelism=1)
        self._slots = asyncio.Semaphore(_AT_ONCE)
        # Checked when there is no such user, so that the answer takes as long as for a wrong password.
        self._dummy = self._argon2.hash("no user has this password")

    async def hash(self, password: str) -> str:
        """The argon2id hash to store. Raises HasherBusy."""
        return await self._in_slot(self._argon2.hash, normalised(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one; takes as long when there is none. Raises HasherBusy."""
        found = await self._in_slot(self._check, stored or self._dummy, normalised(password))
        return found and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether a matching password should be hashed again with today's parameters."""
        return not stored.startswith("$argon2id$") or self._argon2.check_needs_rehash(stored)

    async def hash_codes(self, codes: list[str]) -> list[str]:
        """Hashes of recovery codes. Raises HasherBusy."""
        return await self._in_slot(lambda: [self._codes.hash(code) for code in codes])

    async def _in_slot(self, function: Callable[..., T], *arguments: str) -> T:
        try:
            await asyncio.wait_for(self._slots.acquire(), _WAIT_SECONDS)
        except TimeoutError:
            raise HasherBusy("try again in a moment") from None
        try:
            return await asyncio.to_thread(function, *arguments)
        finally:
            self._slots.release()

    def _check(self, stored: str, password: str) -> bool:
        if stored.startswith(("$2a$", "$2b$", "$2y$")):
            # bcrypt itself never looked beyond 72 bytes; today's library wants that said.
            return bcrypt.checkpw(password.encode()[:72], stored.encode())
        try:
            return self._argon2.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
