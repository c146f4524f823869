"""Long files of products: written down at once, then checked and taken in by a job, all rows of a file or none.

One transaction takes the whole file in, a part at a time, so that memory does not grow with the file. How far it is
stands in the file's own row, written by other units of work, which others see before that transaction ends.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Any

from specie import audit
from specie.catalogue import import_file, import_store, importing
from specie.catalogue.errors import ProductImportMissing
from specie.catalogue.importing import MOST_SHOWN, Fate, Row
from specie.catalogue.model import ImportRun, ProductImportId, RunState
from specie.platform import jobs
from specie.platform.db import UnitOfWork

IMPORT = "catalogue.import_products"
_PART = 1000

Progress = Callable[[int], Awaitable[None]]


@dataclass
class Tally:
    """What became of the rows so far; of those worth telling, the first few are kept."""

    counts: dict[Fate, int] = field(default_factory=lambda: dict.fromkeys(Fate, 0))
    refused: list[Row] = field(default_factory=list)
    doubtful: list[Row] = field(default_factory=list)

    def add(self, rows: list[Row]) -> None:
        """Count some rows."""
        for row in rows:
            self.counts[row.fate] += 1
            kept = self.refused if row.fate is Fate.REFUSED else self.doubtful if row.warning else None
            if kept is not None and len(kept) < MOST_SHOWN:
                kept.append(row)

    @property
    def total(self) -> int:
        """How many rows have been looked at."""
        return sum(self.counts.values())

    def told(self) -> list[dict[str, Any]]:
        """The rows worth telling, refused ones first."""
        return [importing.told(row) for row in [*self.refused, *self.doubtful][:MOST_SHOWN]]


class RowsRefused(Exception):
    """Some rows are refused, so the transaction that took the others in is undone."""

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self.tally = tally


async def begin(
    uow: UnitOfWork, name: str, content: bytes, total_rows: int, *, skips_refused: bool
) -> tuple[ImportRun, bool]:
    """Write a file down, to be taken in by a job; and whether the same file is known already, which changes nothing."""
    digest = sha256(content).digest()
    new = ImportRun(
        id=ProductImportId.new(),
        name=name,
        skips_refused=skips_refused,
        state=RunState.WAITING,
        total_rows=total_rows,
        created_at=uow.now,
        created_by=str(uow.scope.actor),
    )
    if not await import_store.insert_run(uow, new, digest, content):
        known = await import_store.run_by_digest(uow, digest)
        if known is not None:
            return known, True
    after = {"rows": total_rows, "skips_refused": skips_refused}
    await audit.record(uow, action="catalogue.import.ask", subject=("product_import", str(new.id)), after=after)
    await jobs.defer(uow, IMPORT, product_import_id=str(new.id))
    return new, False


async def get(uow: UnitOfWork, run_id: ProductImportId) -> ImportRun:
    """One file and what came of it. Raises ProductImportMissing."""
    found = await import_store.run_by_id(uow, run_id)
    if found is None:
        raise ProductImportMissing(f"there is no import {run_id}")
    return found


async def take_in(uow: UnitOfWork, run_id: ProductImportId, note: Progress) -> None:
    """Take a file in that waits, telling `note` after each part how many rows have been looked at.

    Raises RowsRefused when rows are refused that may not be left out, or SkuTaken where somebody was quicker.
    """
    await import_store.lock(uow)
    content = await import_store.content_of(uow, run_id)
    if content is None:
        return
    run = await get(uow, run_id)
    rates = await importing.rates_in_use(uow)
    seen, tally = importing.Seen(), Tally()
    rows = import_file.stream(content)
    # Reading a workbook takes a while, and other jobs want to go on meanwhile.
    while part := await asyncio.to_thread(list, islice(rows, _PART)):
        judged = await importing.judge_part(uow, part, rates, seen)
        tally.add(judged)
        if run.skips_refused or not tally.counts[Fate.REFUSED]:
            await importing.take_in(uow, judged)
        await note(tally.total)
    if tally.counts[Fate.REFUSED] and not run.skips_refused:
        raise RowsRefused(tally)
    await import_store.finish(uow, run_id, RunState.DONE, tally.counts, tally.told())
    counts = {str(fate): number for fate, number in tally.counts.items()}
    await audit.record(uow, action="catalogue.import", subject=("product_import", str(run_id)), after=counts)


async def refuse(uow: UnitOfWork, run_id: ProductImportId, tally: Tally, problem: str | None) -> None:
    """Write down why a file was not taken in: its refused rows, or what is wrong with it as a whole."""
    await import_store.finish(uow, run_id, RunState.REFUSED, tally.counts, tally.told(), problem)
    after = {"refused": tally.counts[Fate.REFUSED], "problem": problem}
    await audit.record(uow, action="catalogue.import.refuse", subject=("product_import", str(run_id)), after=after)
