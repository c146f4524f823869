"""Terms as they are stored and told: plain JSON that keeps every figure exactly."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

from specie.cashback.model import Audience, Clawback, Reward, RewardKind, Stacking, Terms, Tier
from specie.kernel.money import Currency, Money, minor_of


def stored(terms: Terms) -> dict[str, Any]:
    """The terms as JSON; amounts in minor units, rates as text."""
    return {
        "reward": {
            "kind": str(terms.reward.kind),
            **_value(terms.reward.rate, terms.reward.fixed),
            "tiers": [{"since": tier.since.minor, **_value(tier.rate, tier.fixed)} for tier in terms.reward.tiers],
        },
        "minimum": terms.minimum.minor,
        "starts_at": terms.starts_at.isoformat(),
        "ends_at": terms.ends_at.isoformat() if terms.ends_at else None,
        "cap_purchase": minor_of(terms.cap_purchase),
        "cap_user": minor_of(terms.cap_user),
        "cap_total": minor_of(terms.cap_total),
        "priority": terms.priority,
        "stacking": str(terms.stacking),
        "return_days": terms.return_days,
        "expiry_days": terms.expiry_days,
        "clawback": str(terms.clawback),
        "audience": str(terms.audience),
    }


@lru_cache(maxsize=4096)
def read_text(form: str, currency: Currency) -> Terms:
    """As `read`, of the JSON's text. Terms are never changed, so those of equal texts are the same."""
    return read(orjson.loads(form), currency)


def read(form: Mapping[str, Any], currency: Currency) -> Terms:
    """The terms that were stored."""
    reward = form["reward"]
    return Terms(
        currency=currency,
        reward=Reward(
            RewardKind(reward["kind"]),
            _rate(reward),
            _money(reward.get("fixed"), currency),
            tuple(
                Tier(Money(tier["since"], currency), _rate(tier), _money(tier.get("fixed"), currency))
                for tier in reward["tiers"]
            ),
        ),
        minimum=Money(form["minimum"], currency),
        starts_at=datetime.fromisoformat(form["starts_at"]),
        ends_at=datetime.fromisoformat(form["ends_at"]) if form["ends_at"] else None,
        cap_purchase=_money(form["cap_purchase"], currency),
        cap_user=_money(form["cap_user"], currency),
        cap_total=_money(form["cap_total"], currency),
        priority=form["priority"],
        stacking=Stacking(form["stacking"]),
        return_days=form["return_days"],
        expiry_days=form["expiry_days"],
        clawback=Clawback(form["clawback"]),
        # Terms from before there were others are for everyone.
        audience=Audience(form.get("audience", Audience.EVERYONE)),
    )


def _value(rate: Decimal | None, fixed: Money | None) -> dict[str, Any]:
    return {"rate": f"{rate:f}"} if rate is not None else {"fixed": minor_of(fixed)}


def _rate(form: Mapping[str, Any]) -> Decimal | None:
    return Decimal(form["rate"]) if form.get("rate") is not None else None


def _money(minor: int | None, currency: Currency) -> Money | None:
    return None if minor is None else Money(minor, currency)
