"""A reader of hledger journals of our own, after its manual: as much of the format as an export may use.

It is no hledger: it knows directives, transactions, comments, tags and balance assertions, and nothing it was not told
of passes. What it says no to, `hledger check --strict` says no to as well: a commodity or an account that is not
declared, a transaction that does not balance, an assertion that does not hold.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

_COMMENT = re.compile(r"\s*;")
_COMMODITY = re.compile(r"commodity 1\.(\d*) ([A-Z]{3})")
_ACCOUNT = re.compile(r"account (\S(?: ?\S)*)(?:  ;.*)?")
_HEAD = re.compile(r"(\d{4}-\d\d-\d\d) [*!] (?:\(([^)]*)\) )?([^;]*)")
_AMOUNT = r"(-?\d+(?:\.\d+)?) ([A-Z]{3})"
_POSTING = re.compile(rf"\s+(\S(?: ?\S)*?)  +{_AMOUNT}(?: = {_AMOUNT})?")


class Refused(Exception):
    """The journal is not one, or does not add up."""


@dataclass
class Posting:
    """One leg; `asserted` is what the account has in this commodity after it."""

    account: str
    amount: Decimal
    commodity: str
    asserted: Decimal | None


@dataclass
class Transaction:
    """One entry of the journal."""

    day: date
    code: str
    description: str
    postings: list[Posting] = field(default_factory=list)


def read(text: str) -> list[Transaction]:
    """The transactions of a journal that holds. Raises Refused."""
    found: list[Transaction] = []
    places: dict[str, int] = {}
    accounts: set[str] = set()
    for line in text.splitlines():
        if not line.strip() or _COMMENT.match(line) or line == "decimal-mark .":
            continue
        if commodity := _COMMODITY.fullmatch(line):
            places[commodity[2]] = len(commodity[1])
        elif account := _ACCOUNT.fullmatch(line):
            accounts.add(account[1])
        elif head := _HEAD.fullmatch(line):
            found.append(Transaction(date.fromisoformat(head[1]), head[2] or "", head[3]))
        elif posting := _POSTING.fullmatch(line):
            found[-1].postings.append(_posting(posting))
        else:
            raise Refused(f"not understood: {line}")
    _check(found, accounts, places)
    return found


def balances(found: list[Transaction]) -> dict[tuple[str, str], Decimal]:
    """What every account has in each commodity in the end."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for posting in (each for transaction in found for each in transaction.postings):
        sums[posting.account, posting.commodity] += posting.amount
    return dict(sums)


def _posting(found: re.Match[str]) -> Posting:
    account, amount, commodity, asserted, same = found.groups()
    if same not in {None, commodity}:
        raise Refused("an assertion in another commodity")
    return Posting(account, Decimal(amount), commodity, Decimal(asserted) if asserted else None)


def _check(found: list[Transaction], accounts: set[str], places: dict[str, int]) -> None:
    for transaction in found:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for posting in transaction.postings:
            if posting.account not in accounts or posting.commodity not in places:
                raise Refused(f"not declared: {posting}")
            if -posting.amount.as_tuple().exponent > places[posting.commodity]:  # type: ignore[operator]
                raise Refused(f"too precise: {posting}")
            sums[posting.commodity] += posting.amount
        if any(sums.values()):
            raise Refused(f"unbalanced: {transaction}")
    _check_assertions(found)


def _check_assertions(found: list[Transaction]) -> None:
    # By date, and on one day in the order of the file, as the manual has it.
    running: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for transaction in sorted(found, key=lambda each: each.day):
        for posting in transaction.postings:
            place = (posting.account, posting.commodity)
            running[place] += posting.amount
            if posting.asserted is not None and running[place] != posting.asserted:
                raise Refused(f"asserted {posting.asserted}, is {running[place]}: {posting}")
