"""Stock: what lies in which warehouse, what is promised, what it cost.

Owns warehouses, levels with their layers, movements, reservations and each tenant's policy. What stock is worth is
never kept twice: it is the balance of one account for each product in each warehouse.
"""

from specie.stock.errors import (
    BackdatingUnconfirmed,
    MovedBefore,
    MovementMissing,
    MovementUnfit,
    NotStocked,
    OutOfStock,
    ReturnedTooMuch,
    WarehouseMissing,
)
from specie.stock.invariants import INVARIANTS
from specie.stock.model import (
    Against,
    Cause,
    DeliverLine,
    Kind,
    Level,
    Method,
    Movement,
    MovementId,
    Policy,
    Promise,
    ReceiveLine,
    Warehouse,
    WarehouseId,
)
from specie.stock.movement_store import LevelFilter, find_levels, movements_of
from specie.stock.moving import Moved, Occasion, require_warehouse
from specie.stock.postings import goods_account
from specie.stock.promise_store import causes_waiting
from specie.stock.promising import promise, promised, release, reserve
from specie.stock.service import (
    ReturnLine,
    add_warehouse,
    adjust,
    count,
    deliver,
    get_movement,
    receive,
    return_in,
    return_out,
    set_method,
    set_policy,
    set_reorder_point,
    transfer,
)
from specie.stock.store import warehouses

__all__ = [
    "INVARIANTS",
    "Against",
    "BackdatingUnconfirmed",
    "Cause",
    "DeliverLine",
    "Kind",
    "Level",
    "LevelFilter",
    "Method",
    "Moved",
    "MovedBefore",
    "Movement",
    "MovementId",
    "MovementMissing",
    "MovementUnfit",
    "NotStocked",
    "Occasion",
    "OutOfStock",
    "Policy",
    "Promise",
    "ReceiveLine",
    "ReturnLine",
    "ReturnedTooMuch",
    "Warehouse",
    "WarehouseId",
    "WarehouseMissing",
    "add_warehouse",
    "adjust",
    "causes_waiting",
    "count",
    "deliver",
    "find_levels",
    "get_movement",
    "goods_account",
    "movements_of",
    "promise",
    "promised",
    "receive",
    "release",
    "require_warehouse",
    "reserve",
    "return_in",
    "return_out",
    "set_method",
    "set_policy",
    "set_reorder_point",
    "transfer",
    "warehouses",
]
