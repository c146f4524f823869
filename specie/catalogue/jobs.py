"""Background edge: long files of products come in."""

from specie.catalogue import import_runs
from specie.catalogue.model import ProductImportId
from specie.platform.jobs import JobContext, job


@job(import_runs.IMPORT)
async def import_products(context: JobContext, product_import_id: str) -> None:
    """Check a file and take it in; repeating does no harm."""
    await import_runs.carry_out(context.db, context.scope, ProductImportId.parse(product_import_id))
