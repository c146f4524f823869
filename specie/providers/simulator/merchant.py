"""The merchant whose QRIS codes the simulator hands out, and how dialects name what is paid."""

from specie.kernel.money import Money
from specie.providers import qris
from specie.providers.simulator.rules import Charge

_STATIC = qris.merchant("SPECIE SIMULATOR", "JAKARTA", "ID1020000000011")


def qr_text(charge: Charge) -> str:
    """The charge's own QRIS code."""
    return qris.dynamic(_STATIC, Money.of(charge.amount, "IDR"))


def account_number(charge: Charge) -> str:
    """Sixteen digits that belong to the charge."""
    return "8808" + str(int(charge.id.removeprefix("chg_"), 16))[-12:].zfill(12)
