"""API keys that were let in a moment ago, for requests whose postings prove them."""

from specie.identity.access_store import KeyAccess, KeyQuestion
from specie.kernel.clock import machine_now, monotonic

# Shorter than a minute, after which the use of a key is noted anew: that is what looking it up does besides.
_SECONDS = 30.0
_MOST_KEPT = 10_000


class RememberedKeys:
    """What was found out about keys that were let in. It may be outdated: it serves only where it is proved."""

    def __init__(self) -> None:
        self._found: dict[KeyQuestion, tuple[KeyAccess, float]] = {}

    def note(self, question: KeyQuestion, access: KeyAccess) -> None:
        """Remember a key that was let in just now."""
        self._found.pop(question, None)
        self._found[question] = (access, monotonic() + _SECONDS)
        if len(self._found) > _MOST_KEPT:
            # The one let in longest ago goes; who comes back is looked up once more.
            del self._found[next(iter(self._found))]

    def find(self, question: KeyQuestion) -> KeyAccess | None:
        """What is remembered of a key used from an address; None of what was too long ago and of what has expired."""
        access, until = self._found.get(question, (None, 0.0))
        if access is None or monotonic() >= until or machine_now() >= access.expires_at:
            return None
        return access
