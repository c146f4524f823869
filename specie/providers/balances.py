"""What an adapter can do as well when its provider tells its live balance."""

from typing import Protocol, runtime_checkable

from specie.kernel.money import Currency, Money
from specie.providers.model import ProviderCall


@runtime_checkable
class BalanceAdapter(Protocol):
    """What an adapter whose provider tells its balance can do as well."""

    def get_balance(self, currency: Currency) -> ProviderCall[Money]:
        """Ask what the provider holds for us now: collected, less fees and what it has given back or paid over."""
