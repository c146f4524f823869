"""API keys that were let in a moment ago, for requests whose postings prove them."""

from datetime import datetime

from specie.identity.access_store import KEY_VERSIONS, KeyAccess, KeyQuestion
from specie.kernel.clock import machine_now, monotonic
from specie.kernel.scope import Scope
from specie.platform.basis import Basis, Remembered

# Shorter than a minute, after which the use of a key is noted anew: that is what looking it up does besides.
_SECONDS = 30.0
_MOST_KEPT = 10_000


class RememberedKeys:
    """The callers that keys stood for when they were let in. They may be outdated: they act only where proved."""

    def __init__(self) -> None:
        self._known: dict[KeyQuestion, tuple[Remembered, datetime, float]] = {}

    def note(self, question: KeyQuestion, access: KeyAccess, scope: Scope) -> None:
        """Remember a key that was let in just now, and as whom."""
        self._known.pop(question, None)
        caller = Remembered(scope, Basis(KEY_VERSIONS, {access.key_id: access.version}))
        self._known[question] = (caller, access.expires_at, monotonic() + _SECONDS)
        if len(self._known) > _MOST_KEPT:
            # The one let in longest ago goes; who comes back is looked up once more.
            del self._known[next(iter(self._known))]

    def find(self, question: KeyQuestion) -> Remembered | None:
        """Whom a key used from an address stood for; None when that is too long ago and when the key has expired."""
        known = self._known.get(question)
        if known is None:
            return None
        caller, expires_at, until = known
        return caller if monotonic() < until and machine_now() < expires_at else None
