"""Background edge: long files of products come in."""

from specie.catalogue import import_runs, import_store
from specie.catalogue.import_runs import RowsRefused, Tally
from specie.catalogue.model import ProductImportId
from specie.kernel.errors import SpecieError
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext, job


@job(import_runs.IMPORT)
async def import_products(context: JobContext, product_import_id: str) -> None:
    """Check a file and take it in, or write down why not; repeating does no harm."""
    wanted = ProductImportId.parse(product_import_id)

    async def note(done: int) -> None:
        # On its own, so that others see it while the file is still coming in.
        async def write(uow: UnitOfWork) -> None:
            await import_store.note_progress(uow, wanted, done)

        await context.db.run(context.scope, write, label="catalogue.import_progress")

    try:
        await context.db.run(
            context.scope, lambda uow: import_runs.take_in(uow, wanted, note), label="catalogue.import_take_in"
        )
    except RowsRefused as refused:
        await _refuse(context, wanted, refused.tally, None)
    except SpecieError as refusal:
        if refusal.retryable:
            raise
        await _refuse(context, wanted, Tally(), refusal.detail or refusal.title)


async def _refuse(context: JobContext, wanted: ProductImportId, tally: Tally, problem: str | None) -> None:
    await context.db.run(
        context.scope, lambda uow: import_runs.refuse(uow, wanted, tally, problem), label="catalogue.import_refuse"
    )
