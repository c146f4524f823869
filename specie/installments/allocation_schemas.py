"""Wire shapes of the order in which a merchant's plans usually pay what is owed."""

from typing import Annotated

from pydantic import Field

from specie.installments.schemas import Kind
from specie.platform.http import Schema


class AllocationIn(Schema):
    """In which order payments pay what is owed by a merchant's plans from now on; each kind once."""

    allocation: Annotated[list[Kind], Field(min_length=4, max_length=4)]


class UsualAllocationOut(Schema):
    """A merchant's usual order; a plan that names none of its own has this one."""

    merchant_id: str
    allocation: list[Kind]
