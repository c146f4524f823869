"""Every refusal of cashback."""

from specie.kernel.errors import Conflict, InvalidField, NotFound


class OfferMissing(NotFound):
    """There is no such offer, or it is another merchant's."""

    code = "offer_not_found"
    title = "No such offer"


class OfferCannotMove(Conflict):
    """The offer is in a state that does not allow this."""

    code = "offer_state"
    title = "The offer does not allow this now"


class OfferTermsInvalid(InvalidField):
    """The terms contradict each other."""

    code = "offer_terms_invalid"
    title = "These terms cannot be kept"


class OfferUnfunded(Conflict):
    """An offer starts with money in its budget."""

    code = "offer_unfunded"
    title = "The budget is empty"


class HouseOnly(Conflict):
    """Only the house starts offers that it pays for itself."""

    code = "offer_house_only"
    title = "The house pays only for its own offers"
    is_decision = False


class MerchantInactive(Conflict):
    """The merchant has not been activated for cashback, or is suspended."""

    code = "merchant_inactive"
    title = "The merchant may not offer cashback"


class MerchantUnknown(NotFound):
    """The merchant has not applied for cashback."""

    code = "cashback_merchant_not_found"
    title = "No such cashback merchant"


class MerchantCannotMove(Conflict):
    """The merchant's activation does not allow this now."""

    code = "cashback_merchant_state"
    title = "The activation does not allow this now"


class CashbackPartyRequired(InvalidField):
    """Say which party is meant."""

    code = "party_required"
    title = "The party is missing"


class PurchaseMissing(NotFound):
    """There is no such purchase."""

    code = "purchase_not_found"
    title = "No such purchase"


class PurchaseDiffers(Conflict):
    """The merchant has told of another purchase under this external id."""

    code = "purchase_differs"
    title = "The external id belongs to another purchase"


class PurchaseCannotMove(Conflict):
    """The purchase is in a state that does not allow this."""

    code = "purchase_state"
    title = "The purchase does not allow this now"


class PurchaseInvalid(InvalidField):
    """A purchase that cannot have happened."""

    code = "purchase_invalid"
    title = "Such a purchase cannot be"


class ReturnTooLarge(Conflict):
    """More would be returned than was bought."""

    code = "return_too_large"
    title = "More is returned than was bought"


class ReturnDiffers(Conflict):
    """The purchase has another return under this external id."""

    code = "return_differs"
    title = "The external id belongs to another return"


class AccrualMissing(NotFound):
    """There is no such cashback."""

    code = "accrual_not_found"
    title = "No such cashback"


class AccrualCannotMove(Conflict):
    """The cashback is in a state that does not allow this."""

    code = "accrual_state"
    title = "The cashback does not allow this now"


class ReferralInvalid(InvalidField):
    """The code is not one by which this customer can come."""

    code = "referral_invalid"
    title = "The code does not count here"
