"""Every refusal of the providers module."""

from specie.kernel.errors import Conflict, InvalidField, NotFound, SpecieError, Unauthenticated, Unavailable


class ProviderUnknown(InvalidField):
    """There is no adapter of this name."""

    code = "provider_unknown"
    title = "No such provider"


class CredentialsInvalid(InvalidField):
    """The credentials are not those this provider works with."""

    code = "provider_credentials_invalid"
    title = "The credentials do not fit this provider"


class SandboxOnly(Conflict):
    """The provider's money is not real, and this tenant's is."""

    code = "provider_sandbox_only"
    title = "Only a sandbox can connect this provider"


class LiveOnly(Conflict):
    """The credentials move real money, and a sandbox's books hold none."""

    code = "provider_live_only"
    title = "Only a live tenant can connect this"


class ProviderUnconfirmed(Conflict):
    """Something this provider's money depends on is not confirmed by its documents; see the list on its page."""

    code = "provider_unconfirmed"
    title = "This provider is not confirmed for live money"


class ConnectionMissing(NotFound):
    """There is no such connection in this tenant."""

    code = "connection_not_found"
    title = "No such connection"


class NoConnection(Conflict):
    """No active connection can take this payment."""

    code = "no_connection"
    title = "No payment provider is connected"


class CallbackMissing(NotFound):
    """There is no such callback, or no such callback address."""

    code = "callback_not_found"
    title = "No such callback"


class CallbackUnverified(Unauthenticated):
    """The callback does not prove that the provider sent it, now, to this connection."""

    code = "callback_unverified"
    title = "The callback is not verified"


class CallbackUnreadable(Exception):
    """The callback is genuine, but its content has a shape the adapter does not know."""


class CallbackTooLarge(SpecieError):
    """A callback has at most 256 kB."""

    code = "body_too_large"
    status = 413
    title = "The callback is too large"


class ProviderSilent(Unavailable):
    """The provider did not answer the question; it is asked again."""

    code = "provider_silent"
    title = "The provider does not answer"
