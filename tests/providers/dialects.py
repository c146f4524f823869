"""What the contract needs to know of each dialect: what can be told apart in it, and nothing about how it is done."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """What a dialect can say.

    `asks`: there is a question to ask about a charge. `knows_absence`: its answer to an unknown reference is certain.
    `signs`: a callback nobody signed is refused. `dates`: an old signature is refused. `orders_by_page`: the order
    begins when the customer opens the page, so that there is no call that could fail. `tells`: which ends it calls
    back about. `currency`: its callbacks and answers name one. `saves`: it keeps a customer's card for later charges.
    `refunds`, `pays_out`, `disputes`, `tells_balance`, `lists`: what it does beside charges. `accepts`: it can be told
    that a dispute is accepted. `tells_refunds` and `tells_payouts`: it calls back about them. `returns`: money that
    came back after it arrived is told apart.
    `asks_holders`: it can be asked whose account it is.
    """

    provider: str
    asks: bool = True
    knows_absence: bool = True
    signs: bool = True
    dates: bool = False
    orders_by_page: bool = False
    tells: frozenset[str] = frozenset({"success", "decline", "timeout"})
    currency: bool = True
    declines_as: str = "failed"
    duplicates: bool = True
    saves: bool = False
    refunds: bool = False
    tells_refunds: bool = True
    disputes: bool = False
    accepts: bool = False
    pays_out: bool = False
    tells_payouts: bool = True
    returns: bool = True
    asks_holders: bool = False
    tells_balance: bool = False
    lists: bool = False


DIALECTS = [
    Told(
        "simulator",
        dates=True,
        saves=True,
        refunds=True,
        disputes=True,
        accepts=True,
        pays_out=True,
        asks_holders=True,
        tells_balance=True,
        lists=True,
    ),
    Told(
        "oy",
        signs=False,
        knows_absence=False,
        currency=False,
        pays_out=True,
        asks_holders=True,
        returns=False,
        tells_balance=True,
    ),
    Told("xendit", declines_as="expired", refunds=True, pays_out=True, tells_balance=True, lists=True),
    Told("midtrans", refunds=True),
    Told(
        "stripe",
        dates=True,
        duplicates=True,
        saves=True,
        refunds=True,
        disputes=True,
        accepts=True,
        tells_balance=True,
        lists=True,
    ),
    Told(
        "snap",
        dates=True,
        pays_out=True,
        tells_payouts=False,
        asks_holders=True,
    ),
    Told("netzme", asks=False, dates=True),
    Told("hilogate", knows_absence=False, currency=False),
    Told("gidi", asks=False, currency=False),
    Told("genesis", signs=False, tells=frozenset({"success"}), currency=False),
    Told("gudangvoucher", signs=False, knows_absence=False, orders_by_page=True),
    Told("ing1", signs=False, knows_absence=False, currency=False),
]
