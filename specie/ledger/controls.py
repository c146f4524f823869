"""Accounts that a module keeps: what stands on them is the module's word, so nobody moves it by hand.

A control account's floor is a promise that the module has made, or its balance is what the module's own rows come to.
Postings written by hand (journals and opening balances) are refused there, and neither its floor nor its end is
decided over the ledger's routes. Some accounts of a module take postings by hand as well, such as income, tax or what a
customer may spend: those keep only their floor and stay open.

Codes decide, not a flag of the row: so an account that does not exist yet, or was opened before its module said this,
is kept like any other, and judging costs no query.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps the accounts of a code, in the words of its screens, and what to do instead of a journal."""

    name: str
    codes: str
    instead: str
    takes_journals: bool

    @property
    def room(self) -> str | None:
        """The beginning of the codes that the module makes up as it goes, one for each thing; None for one account."""
        is_open = "*" in self.codes or self.codes.endswith(":")
        return self.codes.partition("*")[0] if is_open else None


_keepers: dict[str, Keeper] = {}


def keep(by: str, *codes: str, instead: str, takes_journals: bool = False) -> None:
    """Declare the accounts that a module opens. `*` stands for one part of a code, a colon at the end for any rest.

    `instead` completes "… is kept by …:" with what somebody does who wanted to move or change it by hand. Raises
    RuntimeError when somebody else keeps them.
    """
    for code in codes:
        keeper = Keeper(by, code, instead, takes_journals)
        if _keepers.setdefault(code, keeper) != keeper:
            raise RuntimeError(f"{code} is kept by {_keepers[code].name} already")
    keeper_of.cache_clear()


def keepers() -> list[Keeper]:
    """Everything that is kept by the modules that are loaded, by its code."""
    return [_keepers[codes] for codes in sorted(_keepers)]


@cache
def _pattern(codes: str) -> re.Pattern[str]:
    parts = re.escape(codes).replace(r"\*", "[^:]+")
    return re.compile(parts + ".*" if codes.endswith(":") else parts)


@lru_cache(maxsize=4096)
def keeper_of(code: str) -> Keeper | None:
    """Whoever keeps the accounts of this code; of two, the one who takes no journals. None: they are the tenant's."""
    found = [keeper for keeper in _keepers.values() if _pattern(keeper.codes).fullmatch(code)]
    return min(found, key=lambda keeper: keeper.takes_journals, default=None)


def owner_of_room(code: str) -> Keeper | None:
    """The module among whose accounts a code would lie, also where none of them is formed like it."""
    found = [keeper for keeper in keepers() if keeper.room is not None and code.startswith(keeper.room)]
    return max(found, key=lambda keeper: len(keeper.room or ""), default=None)


def without_journals() -> str:
    """A regular expression, as PostgreSQL also reads it, of the codes of all control accounts."""
    alternatives = [_pattern(keeper.codes).pattern for keeper in keepers() if not keeper.takes_journals]
    return f"^({'|'.join(alternatives)})$"
