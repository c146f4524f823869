"""Forgetting whoever logs in for a party that is erased."""

from specie import audit
from specie.identity import access_store, store
from specie.kernel.clock import machine_now
from specie.kernel.ids import MembershipId, PartyId, UserId
from specie.platform import vault
from specie.platform.db import UnitOfWork
from specie.platform.forgetting import forget_traffic


async def forget_users_of(uow: UnitOfWork, party_id: PartyId) -> None:
    """Take away every access of a party: its members and its keys.

    A user who is a member nowhere else is forgotten altogether: address, name, password and where they signed in.
    """
    for each in await store.members_of_party(uow, party_id):
        user_id = UserId(each.user.id)
        await store.remove_member(uow, each.id, user_id)
        if not await store.memberships_of(uow, user_id):
            await _forget(uow, user_id)
        subject = ("member", str(MembershipId(each.id)))
        await audit.record(uow, action="member.remove", subject=subject, before={"user_id": str(user_id)})
    await access_store.revoke_keys_of(uow, party_id, machine_now())


async def _forget(uow: UnitOfWork, user_id: UserId) -> None:
    # Random bytes where the index was: the column says that an address is nobody's second, and this one is nobody's.
    await store.forget_user(uow, user_id, vault.new_key())
    await access_store.remove_totp(uow, user_id)
    await access_store.forget_sessions(uow, user_id, machine_now())
    await forget_traffic(uow, str(user_id))
