"""Taking out of the request log and of stored answers what they say of somebody who is erased."""

from typing import Any

import orjson
from sqlalchemy import or_, select, update

from specie.platform.db import UnitOfWork
from specie.platform.requestlog import without_people
from specie.platform.requestlog_store import request_log
from specie.platform.tables import idempotency
from specie.platform.telemetry import MASK

# What people write about somebody in their own words; without it an answer is still what was answered.
_WORDS = {"answer", "body", "description", "label", "message", "reason", "subject", "text", "title"}


async def forget_traffic(uow: UnitOfWork, word: str) -> None:
    """Forget the bodies of requests that name an id, and whose names stand in answers that do.

    An answer stays what it was beside that, so that a repeated request is still recognised. It reads every request
    and answer of the tenant: nothing else in them is looked up by whom they are about.
    """
    await _forget_bodies(uow, word)
    i = idempotency.c
    tenants = i.tenant_id == uow.scope.tenant_id.uuid
    found = await uow.execute(select(i.principal, i.key, i.body).where(tenants, i.body.contains(word)))
    for row in found.all():
        body = orjson.dumps(_without_words(without_people(orjson.loads(row.body)))).decode()
        this = (tenants, i.principal == row.principal, i.key == row.key)
        await uow.execute(update(idempotency).where(*this).values(body=body))


async def _forget_bodies(uow: UnitOfWork, word: str) -> None:
    r = request_log.c
    says = or_(r.path.contains(word), r.request_body.contains(word), r.response_body.contains(word))
    named = update(request_log).where(r.tenant_id == uow.scope.tenant_id.uuid, says)
    await uow.execute(named.values(request_body=None, response_body=None))


def _without_words(document: Any) -> Any:
    """The same JSON with what was written in free words hidden, at any depth."""
    if isinstance(document, list):
        return [_without_words(each) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        name: MASK if name in _WORDS and isinstance(value, str) and value else _without_words(value)
        for name, value in document.items()
    }
