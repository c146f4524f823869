"""Every refusal of wallets."""

from specie.kernel.errors import Conflict, Forbidden, InvalidField, NotFound, SpecieError


class WalletMissing(NotFound):
    """There is no such wallet here, or it belongs to somebody else."""

    code = "wallet_not_found"
    title = "No such wallet"


class RecipientMissing(NotFound):
    """Nobody here has this wallet, e-mail address or phone number."""

    code = "recipient_not_found"
    title = "No such recipient"


class TransferToSelf(SpecieError):
    """Sender and recipient are the same wallet."""

    code = "transfer_to_self"
    status = 422
    title = "A wallet cannot pay itself"
    is_decision = True


class WalletCurrency(SpecieError):
    """The amount's currency is not that of both wallets."""

    code = "currency_mismatch"
    status = 422
    title = "Currencies do not match"
    is_decision = True


class LimitExceeded(SpecieError):
    """The amount passes a limit of the wallet's tier."""

    code = "limit_exceeded"
    status = 422
    title = "A limit would be passed"
    is_decision = True


class WalletFrozen(SpecieError):
    """The wallet does not pay out, or does not take in, at present."""

    code = "wallet_frozen"
    status = 422
    title = "The wallet is frozen"
    is_decision = True


class NotTheOwner(Forbidden):
    """Only the party a wallet belongs to may stop it for its own safety; staff freeze and unfreeze wallets instead."""

    code = "not_the_owner"
    title = "Not your wallet"


class HoldMissing(NotFound):
    """There is no such hold on this wallet."""

    code = "hold_not_found"
    title = "No such hold"


class HoldEnded(Conflict):
    """The hold has been captured, released or has expired."""

    code = "hold_ended"
    title = "The hold has ended"


class HoldInUse(Conflict):
    """The hold belongs to something that is still under way, such as a payout, and ends with it."""

    code = "hold_in_use"
    title = "The hold is in use"


class TransferMissing(NotFound):
    """There is no such transfer."""

    code = "transfer_not_found"
    title = "No such transfer"


class TransferEnded(Conflict):
    """A scheduled transfer that was made, failed or cancelled cannot be cancelled."""

    code = "transfer_ended"
    title = "The transfer has ended"


class ScheduleInPast(InvalidField):
    """A transfer is scheduled for a time that lies ahead, and a hold ends at one."""

    code = "schedule_in_past"
    title = "The time has passed"


class RateMissing(SpecieError):
    """Nobody has set a rate between two currencies."""

    code = "rate_missing"
    status = 422
    title = "No exchange rate"


class RateMoved(SpecieError):
    """The rate in force gives less than the caller asks for at least."""

    code = "rate_moved"
    status = 422
    title = "The rate has moved"
    is_decision = True


class OtherOwner(InvalidField):
    """Money is exchanged between wallets of one party."""

    code = "other_owner"
    title = "The wallets belong to different parties"


class AmountTooSmall(InvalidField):
    """What would be bought is less than one minor unit."""

    code = "amount_too_small"
    title = "The amount is too small to exchange"


class DayNotOver(InvalidField):
    """A day is revalued once it is over."""

    code = "day_not_over"
    title = "The day is not over"


class HistoryTooLong(SpecieError):
    """The wallet has moved too often for its balance to be traced while somebody waits."""

    code = "history_too_long"
    status = 422
    title = "The history is too long to trace"
