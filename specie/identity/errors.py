"""Every refusal of identity, with its stable code."""

from specie.kernel.errors import Conflict, Forbidden, InvalidField, NotFound, SpecieError, Unauthenticated, Unavailable


class TokenExpired(Unauthenticated):
    """The access token or browser session has run out; refresh it or log in again."""

    code = "token_expired"
    title = "The token has expired"


class TokenInvalid(Unauthenticated):
    """The token was not made by this installation for this use, or was changed."""

    code = "token_invalid"
    title = "The token is not valid"


class SessionRevoked(Unauthenticated):
    """The session was ended, its user disabled, or the membership taken away."""

    code = "session_revoked"
    title = "The session has ended"


class ApiKeyInvalid(Unauthenticated):
    """No such API key."""

    code = "api_key_invalid"
    title = "The API key is not valid"


class ApiKeyRevoked(Unauthenticated):
    """The API key was revoked."""

    code = "api_key_revoked"
    title = "The API key was revoked"


class ApiKeyExpired(Unauthenticated):
    """The API key has reached its expiry."""

    code = "api_key_expired"
    title = "The API key has expired"


class WrongMode(Unauthenticated):
    """A test key was used on live data, or a live key in the sandbox."""

    code = "wrong_mode"
    title = "The key belongs to the other mode"


class AddressNotAllowed(Forbidden):
    """The API key may not be used from this address."""

    code = "ip_not_allowed"
    title = "Not allowed from this address"


class CsrfRefused(Forbidden):
    """A browser's write did not prove that it comes from our own pages."""

    code = "csrf"
    title = "The request does not prove where it comes from"


class CredentialsInvalid(Unauthenticated):
    """E-mail and password do not belong together."""

    code = "credentials_invalid"
    title = "E-mail or password is wrong"


class SecondFactorRequired(Unauthenticated):
    """The password is right; the account also asks for a code."""

    code = "second_factor_required"
    title = "A second factor is needed"


class SecondFactorInvalid(Unauthenticated):
    """The code is wrong, too old, or was used before."""

    code = "second_factor_invalid"
    title = "The code is not valid"


class NoMembership(Forbidden):
    """The user belongs to no tenant, or not to the one asked for."""

    code = "no_membership"
    title = "Not a member"


class PasswordTooWeak(InvalidField):
    """The password is too short, too long, too common, or a name from here."""

    code = "password_weak"
    title = "Choose another password"


class HasherBusy(Unavailable):
    """Too many passwords are being checked at once."""

    code = "login_busy"
    title = "Too many log-ins at once"


class ResetInvalid(SpecieError):
    """The reset link is unknown, used, or older than half an hour."""

    code = "reset_invalid"
    status = 422
    title = "The reset link is not valid"


class TotpNotEnrolled(Conflict):
    """There is no second factor to confirm or to switch off."""

    code = "totp_not_enrolled"
    title = "No second factor"
    is_decision = False


class WorksElsewhere(Forbidden):
    """The person belongs to another organisation, or to the live tenant of this sandbox, whose access it is as well."""

    code = "works_elsewhere"
    title = "The person works elsewhere too"


class OwnSecondFactor(Forbidden):
    """One's own second factor is switched off with a code of it, under one's own account."""

    code = "own_second_factor"
    title = "This is your own second factor"


class TotpAlreadyOn(Conflict):
    """The second factor is on already; switch it off before enrolling another."""

    code = "totp_already_on"
    title = "The second factor is on already"
    is_decision = False


class SlugTaken(Conflict):
    """Another tenant has this short name."""

    code = "slug_taken"
    title = "The short name is taken"


class EmailTaken(Conflict):
    """Another user has this address."""

    code = "email_taken"
    title = "The e-mail address is taken"


class AlreadyMember(Conflict):
    """The user is a member of this tenant already."""

    code = "already_member"
    title = "Already a member"


class RoleTooHigh(Forbidden):
    """Nobody gives or takes a role that may do more than they may themselves."""

    code = "role_too_high"
    title = "The role may do more than you"


class LastOwner(Conflict):
    """A tenant keeps at least one owner."""

    code = "last_owner"
    title = "The last owner stays"


class SsoMissing(NotFound):
    """The tenant has no identity provider of its own, or has switched it off."""

    code = "sso_not_configured"
    title = "No single sign-on here"


class SsoRefused(SpecieError):
    """What came back from the identity provider cannot be accepted; `reason` says in a word why not."""

    code = "sso_refused"
    status = 401
    title = "The sign-in was not accepted"


class SsoUnavailable(Unavailable):
    """The identity provider did not answer."""

    code = "sso_unavailable"
    title = "The identity provider does not answer"


class SsoInvalid(InvalidField):
    """The settings of single sign-on contradict each other."""

    code = "sso_invalid"
    title = "These settings cannot work"
