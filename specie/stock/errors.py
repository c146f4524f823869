"""Every refusal of stock."""

from specie.kernel.errors import Conflict, InvalidField, NotFound


class WarehouseMissing(NotFound):
    """There is no such warehouse here."""

    code = "warehouse_not_found"
    title = "No such warehouse"


class MovementMissing(NotFound):
    """There is no such movement here."""

    code = "stock_movement_not_found"
    title = "No such movement"


class WarehouseTaken(Conflict):
    """Another warehouse has this code."""

    code = "warehouse_taken"
    title = "The code belongs to another warehouse"


class OutOfStock(Conflict):
    """The warehouse has less than is taken; `available` is what it could give, `at` when it was too little."""

    code = "out_of_stock"
    title = "Not enough in stock"


class NotStocked(InvalidField):
    """There is no stock of a service, and none of an archived product is taken in."""

    code = "not_stocked"
    title = "There is no stock of this"


class MovementUnfit(InvalidField):
    """A movement's quantity, cost, time or warehouses cannot be."""

    code = "stock_movement_invalid"
    title = "The movement does not fit"


class BackdatingUnconfirmed(Conflict):
    """The movement lies before others; look at what it changes and confirm it."""

    code = "backdating_unconfirmed"
    title = "This changes stock of days gone by"


class ReturnedTooMuch(Conflict):
    """More would come back than went out."""

    code = "returned_too_much"
    title = "More comes back than went out"


class MovedBefore(Conflict):
    """This line of this document has moved stock already."""

    code = "stock_moved_before"
    title = "The document has moved this already"
