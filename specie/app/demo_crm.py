"""Customer relations in the demo: companies with contacts, deals at every stage, notes, things to do and a merge."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from specie import identity, parties
from specie.app.demo_people import Cast, specimen
from specie.app.wiring import Services
from specie.crm import opportunities, store, working
from specie.crm.attaching import Cabinet
from specie.crm.merging import merge
from specie.crm.model import ActivityKind, CrmFile, Opportunity, Pipeline, StageDraft, StageId
from specie.crm.opportunities import Desk, NewOpportunity
from specie.crm.pipelines import create
from specie.crm.working import NewActivity
from specie.identity import Role
from specie.kernel.ids import PartyId, UserId
from specie.kernel.money import Money
from specie.kernel.scope import Scope
from specie.parties import PartyKind
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.storage import Note

At = Callable[[timedelta], Scope]

COMPANIES = {
    "Toko Maju Jaya": ("Dewi Lestari", "dewi@example.com", "Buys for all three shops"),
    "Hotel Bunga Melati": ("Rizky Pratama", "rizky@example.com", "Food and beverage manager"),
    "Koperasi Cahaya": ("Wayan Sudarta", "wayan@example.com", "Treasurer"),
    "Sekolah Harapan": ("Maria Tan", "maria@example.com", "Head of the canteen"),
}


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity of the demo: begun so many days ago, expected to close in so many, now at a stage."""

    company: str
    title: str
    minor: int
    began: int
    closes_in: int
    stage: str
    currency: str = "IDR"
    reason: str | None = None


DEALS = (
    Deal("Toko Maju Jaya", "House blend for three shops, one year", 96_000_000_00, 34, 12, "Agreed"),
    Deal("Toko Maju Jaya", "Two grinders for the new shop", 18_500_000_00, 9, 30, "Talking"),
    Deal("Hotel Bunga Melati", "Breakfast coffee, 240 rooms", 210_000_000_00, 28, 25, "Offer sent"),
    Deal("Hotel Bunga Melati", "Barista training, two days", 12_000_000_00, 6, 40, "New"),
    Deal("Hotel Bunga Melati", "Drip bags for the minibar", 64_000_000_00, 60, -20, "Won"),
    Deal("Koperasi Cahaya", "Green beans, first container", 1_450_000, 15, 55, "Talking", "JPY"),
    Deal("Koperasi Cahaya", "Roasting on their own account", 75_000_000_00, 3, 70, "New"),
    Deal("Sekolah Harapan", "Cocoa for the canteen", 9_600_000_00, 20, 8, "Offer sent"),
    Deal("Sekolah Harapan", "Vending machines", 45_000_000_00, 50, -5, "Lost", reason="They lease from another"),
)
NOTES = (
    (
        "Hotel Bunga Melati",
        5,
        "Tasting went well: they prefer the Gayo. @Agus Wijaya, can we hold the price for a year?",
    ),
    ("Toko Maju Jaya", 3, "Contract is with their lawyer, back by the end of next week."),
    ("Koperasi Cahaya", 1, "Asked for samples of the natural lot."),
)
TO_DO = (
    ("Hotel Bunga Melati", ActivityKind.CALL, "Answer about the price", -1),
    ("Toko Maju Jaya", ActivityKind.MEETING, "Sign the contract", 4),
    ("Koperasi Cahaya", ActivityKind.TASK, "Send three samples", 2),
    ("Sekolah Harapan", ActivityKind.CALL, "Ask whether they have decided", 6),
)


async def tell(services: Services, at: At, cast: Cast) -> None:
    """Make what a sales team has after two months."""
    desk = Desk(services.vault, services.identity)
    companies, deals = await _customers(services, at), {}
    async with services.db.begin(at(timedelta(days=60))) as uow:
        pipeline, seller, helper = await _team(uow, services)
        crash_point("demo.crm.team")
    for deal in DEALS:
        async with services.db.begin(at(timedelta(days=deal.began))) as uow:
            deals[deal.title] = await _begin(uow, desk, pipeline, companies[deal.company], seller, deal)
            crash_point("demo.crm.deal")
        async with services.db.begin(at(timedelta(days=deal.began // 2))) as uow:
            await _move(uow, services, pipeline, deals[deal.title], deal)
            crash_point("demo.crm.moved")
    await _talk(services, at, desk, companies, seller, helper)
    await _duplicate(services, at, cast)


async def _customers(services: Services, at: At) -> dict[str, PartyId]:
    made: dict[str, PartyId] = {}
    async with services.db.begin(at(timedelta(days=62))) as uow:
        for name, (person, email, position) in COMPANIES.items():
            made[name] = await _party(
                uow, services, PartyKind.COMPANY, name, f"office@{name.split()[1].lower()}.example"
            )
            contact = await _party(uow, services, PartyKind.PERSON, person, email)
            await working.add_contact(uow, services.vault, made[name], contact, position)
        crash_point("demo.crm.customers")
    return made


async def _party(uow: UnitOfWork, services: Services, kind: PartyKind, name: str, email: str) -> PartyId:
    known = {"name": name, "email": email}
    return (await parties.create_party(uow, services.vault, kind=kind, roles=["customer"], known=known)).id


async def _team(uow: UnitOfWork, services: Services) -> tuple[Pipeline, UserId, UserId]:
    page = await identity.members(uow, services.identity, None, 100)
    by_role = {member.role: member.user.id for member in page.items}
    pipeline = (await store.pipelines(uow))[0]
    repairs = [StageDraft(None, stage.name, stage.outcome, stage.probability_bps) for stage in pipeline.stages]
    await create(uow, "Repairs", repairs)
    return pipeline, by_role[Role.SALES], by_role[Role.ADMIN]


async def _begin(
    uow: UnitOfWork, desk: Desk, pipeline: Pipeline, company: PartyId, seller: UserId, deal: Deal
) -> Opportunity:
    closes = (uow.now + timedelta(days=deal.began + deal.closes_in)).date()
    amount = Money.of(deal.minor, deal.currency)
    return await opportunities.create(
        uow, desk, NewOpportunity(pipeline.id, company, deal.title, amount, closes, seller)
    )


async def _move(uow: UnitOfWork, services: Services, pipeline: Pipeline, made: Opportunity, deal: Deal) -> None:
    stage = _stage(pipeline, deal.stage)
    if stage != made.stage_id:
        await opportunities.move(uow, services.vault, made.id, made.version, stage, deal.reason)


def _stage(pipeline: Pipeline, name: str) -> StageId:
    return next(stage.id for stage in pipeline.stages if stage.name == name)


async def _talk(
    services: Services, at: At, desk: Desk, companies: dict[str, PartyId], seller: UserId, helper: UserId
) -> None:
    for company, ago, body in NOTES:
        async with services.db.begin(at(timedelta(days=ago))) as uow:
            await working.write_note(uow, desk, companies[company], body, [helper] if "@" in body else [])
            crash_point("demo.crm.note")
    async with services.db.begin(at(timedelta(days=2))) as uow:
        for company, kind, subject, days in TO_DO:
            due_at = uow.now + timedelta(days=2 + days)
            await working.plan(uow, desk, NewActivity(companies[company], kind, subject, due_at, seller))
        crash_point("demo.crm.to_do")
    cabinet = Cabinet(services.db, services.vault, services.storage)
    scope = at(timedelta(days=4))

    async def write(note: Note[CrmFile]) -> CrmFile:
        return await services.db.run(scope, note, label="demo.crm.file")

    hotel = companies["Hotel Bunga Melati"]
    await cabinet.attach(scope, hotel, "tasting-sheet.png", specimen("Tasting sheet"), write)


async def _duplicate(services: Services, at: At, cast: Cast) -> None:
    """Somebody entered twice, found to be one."""
    async with services.db.begin(at(timedelta(days=8))) as uow:
        twin = await _party(uow, services, PartyKind.PERSON, "Budi S. (WhatsApp)", "budi.s@example.com")
        desk = Desk(services.vault, services.identity)
        await working.write_note(uow, desk, twin, "Asked whether the shop opens on Sundays.")
        crash_point("demo.crm.twin")
    async with services.db.begin(at(timedelta(days=1))) as uow:
        await merge(uow, services.vault, cast.parties["budi"], twin)
        crash_point("demo.crm.merged")
