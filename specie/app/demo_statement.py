"""The demo's statement: what the provider said up to yesterday, with one line missing, one short and one doubled."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from specie import providers, reconciliation
from specie.app.wiring import Services
from specie.identity.model import Tenant
from specie.identity.scopes import system_scope
from specie.kernel.money import Currency, Money
from specie.platform.crashpoints import crash_point
from specie.platform.jobs import JobContext
from specie.reconciliation import CsvMapping, NewSource, SourceKind, StatementLine

_COLUMNS = CsvMapping(
    date="Date", amount="Net", reference="Reference", batch="Settlement", key="Id", text="Kind", currency="Currency"
)
_FEWEST = 4


async def tell(services: Services, sandbox: Tenant, *, days: int) -> None:
    """Reconcile what the simulator owes in rupiah, and behind it the bank account it pays into."""
    scope = system_scope(sandbox, "demo")
    idr = Currency.of("IDR")
    async with services.db.begin(scope) as uow:
        link = (await providers.active_links(uow, services.toolbox))[0]
        source = await reconciliation.create_source(
            uow, NewSource("Simulator, IDR", SourceKind.PROVIDER, link.connection_id, idr, csv=_COLUMNS)
        )
        bank = NewSource("Bank Nusantara, IDR", SourceKind.BANK, link.connection_id, idr, bank="nusantara")
        await reconciliation.create_source(uow, replace(bank, csv=_COLUMNS, late_after_days=3))
        until = uow.now.replace(hour=0, minute=0, second=0, microsecond=0)
        crash_point("demo.sources.made")
    context = JobContext(services.db, scope, services.by_name())
    file = await reconciliation.fetch(context, source.id, until - timedelta(days=days + 1), until)
    [statement] = file.statements
    if len(_payments(statement.lines)) < _FEWEST:
        return
    told = replace(file, statements=[replace(statement, lines=_spoilt(statement.lines))])
    async with services.db.begin(scope) as uow:
        await reconciliation.import_file(uow, source.id, told)
        crash_point("demo.statement.imported")


def _spoilt(lines: Sequence[StatementLine]) -> list[StatementLine]:
    """The lines with the third last payment missing, the one after it short and the last twice."""
    missing, short, last = sorted(_payments(lines), key=lambda line: line.booked_on)[-3:]
    less = Money(short.amount.minor * 9 // 10, short.amount.currency)
    told = [replace(line, amount=less) if line is short else line for line in lines if line is not missing]
    return [*told, replace(last, number=len(lines) + 1)]


def _payments(lines: Sequence[StatementLine]) -> list[StatementLine]:
    return [line for line in lines if line.text == "charge"]
