"""Who plays in the demo: one user for each role, the merchant, and its customers."""

import io
from dataclasses import dataclass

from PIL import Image, ImageDraw

from specie import parties, wallets
from specie.app.wiring import Services
from specie.identity import service
from specie.identity.model import Role, Tenant
from specie.identity.scopes import system_scope
from specie.identity.service import NewUser
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.parties.documents import Files, upload
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork

CURRENCIES = ("IDR", "JPY", "KWD")


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody who logs in. Customers begin as strangers; `verification` says how far they have come since."""

    login: str
    name: str
    role: Role
    verification: str = ""
    phone: str = ""

    @property
    def email(self) -> str:
        """The address; the domain is reserved for examples, so no mail can leave."""
        return f"{self.login}@warung-kopi.example"

    @property
    def title(self) -> str:
        """The role as people say it."""
        waiting = " waiting for review" if self.verification == "submitted" else ""
        return f"{self.role.value}{waiting}"


CAST = (
    Player("owner", "Ibu Ratna", Role.OWNER),
    Player("admin", "Agus Wijaya", Role.ADMIN),
    Player("finance", "Fitri Handayani", Role.FINANCE),
    Player("operator", "Oki Setiawan", Role.OPERATOR),
    Player("sales", "Satrio Nugroho", Role.SALES),
    Player("viewer", "Vina Lestari", Role.VIEWER),
    Player("merchant", "Kedai Senja", Role.MERCHANT, "approved", "+62 812 1000 0001"),
    Player("budi", "Budi Santoso", Role.CUSTOMER, "approved", "+62 812 1000 0002"),
    Player("sari", "Sari Dewanti", Role.CUSTOMER, "approved", "+62 812 1000 0003"),
    Player("dewi", "Dewi Anggraini", Role.CUSTOMER, "submitted", "+62 812 1000 0004"),
)


def _rupiah(whole: int) -> Money:
    return Money.of(whole * 100, "IDR")


LIMITS = (
    wallets.LimitPolicy(
        *("unverified", Currency.of("IDR"), _rupiah(1_000_000), _rupiah(2_000_000), _rupiah(10_000_000)),
        balance=_rupiah(5_000_000),
    ),
    # No cap on the balance: the shop is in this tier as well.
    wallets.LimitPolicy(
        *("verified", Currency.of("IDR"), _rupiah(10_000_000), _rupiah(25_000_000), _rupiah(100_000_000)),
    ),
)
"""What people may send before they are verified, and after."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The parties behind the players who have one, by login."""

    parties: dict[str, PartyId]

    @property
    def merchant(self) -> PartyId:
        """The shop."""
        return self.parties["merchant"]


async def invite(services: Services, sandbox: Tenant, passwords: dict[str, str]) -> Cast:
    """Make users, memberships, parties and wallets."""
    made: dict[str, PartyId] = {}
    for player in CAST:
        hashed = await services.identity.hasher.hash(passwords[player.login])
        async with services.db.begin(system_scope(sandbox, "demo")) as uow:
            party_id = await _party(uow, services, player) if player.role.is_limited_to_party else None
            user_id = await service.create_user(uow, services.identity, NewUser(player.email, player.name, hashed))
            await service.add_member(uow, user_id, player.role, party_id=party_id)
            crash_point("demo.player.made")
        if party_id is not None:
            made[player.login] = party_id
            await _verify(services, sandbox, player, party_id)
    return Cast(made)


async def set_limits(services: Services, sandbox: Tenant) -> None:
    """Put the tiers under their limits; a job brings the wallets under them within moments."""
    async with services.db.begin(system_scope(sandbox, "demo")) as uow:
        for policy in LIMITS:
            await wallets.set_policy(uow, policy)
        crash_point("demo.limits.set")


async def _party(uow: UnitOfWork, services: Services, player: Player) -> PartyId:
    is_shop = player.role is Role.MERCHANT
    party = await parties.create_party(
        uow,
        services.vault,
        kind=parties.PartyKind.COMPANY if is_shop else parties.PartyKind.PERSON,
        roles=["merchant" if is_shop else "customer"],
        known={"name": player.name, "email": player.email, "phone": player.phone},
    )
    for code in CURRENCIES:
        await wallets.ensure_wallet(uow, party.id, Currency.of(code))
    return party.id


async def _verify(services: Services, sandbox: Tenant, player: Player, party_id: PartyId) -> None:
    files = Files(services.db, services.vault, services.storage)
    scope = system_scope(sandbox, "demo")
    await upload(files, scope, party_id, kind="id_card", declared_name="id-card.png", data=specimen(player.name))
    known = {
        "birth_date": "1991-04-17",
        "address": "Jalan Senopati 12, Jakarta",
        "national_id": f"31740{party_id.uuid.int % 10**11:011d}",
    }
    async with services.db.begin(scope) as uow:
        await parties.submit_kyc(uow, services.vault, party_id, known)
        if player.verification == "approved":
            await parties.approve_kyc(uow, services.vault, party_id, "the document matches")
        crash_point("demo.player.verified")


def specimen(name: str) -> bytes:
    """A picture of no real document, which says so."""
    card = Image.new("RGB", (480, 300), "#e9e4d8")
    pen = ImageDraw.Draw(card)
    pen.text((30, 40), "SPECIMEN - NOT A DOCUMENT", fill="#7a2d1a")
    pen.text((30, 120), name, fill="#222222")
    buffer = io.BytesIO()
    card.save(buffer, "PNG")
    return buffer.getvalue()
