"""Every refusal of payouts."""

from specie.kernel.errors import Conflict, Forbidden, InvalidField, NotFound, Unauthenticated


class PayoutMissing(NotFound):
    """There is no such payout in this tenant."""

    code = "payout_not_found"
    title = "No such payout"


class PayoutCannotMove(Conflict):
    """The payout is in a state that does not allow this."""

    code = "payout_state"
    title = "The payout does not allow this now"


class PayoutReferenceTaken(Conflict):
    """The party already has a payout with this reference."""

    code = "payout_reference_taken"
    title = "The reference is taken"


class PayoutTooSmall(InvalidField):
    """Less than the smallest payout, or nothing is left once the fee is taken."""

    code = "payout_too_small"
    title = "The amount is too small"


class PayoutUnavailable(InvalidField):
    """No active connection pays out this amount in this way."""

    code = "payout_unavailable"
    title = "This cannot be paid out here"


class PayoutPartyRequired(InvalidField):
    """Say whose money is to leave."""

    code = "party_required"
    title = "The party is missing"


class BeneficiaryMissing(NotFound):
    """There is no such beneficiary."""

    code = "beneficiary_not_found"
    title = "No such beneficiary"


class BeneficiaryTaken(Conflict):
    """The party has this account in its book."""

    code = "beneficiary_exists"
    title = "The account is in the book"


class BeneficiaryUnverified(Conflict):
    """The bank has not confirmed the account."""

    code = "beneficiary_unverified"
    title = "The account has not been confirmed"


class BeneficiaryCoolingOff(Conflict):
    """The account is new; it can be paid to from the given time on."""

    code = "beneficiary_cooling_off"
    title = "The account is too new"


class SignedRouteRequired(Forbidden):
    """A server asks for payouts at the signed route, where its body is proven as well as its key."""

    code = "signed_route_required"
    title = "Use the signed route"


class ServersOnly(Conflict):
    """This route is for API keys; people ask at `/payouts` and show their second factor."""

    code = "servers_only"
    title = "This route is for servers"
    is_decision = False


class AddressListRequired(Forbidden):
    """The key has no list of addresses; a key that moves money out needs one."""

    code = "ip_not_allowed"
    title = "The key needs a list of addresses"


class SignatureInvalid(Unauthenticated):
    """The signature is missing, of another key, or of another request."""

    code = "signature_invalid"
    title = "The signature does not fit"


class TimestampOutOfWindow(Unauthenticated):
    """The request's time is too far from ours, which the answer tells."""

    code = "timestamp_out_of_window"
    title = "The request is too old or too new"


class NonceReplayed(Conflict):
    """This very request has been seen; a retry signs a fresh nonce and keeps its idempotency key."""

    code = "nonce_replayed"
    title = "The nonce has been used"
    is_decision = False


class BatchMissing(NotFound):
    """There is no such batch."""

    code = "payout_batch_not_found"
    title = "No such batch"


class BatchUnreadable(InvalidField):
    """The file is not one this route reads; nothing of it was taken."""

    code = "payout_batch_unreadable"
    title = "The file cannot be read"


class BatchCannotStart(Conflict):
    """The batch has been started, or a line of it is wrong."""

    code = "payout_batch_state"
    title = "The batch cannot be started"
