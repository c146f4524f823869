"""Holds purchases paid by several means, and what came back of them, leg by leg against what clients were told."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg

from specie.assay.journal import Operation, Told
from specie.assay.verdict import Verdict, uuid_text

# By what the entries say of themselves: wallets name the purchase, installments the order. A purse is known by the hold
# that it had set aside, or by the account that has the money again.
_MOVED: LiteralString = """
select split_part(e.recipe, '@', 1), coalesce(e.metadata ->> 'purchase_id', e.metadata ->> 'order_id'),
       coalesce(held.purpose, got.purpose, ''), sum(p.amount_minor)::bigint
  from specie.journal_entry e
  join specie.posting p on p.tenant_id = e.tenant_id and p.entry_id = e.id and not p.is_memo
  left join specie.hold h on h.tenant_id = p.tenant_id and h.account_id = p.debit_account_id
  left join specie.wallet held on held.tenant_id = h.tenant_id and held.id = h.wallet_id
  left join specie.wallet got on got.tenant_id = p.tenant_id and got.available_account_id = p.credit_account_id
 where split_part(e.recipe, '@', 1) in (
       'purchases.hand_over', 'purchases.give_back', 'installments.begin', 'installments.return')
 group by 1, 2, 3
"""
_PURSES = ("cashback", "main")
_ORDERS: LiteralString = (
    "select purchase_id::text, order_id::text from specie.purchase_leg where order_id is not null order by attempt"
)
# A payment brings its leg whole or not at all, and a refund that has failed has brought nothing back.
_AT_PROVIDER: LiteralString = """
select l.purchase_id::text, case p.state when 'paid' then l.amount_minor else 0 end,
       (select coalesce(sum(r.amount_minor), 0) from specie.payment_refund r
         where r.tenant_id = p.tenant_id and r.payment_id = p.id and r.state <> 'failed')::bigint
  from specie.purchase_leg l join specie.payment p on p.tenant_id = l.tenant_id and p.id = l.payment_id
"""
_REFUNDS: LiteralString = "select id::text, purchase_id::text, amount_minor from specie.purchase_refund"
_SELLERS: LiteralString = "select id::text, state, merchant_id::text from specie.purchase"
# What lies in the wallets of somebody, by the postings alone.
_SHARES: LiteralString = """
select w.party_id::text,
       sum(case when p.credit_account_id = a.id then p.amount_minor else -p.amount_minor end)::bigint
  from specie.wallet w
  join specie.account a on a.tenant_id = w.tenant_id and a.id in (w.available_account_id, w.pending_account_id)
  join specie.posting p on p.tenant_id = a.tenant_id and a.id in (p.debit_account_id, p.credit_account_id)
 where w.party_id = any(%s::uuid[])
 group by 1
"""


@dataclass(slots=True)
class Bought:
    """One purchase: what the client was told of it, and what each leg took and gave back by the books."""

    paid: Operation
    refunds: list[Operation] = field(default_factory=list)
    state: str = "missing"
    seller: str = ""
    taken: list[int] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=dict)

    @property
    def refunded(self) -> int:
        """What the client was told had gone back."""
        return sum(one.amounts[0] for one in self.refunds if one.told is Told.DONE)

    @property
    def waits_for_provider(self) -> bool:
        """Whether the customer has not paid the provider's part, so that nothing has to have moved."""
        return self.paid.amounts[-1] > 0 and self.taken[-1] == 0

    @property
    def is_in_doubt(self) -> bool:
        """Whether the client was never told how something ended."""
        return any(one.told is Told.UNKNOWN for one in (self.paid, *self.refunds))


def judge_mixed(verdict: Verdict, books: psycopg.Connection, operations: list[Operation]) -> None:
    """Each leg took its amount once, gave back its share of what was refunded, and the seller has what is left."""
    found = _bought(operations)
    _read(books, found)
    for bought in found.values():
        verdict.counts["purchases by several means"] += 1
        verdict.counts["refunds of purchases"] += len(bought.made)
        verdict.counts["purchases paid at a provider as well"] += bool(bought.taken[-1])
        judge_one(verdict, bought)
    _judge_sellers(verdict, books, list(found.values()))


def judge_one(verdict: Verdict, bought: Bought) -> None:
    """Sort one purchase into its cells."""
    paid, taken, back, told = bought.paid, bought.taken, bought.back, bought.refunded
    what = (
        f"purchase {paid.key}: told {paid.told}, it is {bought.state}, {taken} taken instead of {paid.amounts},"
        f" told that {told} went back, it was {back}"
    )
    if bought.is_in_doubt:
        verdict.find("unsettled", what)
    elif (paid.told is Told.REFUSED or bought.waits_for_provider) and (any(taken) or any(back)):
        verdict.find("phantom", what)
    elif any(took > wanted for took, wanted in zip(taken, paid.amounts, strict=True)):
        verdict.find("doubled", what)
    elif paid.told is Told.DONE and not bought.waits_for_provider:
        _judge_paid(verdict, bought, what)


def _judge_paid(verdict: Verdict, bought: Bought, what: str) -> None:
    told, back = bought.refunded, bought.back
    done = {uuid_text(one.result): one.amounts[0] for one in bought.refunds if one.told is Told.DONE}
    if (bought.state, bought.taken) != ("completed", bought.paid.amounts):
        verdict.find("lost", what)
    elif any(gave > took for gave, took in zip(back, bought.taken, strict=True)) or sum(back) > told:
        verdict.find("doubled", what)
    elif sum(back) < told:
        verdict.find("lost", what)
    elif bought.made != done:
        verdict.find("altered", f"{what}, by the refunds {bought.made} instead of {done}")
    elif back != shares(bought.taken, told):
        verdict.find("altered", f"{what} instead of {shares(bought.taken, told)}")


def shares(legs: Sequence[int], back: int) -> list[int]:
    """What each leg gives of an amount: in proportion and rounded down, the last one what is left."""
    whole, found = sum(legs), list[int]()
    for leg in legs:
        found.append(back * leg // whole if whole else 0)
        whole, back = whole - leg, back - found[-1]
    return found


def _bought(operations: list[Operation]) -> dict[str, Bought]:
    found = {uuid_text(one.path.split("/")[2]): Bought(one) for one in operations if one.kind == "mixed"}
    for one in operations:
        if one.kind == "mixed_back":
            found[uuid_text(one.path.split("/")[2])].refunds.append(one)
    return found


def _read(books: psycopg.Connection, found: dict[str, Bought]) -> None:
    for purchase, state, seller in books.execute(_SELLERS):
        if purchase in found:
            found[purchase].state, found[purchase].seller = state, seller
    for refund, purchase, minor in books.execute(_REFUNDS):
        if purchase in found:
            found[purchase].made[refund] = minor
    _read_legs(books, found)


def _read_legs(books: psycopg.Connection, found: dict[str, Bought]) -> None:
    moved, of_order = Counter[tuple[str, str, str]](), Counter[tuple[str, str]]()
    for recipe, thing, purpose, minor in books.execute(_MOVED):
        moved[recipe, uuid_text(thing), purpose] += minor
        of_order[recipe, uuid_text(thing)] += minor
    in_parts, brought, went = Counter[tuple[str, str]](), Counter[str](), Counter[str]()
    for purchase, order in books.execute(_ORDERS):
        for recipe in ("installments.begin", "installments.return"):
            in_parts[recipe, purchase] += of_order[recipe, order]
    for purchase, came, gone in books.execute(_AT_PROVIDER):
        brought[purchase] += came
        went[purchase] += gone
    for purchase, bought in found.items():
        taken = [moved["purchases.hand_over", purchase, purse] for purse in _PURSES]
        back = [moved["purchases.give_back", purchase, purse] for purse in _PURSES]
        bought.taken = [*taken, in_parts["installments.begin", purchase], brought[purchase]]
        bought.back = [*back, in_parts["installments.return", purchase], went[purchase]]


def _judge_sellers(verdict: Verdict, books: psycopg.Connection, found: list[Bought]) -> None:
    """These sellers do nothing else: their wallets hold what they were told to have sold less what went back."""
    wanted: Counter[str] = Counter()
    in_doubt = {bought.seller for bought in found if bought.is_in_doubt}
    for bought in found:
        is_sold = bought.paid.told is Told.DONE and not bought.waits_for_provider
        sold = sum(bought.paid.amounts) if is_sold else 0
        wanted[bought.seller] += sold - bought.refunded
    wanted.pop("", None)
    has: dict[str, int] = dict(books.execute(_SHARES, [list(wanted)]).fetchall())
    for seller, share in wanted.items():
        if seller not in in_doubt and has.get(seller, 0) != share:
            cell = "lost" if has.get(seller, 0) < share else "doubled"
            verdict.find(cell, f"seller {seller} has {has.get(seller, 0)}, and by what clients were told {share}")
