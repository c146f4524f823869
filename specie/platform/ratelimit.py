"""Rate limits without another server: token buckets in an unlogged table, leased to processes in blocks.

A lease is taken out of the shared bucket before it is spent, so however many processes there are, a limit is never
exceeded; what a process has leased and not used is at most one block.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import text

from specie.kernel.clock import machine_now, monotonic
from specie.platform.db import Database, UnitOfWork

_KEPT_LEASES = 20_000
_LEASE_SECONDS = 10.0
_MAX_KEY = 200

# The time comes from the machines' clocks; one that runs behind may not turn the bucket's time back.
_REFILL = text("""
insert into specie.rate_bucket as bucket (key, tokens_milli, updated_at) values (:key, :capacity, :now)
on conflict (key) do update set
    tokens_milli = least(:capacity, bucket.tokens_milli + greatest(0,
        (extract(epoch from (excluded.updated_at - bucket.updated_at)) * 1000)::bigint * :quota / :window)),
    updated_at = greatest(bucket.updated_at, excluded.updated_at)
returning tokens_milli
""")
_SPEND = text("update specie.rate_bucket set tokens_milli = tokens_milli - :spent where key = :key")
_FORGET = text("delete from specie.rate_bucket where updated_at < :before")


@dataclass(frozen=True, slots=True)
class Policy:
    """`quota` tokens every `window` seconds, at most `burst` saved up (the quota by default).

    `block` tokens are leased at once; 1 counts every single use in the database, as log-ins must.
    """

    name: str
    quota: int
    window: int = 60
    burst: int = 0
    block: int = 1

    def __post_init__(self) -> None:
        if not self.name.replace("_", "").replace("-", "").isalnum():
            raise ValueError("a policy's name is made of letters, digits, _ and -")
        if min(self.quota, self.window, self.block) < 1 or self.burst < 0 or self.block > self.capacity:
            raise ValueError("quota, window and block are at least 1, and a block fits in the bucket")

    @property
    def capacity(self) -> int:
        """The most tokens a bucket holds."""
        return self.burst or self.quota

    def seconds_until(self, missing_milli: int) -> int:
        """Whole seconds, rounded up, until so many thousandths of a token have flowed in."""
        return -(-max(0, missing_milli) * self.window // (self.quota * 1000))


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to one request. `remaining` is what this process knows of; times are whole seconds."""

    allowed: bool
    remaining: int
    retry_after: int
    reset_after: int


@dataclass(slots=True)
class _Lease:
    """What one process holds of one bucket."""

    tokens: int = 0
    left_in_bucket: int = 0
    spend_before: float = 0.0
    refused_until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class RateLimiter:
    """Takes tokens for requests. One per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._leases: OrderedDict[str, _Lease] = OrderedDict()

    async def take(self, key: str, policy: Policy) -> Taken:
        """Take one token from the bucket of `key` (a user, key or address) under `policy`.

        Opens a transaction of its own when the lease is used up; call it before the unit of work.
        """
        if not 0 < len(key) <= _MAX_KEY:
            raise ValueError(f"a rate limit key has 1 to {_MAX_KEY} characters")
        bucket = f"{policy.name}:{key}"
        lease = self._lease_of(bucket)
        async with lease.lock:
            if monotonic() >= lease.refused_until and not self._holds_tokens(lease):
                await self._renew(lease, bucket, policy)
            return _spend(lease, policy)

    def refuses(self, key: str, policy: Policy) -> Taken | None:
        """The refusal `take` would give from what this process knows by itself; None when it has to ask."""
        lease = self._leases.get(f"{policy.name}:{key}")
        is_refused = lease is not None and lease.tokens == 0 and monotonic() < lease.refused_until
        return _spend(lease, policy) if lease is not None and is_refused else None

    async def forget_idle(self, unused_for: timedelta) -> None:
        """Delete buckets unused for longer than any window; they would be full anyway."""

        async def work(uow: UnitOfWork) -> None:
            await uow.execute(_FORGET, {"before": machine_now() - unused_for})

        await self._database.run(None, work, label="ratelimit.forget")

    def _lease_of(self, bucket: str) -> _Lease:
        lease = self._leases.setdefault(bucket, _Lease())
        self._leases.move_to_end(bucket)
        if len(self._leases) > _KEPT_LEASES:
            # Forgetting a lease loses its tokens, which errs on the strict side.
            self._leases.popitem(last=False)
        return lease

    @staticmethod
    def _holds_tokens(lease: _Lease) -> bool:
        return lease.tokens > 0 and monotonic() < lease.spend_before

    async def _renew(self, lease: _Lease, bucket: str, policy: Policy) -> None:
        async def work(uow: UnitOfWork) -> tuple[int, int]:
            return await _lease_block(uow, bucket, policy)

        granted, left_milli = await self._database.run(None, work, label="ratelimit.lease")
        now = monotonic()
        lease.tokens = granted
        lease.left_in_bucket = left_milli // 1000
        lease.spend_before = now + _LEASE_SECONDS
        lease.refused_until = 0.0 if granted else now + policy.seconds_until(1000 - left_milli)


async def _lease_block(uow: UnitOfWork, bucket: str, policy: Policy) -> tuple[int, int]:
    """Move up to one block out of the bucket; returns the tokens granted and the thousandths left."""
    values = {"key": bucket, "capacity": policy.capacity * 1000, "now": machine_now()}
    refilled = await uow.execute(_REFILL, values | {"quota": policy.quota, "window": policy.window})
    tokens_milli = int(refilled.scalar_one())
    granted = min(policy.block, tokens_milli // 1000)
    if granted:
        await uow.execute(_SPEND, {"key": bucket, "spent": granted * 1000})
    return granted, tokens_milli - granted * 1000


def _spend(lease: _Lease, policy: Policy) -> Taken:
    allowed = lease.tokens > 0
    lease.tokens -= allowed
    remaining = lease.tokens + lease.left_in_bucket
    wait = 0 if allowed else max(1, -int(-(lease.refused_until - monotonic()) // 1))
    return Taken(allowed, remaining, wait, policy.seconds_until((policy.capacity - remaining) * 1000))


def rate_limit_headers(policy: Policy, taken: Taken) -> dict[str, str]:
    """The answer's headers, by the IETF draft (RateLimit header fields, draft 11), and Retry-After on a refusal."""
    headers = {
        "RateLimit-Policy": f'"{policy.name}";q={policy.quota};w={policy.window}',
        "RateLimit": f'"{policy.name}";r={taken.remaining};t={taken.reset_after}',
    }
    if not taken.allowed:
        headers["Retry-After"] = str(taken.retry_after)
    return headers
