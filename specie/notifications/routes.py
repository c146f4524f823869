"""Notifications over HTTP: the caller's inbox and choices, the log, and the page that ends mails."""

from collections.abc import Callable
from html import escape
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from specie import identity, parties
from specie.kernel.ids import RequestId, TenantId, UserId
from specie.kernel.pagination import InvalidCursor, Page
from specie.kernel.permissions import Permission
from specie.notifications import service
from specie.notifications.errors import ForPeopleOnly, TelegramOff
from specie.notifications.model import KINDS, Notice, NoticeId, Wishes
from specie.notifications.schemas import MarkedOut, MessageOut, NoticeOut, UnreadOut, WishesIn, WishesOut
from specie.notifications.telegram import Telegram
from specie.platform.db import Database, UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import ListOf, id_text

router = ApiRouter(tags=["Notifications"])
pages = APIRouter(include_in_schema=False)

_INBOX = "notices"
_LOG = "notice-messages"
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/notices", response_model=ListOf[NoticeOut])
@refuses(ForPeopleOnly)
async def list_notices(
    edge: Edge = requires(Permission.ACCOUNT_SELF), unread: bool = False, limit: Limit = 25, cursor: str | None = None
) -> Any:
    """What the caller was told, newest first."""
    key = edge.cursor(_INBOX, cursor)
    before = UUID(key[0]) if key else None

    async def read(uow: UnitOfWork) -> Page[NoticeOut]:
        page = await service.inbox(uow, before, limit, unread=unread)
        language = (await service.own_wishes(uow)).language
        about = [notice.party_id for notice in page.items if notice.party_id is not None]
        names = await parties.names(uow, edge.service("vault"), about) if about else {}

        def shown(notice: Notice) -> NoticeOut:
            return NoticeOut.of(notice, language, names.get(notice.party_id, "") if notice.party_id else "")

        return page.map(shown)

    return edge.page(_INBOX, await edge.read(read), lambda shown: shown)


@router.get("/notices/unread", response_model=UnreadOut)
@refuses(ForPeopleOnly)
async def count_unread(edge: Edge = requires(Permission.ACCOUNT_SELF)) -> UnreadOut:
    """How many notices wait in the caller's inbox."""
    return UnreadOut(unread=await edge.read(service.count_unread))


@router.post("/notices/read", response_model=MarkedOut)
@refuses(ForPeopleOnly)
async def mark_all_read(edge: Edge = requires(Permission.ACCOUNT_SELF)) -> Response:
    """Mark everything in the caller's inbox as read."""
    return await edge.write(lambda uow: service.mark_read(uow, None), _marked, status=200)


@router.post("/notices/{notice_id}/read", response_model=MarkedOut)
@refuses(ForPeopleOnly)
async def mark_read(notice_id: str, edge: Edge = requires(Permission.ACCOUNT_SELF)) -> Response:
    """Mark one notice as read."""
    wanted = id_text(NoticeId, notice_id, "notice_id")
    return await edge.write(lambda uow: service.mark_read(uow, wanted), _marked, status=200)


def _marked(count: int) -> MarkedOut:
    return MarkedOut(marked=count)


@router.get("/notice-settings", response_model=WishesOut)
@refuses(ForPeopleOnly)
async def show_settings(edge: Edge = requires(Permission.ACCOUNT_SELF)) -> WishesOut:
    """What the caller has chosen to hear of, and where."""
    return _wishes(edge)(await edge.read(service.own_wishes))


@router.put("/notice-settings", response_model=WishesOut)
@refuses(ForPeopleOnly, TelegramOff)
async def change_settings(body: WishesIn, edge: Edge = requires(Permission.ACCOUNT_SELF)) -> Response:
    """Choose what to hear of, where and in which language."""
    bot: Telegram = edge.service("telegram")
    if body.telegram_chat and not bot.is_on:
        raise TelegramOff("the operator has to set SPECIE_TELEGRAM_TOKEN", param="telegram_chat")
    return await edge.write(
        lambda uow: service.change_wishes(uow, edge.service("vault"), body.language, body.telegram_chat, body.chosen()),
        _wishes(edge),
        status=200,
    )


def _wishes(edge: Edge) -> Callable[[Wishes], WishesOut]:
    bot: Telegram = edge.service("telegram")
    allowed = [kind.name for kind in KINDS.values() if kind.permission in edge.scope.permissions]
    return lambda wishes: WishesOut.of(wishes, allowed, telegram=bot.is_on)


@router.get("/notice-messages", response_model=ListOf[MessageOut])
async def list_messages(
    edge: Edge = requires(Permission.AUDIT_READ), limit: Limit = 25, cursor: str | None = None
) -> Any:
    """Every e-mail and chat message to the tenant's people and what became of it, newest first."""
    key = edge.cursor(_LOG, cursor)
    before = UUID(key[0]) if key else None
    return edge.page(_LOG, await edge.read(lambda uow: service.messages(uow, before, limit)), MessageOut.of)


@pages.get("/notices/unsubscribe")
async def ask_unsubscribe(request: Request, token: Annotated[str, Query(max_length=1000)]) -> Response:
    """A button, because mail programs and scanners open links by themselves."""
    if _meant(request, token) is None:
        return _page("This link is not valid.", status=404)
    return _page('<form method="post"><button>Send me no more of these mails</button></form>')


@pages.post("/notices/unsubscribe")
async def unsubscribe(request: Request, token: Annotated[str, Query(max_length=1000)]) -> Response:
    """End one kind of mail for one person; saying it twice changes nothing more."""
    meant = _meant(request, token)
    if meant is None:
        return _page("This link is not valid.", status=404)
    tenant_id, user, kind = meant
    db: Database = request.app.state.db
    scope = await identity.scope_for_job(db, tenant_id, "notifications.unsubscribe", RequestId.new())
    await db.run(scope, lambda uow: service.silence(uow, user, kind), label="notifications.unsubscribe")
    return _page("You will get no more of these mails. The console still shows what happened.")


def _meant(request: Request, token: str) -> tuple[TenantId, UserId, str] | None:
    try:
        tenant_id, user, kind = request.app.state.cursors.decode(service.UNSUBSCRIBE, token)
        return (TenantId.parse(tenant_id), UserId.parse(user), kind) if kind in KINDS else None
    except (InvalidCursor, ValueError):
        return None


def _page(content: str, status: int = 200) -> HTMLResponse:
    body = content if content.startswith("<form") else f"<p>{escape(content)}</p>"
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Notices</title><main><h1>Notices</h1>{body}</main></html>"
    )
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(html, status_code=status, headers=headers)
