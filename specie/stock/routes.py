"""Stock over HTTP. Every movement can be tried with `?dry_run=true` first: the answer is what it would change."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import catalogue, ledger
from specie.catalogue import Product, ProductFilter, ProductId
from specie.kernel.errors import InvalidField
from specie.kernel.money import AmountOutOfRange, Currency
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import ListOf, SearchText, id_text
from specie.stock import errors, movement_store, schemas, service, store
from specie.stock.model import Against, Kind, Level, Method, MovementId
from specie.stock.movement_store import LevelFilter, MovementFilter
from specie.stock.moving import Moved

router = ApiRouter(prefix="/stock", tags=["Stock"])

Limit = Annotated[int, Query(ge=1, le=100)]
_READ, _MOVE, _MANAGE = Permission.STOCK_READ, Permission.STOCK_MOVE, Permission.STOCK_MANAGE
_LEVELS, _MOVEMENTS = "stock_levels", "stock_movements"
_FOUND_BY_WORDS = 100
_MOVING = (
    *(errors.OutOfStock, errors.NotStocked, errors.MovementUnfit, errors.BackdatingUnconfirmed),
    *(errors.WarehouseMissing, catalogue.ProductMissing, ledger.PeriodClosed, ledger.AccountFrozen),
    *(ledger.InsufficientFunds, InvalidField, AmountOutOfRange),
)
Shown = tuple[Moved, dict[ProductId, Product]]


async def _move(edge: Edge, work: Callable[[UnitOfWork], Awaitable[Moved]]) -> Response:
    async def named(uow: UnitOfWork) -> Shown:
        moved = await work(uow)
        ids = list({each.product_id for each in moved.movements})
        return moved, await catalogue.products_by_ids(uow, ids) if ids else {}

    return await edge.money(named, lambda shown: schemas.StockMovedOut.of(*shown))


@router.get("/warehouses", response_model=schemas.WarehousesOut)
async def list_warehouses(edge: Edge = requires(_READ)) -> schemas.WarehousesOut:
    """Every warehouse."""
    found = await edge.read(store.warehouses)
    return schemas.WarehousesOut(data=[schemas.WarehouseOut.of(each) for each in found.values()])


@router.post("/warehouses", status_code=201, response_model=schemas.WarehouseOut)
@refuses(errors.WarehouseTaken)
async def add_warehouse(body: schemas.WarehouseIn, edge: Edge = requires(_MANAGE)) -> Response:
    """Add a warehouse."""
    currency = Currency.of(body.currency)
    return await edge.write(
        lambda uow: service.add_warehouse(uow, body.code, body.name, currency), schemas.WarehouseOut.of, status=201
    )


@router.get("/policy", response_model=schemas.StockPolicyOut)
async def show_policy(edge: Edge = requires(_READ)) -> schemas.StockPolicyOut:
    """Whether stock may go below zero, and how new products are costed."""
    return schemas.StockPolicyOut.of(await edge.read(store.policy_of))


@router.put("/policy", response_model=schemas.StockPolicyOut)
async def set_policy(body: schemas.StockPolicyIn, edge: Edge = requires(_MANAGE)) -> Response:
    """Change how stock is kept from now on."""
    return await edge.write(lambda uow: service.set_policy(uow, body.policy(), body.reason), schemas.StockPolicyOut.of)


@router.put("/products/{product_id}/costing", response_model=schemas.StockMethodIn)
@refuses(catalogue.ProductMissing, errors.MovementUnfit)
async def set_costing(product_id: str, body: schemas.StockMethodIn, edge: Edge = requires(_MANAGE)) -> Response:
    """Say how a product's cost is found, before it has any stock."""
    wanted = id_text(ProductId, product_id, "product_id")
    return await edge.write(
        lambda uow: service.set_method(uow, wanted, Method(body.method)),
        lambda method: schemas.StockMethodIn(method=method.value),
    )


@router.get("/levels", response_model=ListOf[schemas.StockLevelOut])
async def list_levels(
    edge: Edge = requires(_READ),
    warehouse_id: str | None = None,
    product_id: str | None = None,
    q: Annotated[SearchText | None, Query(description="Words of the product; the first 100 count")] = None,
    low: Annotated[bool, Query(description="Only what is to be bought again")] = False,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Any:
    """What is on hand, reserved and available, and what the books say it is worth."""
    place = schemas.warehouse_id(warehouse_id) if warehouse_id else None
    only = id_text(ProductId, product_id, "product_id") if product_id else None
    key = edge.cursor(_LEVELS, cursor)
    after = (UUID(key[0]), UUID(key[1])) if key else None

    async def read(uow: UnitOfWork) -> Page[schemas.StockLevelOut]:
        ids = [only] if only else await _found(uow, q)
        found = await movement_store.find_levels(uow, LevelFilter(place, ids, low), after, limit)
        page = Page.cut(found, limit, key=lambda each: (str(each.product_id.uuid), str(each.warehouse.id.uuid)))
        return await _shown(uow, page)

    return edge.page(_LEVELS, await edge.read(read), lambda shown: shown)


async def _found(uow: UnitOfWork, q: str | None) -> list[ProductId] | None:
    if not q:
        return None
    return [product.id for product in await catalogue.find_products(uow, ProductFilter(q), None, _FOUND_BY_WORDS)]


async def _shown(uow: UnitOfWork, page: Page[Level]) -> Page[schemas.StockLevelOut]:
    products = await catalogue.products_by_ids(uow, list({each.product_id for each in page.items}))
    accounts = await ledger.accounts_by_ids(uow, [each.account_id for each in page.items])
    return page.map(
        lambda each: schemas.StockLevelOut.of(each, accounts[each.account_id].balance, products.get(each.product_id))
    )


@router.put("/reorder-points", response_model=schemas.StockLevelOut)
@refuses(errors.WarehouseMissing, catalogue.ProductMissing)
async def set_reorder_point(body: schemas.ReorderIn, edge: Edge = requires(_MOVE)) -> Response:
    """Say when it is time to buy a product again."""
    place = schemas.warehouse_id(body.warehouse_id)
    product = id_text(ProductId, body.product_id, "product_id")
    at = Quantity.parse(body.reorder_at) if body.reorder_at is not None else None

    async def work(uow: UnitOfWork) -> schemas.StockLevelOut:
        level = await service.set_reorder_point(uow, place, product, at)
        return (await _shown(uow, Page([level]))).items[0]

    return await edge.write(work, lambda shown: shown)


@router.get("/movements", response_model=ListOf[schemas.StockMovementOut])
async def list_movements(
    edge: Edge = requires(_READ),
    warehouse_id: str | None = None,
    product_id: str | None = None,
    kind: Kind | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Movements, the last recorded first."""
    wanted = MovementFilter(
        warehouse_id=schemas.warehouse_id(warehouse_id) if warehouse_id else None,
        product_id=id_text(ProductId, product_id, "product_id") if product_id else None,
        kind=kind,
    )
    key = edge.cursor(_MOVEMENTS, cursor)
    before = MovementId(UUID(key[0])) if key else None

    async def read(uow: UnitOfWork) -> Page[schemas.StockMovementOut]:
        found = await movement_store.find_movements(uow, wanted, before, limit)
        page = Page.cut(found, limit, key=lambda each: (str(each.id.uuid),))
        products = await catalogue.products_by_ids(uow, list({each.product_id for each in page.items}))
        return page.map(lambda each: schemas.StockMovementOut.of(each, products.get(each.product_id)))

    return edge.page(_MOVEMENTS, await edge.read(read), lambda shown: shown)


@router.get("/movements/{stock_movement_id}", response_model=schemas.StockMovementOut)
@refuses(errors.MovementMissing)
async def show_movement(stock_movement_id: str, edge: Edge = requires(_READ)) -> schemas.StockMovementOut:
    """One movement."""
    wanted = id_text(MovementId, stock_movement_id, "stock_movement_id")

    async def read(uow: UnitOfWork) -> schemas.StockMovementOut:
        found = await service.get_movement(uow, wanted)
        products = await catalogue.products_by_ids(uow, [found.product_id])
        return schemas.StockMovementOut.of(found, products.get(found.product_id))

    return await edge.read(read)


@router.post("/receipts", status_code=201, response_model=schemas.StockMovedOut)
@refuses(*_MOVING)
async def receive_goods(body: schemas.StockReceiptIn, edge: Edge = requires(_MOVE)) -> Response:
    """Take goods in at what they cost."""
    place = schemas.warehouse_id(body.warehouse_id)
    lines = [line.received() for line in body.lines]
    return await _move(edge, lambda uow: service.receive(uow, place, lines, body.occasion(), Against(body.source)))


@router.post("/deliveries", status_code=201, response_model=schemas.StockMovedOut)
@refuses(*_MOVING)
async def deliver_goods(body: schemas.StockDeliveryIn, edge: Edge = requires(_MOVE)) -> Response:
    """Give goods out; their cost becomes cost of goods."""
    place = schemas.warehouse_id(body.warehouse_id)
    lines = [line.line() for line in body.lines]
    return await _move(edge, lambda uow: service.deliver(uow, place, lines, body.occasion()))


@router.post("/supplier-returns", status_code=201, response_model=schemas.StockMovedOut)
@refuses(*_MOVING)
async def give_goods_back(body: schemas.StockDeliveryIn, edge: Edge = requires(_MOVE)) -> Response:
    """Give goods back to their supplier."""
    place = schemas.warehouse_id(body.warehouse_id)
    lines = [line.line() for line in body.lines]
    return await _move(edge, lambda uow: service.return_out(uow, place, lines, body.occasion()))


@router.post("/movements/{stock_movement_id}/return", status_code=201, response_model=schemas.StockMovedOut)
@refuses(errors.MovementMissing, errors.ReturnedTooMuch, *_MOVING)
async def take_goods_back(
    stock_movement_id: str, body: schemas.StockReturnIn, edge: Edge = requires(_MOVE)
) -> Response:
    """Take goods of a delivery back, at the cost they left with."""
    line = body.line(id_text(MovementId, stock_movement_id, "stock_movement_id"))
    return await _move(edge, lambda uow: service.return_in(uow, [line], body.occasion()))


@router.post("/adjustments", status_code=201, response_model=schemas.StockMovedOut)
@refuses(*_MOVING)
async def adjust_stock(body: schemas.StockAdjustmentIn, edge: Edge = requires(_MOVE)) -> Response:
    """Write goods off, or in."""
    place, product, cost = schemas.warehouse_id(body.warehouse_id), body.goods.product(), body.goods.cost()
    return await _move(edge, lambda uow: service.adjust(uow, place, product, body.change(), body.occasion(), cost))


@router.post("/counts", status_code=201, response_model=schemas.StockMovedOut)
@refuses(*_MOVING)
async def count_stock(body: schemas.StockCountIn, edge: Edge = requires(_MOVE)) -> Response:
    """Make stock what was counted."""
    place = schemas.warehouse_id(body.warehouse_id)
    return await _move(edge, lambda uow: service.count(uow, place, body.counted(), body.occasion()))


@router.post("/transfers", status_code=201, response_model=schemas.StockMovedOut)
@refuses(*_MOVING)
async def transfer_goods(body: schemas.StockTransferIn, edge: Edge = requires(_MOVE)) -> Response:
    """Carry goods to another warehouse."""
    source = schemas.warehouse_id(body.warehouse_id)
    target = schemas.warehouse_id(body.to_warehouse_id, "to_warehouse_id")
    lines = [line.line() for line in body.lines]
    return await _move(edge, lambda uow: service.transfer(uow, source, target, lines, body.occasion()))
