"""What was remembered instead of asked for, and how the rows behind it prove it where something is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from specie.kernel.scope import Scope


class Outdated(Exception):
    """What a request was made from is no longer so. Nothing was written and its key is free: make it anew."""


@dataclass(frozen=True, slots=True)
class Basis:
    """Rows that something was made from without asking for them again, by id, in the versions that were read.

    `query` gives id and version of the rows as they are now, for a tenant and an array of ids.
    """

    query: str
    versions: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Remembered:
    """Who asks, as found a moment ago. It holds for what is written only while its basis does."""

    scope: Scope
    basis: Basis
