"""The background edge of identity: telling somebody what others have done to their login."""

from specie.identity import service, store
from specie.identity.wiring import SERVICE, Identity
from specie.kernel.ids import UserId
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext, job
from specie.platform.mail import Mailer, MailNotSent, MailTemplate

_REMOVED = MailTemplate(
    "Your second factor has been removed",
    """
    Somebody in charge of {{ tenant }} has removed the second factor of your login, because you had asked for it or
    could not log in. You are logged out everywhere, and your password alone lets you in until you set up another:

    {{ url }}

    If you have not asked for this, choose a new password at once and tell those in charge.
    """,
)


@job(service.TELL_FACTOR_REMOVED)
async def tell_second_factor_removed(context: JobContext, user_id: str, at: str) -> None:
    """Write to whoever has lost the second factor, under the same key again after a crash.

    Raises MailNotSent where trying again helps.
    """
    identity: Identity = context.services[SERVICE]
    wanted = UserId.parse(user_id)

    async def look(uow: UnitOfWork) -> tuple[str | None, str]:
        user = await store.user_by_id(uow, wanted)
        address = identity.opened(user).email if user is not None and not user.is_disabled else None
        return address, (await service.own_tenant(uow)).name

    address, tenant = await context.db.run(context.scope, look, label="identity.factor_removed.look")
    if address is None:
        return
    mailer: Mailer = context.services["mail"]
    values = {"tenant": tenant, "url": f"{identity.public_url}/account/"}
    try:
        await mailer.send(_REMOVED.to(address, values, key=f"second-factor-removed-{wanted}-{at}"))
    except MailNotSent as error:
        if not error.permanent:
            raise
