"""The page where a customer pays a purchase in person; a module above offers it, and `app` wires it in."""

from collections.abc import Awaitable, Callable

from specie.platform.db import UnitOfWork
from specie.purchases.model import Purchase

PagePath = Callable[[UnitOfWork, Purchase], Awaitable[str]]

_page: list[PagePath] = []


def set_page(path: PagePath) -> None:
    """Register what gives the path of a purchase's page, making the page when there is none."""
    _page[:] = [path]


async def page_path(uow: UnitOfWork, purchase: Purchase) -> str | None:
    """The path of the purchase's page; None where no module offers one."""
    return await _page[0](uow, purchase) if _page else None
