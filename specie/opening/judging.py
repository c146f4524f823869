"""What the lines of a file mean in a tenant's books: which account each is about, and why one cannot be.

Nothing is written here. Everything is looked up for the whole file at once, so that a long one takes few questions.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from specie import catalogue, ledger, parties, stock, wallets
from specie.catalogue import Product, ProductKind, State
from specie.kernel.errors import SpecieError
from specie.kernel.ids import EntryId, InvalidId, PartyId
from specie.kernel.permissions import Permission
from specie.ledger import Account
from specie.opening import documents, store
from specie.opening.errors import OpeningLineUnfit
from specie.opening.model import AccountPlace, DocumentPlace, GoodsPlace, Line, OpeningImportId, PursePlace
from specie.opening.reading import (
    Asked,
    AskedAccount,
    AskedDocument,
    AskedGoods,
    AskedPurse,
    is_kept_by_module,
    read_line,
)
from specie.platform.db import UnitOfWork
from specie.platform.row_files import FileRow
from specie.platform.vault import KeyRing
from specie.stock import Warehouse


@dataclass(frozen=True, slots=True)
class _Known:
    """What is there already of what a file names."""

    accounts: dict[tuple[str, str], Account]
    parties: dict[str, list[PartyId]]
    products: dict[str, Product]
    warehouses: dict[str, Warehouse]
    may_open: bool
    cut_over_on: date


async def judge(uow: UnitOfWork, vault: KeyRing, rows: Sequence[FileRow], cut_over_on: date) -> list[Line]:
    """Each row as a line, with what it brings to which account, or with the reason why it is refused."""
    read = [_read(row) for row in rows]
    asked = [each for _, each in read if each is not None]
    known = _Known(
        accounts=await ledger.accounts_by_codes(uow, {one.code for one in asked if isinstance(one, AskedAccount)}),
        parties=await _parties(uow, vault, {one.party for one in asked if isinstance(one, AskedPurse | AskedDocument)}),
        products=await catalogue.products_by_skus(uow, {one.sku for one in asked if isinstance(one, AskedGoods)}),
        warehouses={one.code.lower(): one for one in (await stock.warehouses(uow)).values()},
        may_open=uow.scope.allows(Permission.LEDGER_ADMIN),
        cut_over_on=cut_over_on,
    )
    placed = [line if one is None else _placed(line, one, known) for line, one in read]
    return await _compared(uow, _once(placed))


def _read(row: FileRow) -> tuple[Line, Asked | None]:
    line = Line(row.number)
    try:
        return line, read_line(row)
    except SpecieError as refusal:
        return _refused(line, refusal), None


def _refused(line: Line, refusal: SpecieError) -> Line:
    return line.refused(refusal.code, refusal.param, refusal.detail)


async def _parties(uow: UnitOfWork, vault: KeyRing, said: set[str]) -> dict[str, list[PartyId]]:
    """The parties that these ids, e-mail addresses and phone numbers name, those that have been erased left out."""
    found: dict[str, list[PartyId]] = {}
    for text in said:
        with suppress(InvalidId):
            found[text] = [PartyId.parse(text)]
    found |= await parties.all_with_contacts(uow, vault, said - found.keys())
    living = await parties.roles_of(uow, {each for ids in found.values() for each in ids})
    return {text: [each for each in ids if each in living] for text, ids in found.items()}


def _placed(line: Line, asked: Asked, known: _Known) -> Line:
    try:
        if isinstance(asked, AskedAccount):
            return _account(line, asked, known)
        if isinstance(asked, AskedDocument):
            return _document(line, asked, known)
        return _purse(line, asked, known) if isinstance(asked, AskedPurse) else _goods(line, asked, known)
    except SpecieError as refusal:
        return _refused(line, refusal)


def _account(line: Line, asked: AskedAccount, known: _Known) -> Line:
    found = known.accounts.get((asked.code, asked.amount.currency.code))
    kind = found.type if found else asked.type
    if kind is None:
        detail = f"there is no {asked.code} in {asked.amount.currency}; give its type and it is opened"
        raise OpeningLineUnfit(detail, param="account")
    keeper = ledger.keeper_of(asked.code)
    if keeper is not None and not keeper.takes_journals:
        raise OpeningLineUnfit(f"{asked.code} is kept by {keeper.name}: {keeper.instead}", param="account")
    if found is None:
        _require_may_open(asked, known)
    return replace(line, place=AccountPlace(asked.code, kind, asked.name), amount=asked.amount)


def _require_may_open(asked: AskedAccount, known: _Known) -> None:
    if is_kept_by_module(asked.code):
        detail = f"{asked.code} is of a kind that is opened with what it is about, such as an invoice or a customer"
        raise OpeningLineUnfit(detail, param="account")
    if not known.may_open:
        detail = f"there is no {asked.code}, and to open it takes the permission {Permission.LEDGER_ADMIN}"
        raise OpeningLineUnfit(detail, param="account")


def _purse(line: Line, asked: AskedPurse, known: _Known) -> Line:
    party_id = _one_party(asked.party, known)
    code = wallets.available_account(party_id, asked.amount.currency, asked.purpose).code
    return replace(line, place=PursePlace(code, party_id, asked.purpose), amount=asked.amount)


def _one_party(said: str, known: _Known) -> PartyId:
    found = known.parties[said]
    if not found:
        raise OpeningLineUnfit("nobody here has this id, e-mail address or phone number", param="party")
    if len(found) > 1:
        # Contacts are not proven: whoever wrote down somebody else's number must not get that one's money.
        raise OpeningLineUnfit("several have this e-mail address or phone number; give the id", param="party")
    return found[0]


def _document(line: Line, asked: AskedDocument, known: _Known) -> Line:
    if asked.issued_on >= known.cut_over_on:
        raise OpeningLineUnfit("it is of the cut-over date or later: write it here like any other", param="issued_on")
    document_id, code = documents.new_id(asked.kind)
    place = DocumentPlace(
        code=code,
        kind=asked.kind,
        document_id=document_id,
        party_id=_one_party(asked.party, known),
        number=asked.number,
        issued_on=asked.issued_on,
        due_on=asked.due_on,
        total=asked.total,
        note=asked.note,
    )
    return replace(line, place=place, amount=asked.open, opens=True)


def _goods(line: Line, asked: AskedGoods, known: _Known) -> Line:
    product, warehouse = known.products.get(asked.sku), known.warehouses.get(asked.warehouse.lower())
    if product is None:
        raise OpeningLineUnfit(f"no product has the SKU {asked.sku}", param="product")
    if product.kind is ProductKind.SERVICE or product.state is State.ARCHIVED:
        is_service = product.kind is ProductKind.SERVICE
        raise OpeningLineUnfit(f"{product.name} is {'a service' if is_service else 'archived'}", param="product")
    if warehouse is None:
        raise OpeningLineUnfit(f"no warehouse has the code {asked.warehouse}", param="warehouse")
    code = stock.goods_account(warehouse, product.id).code
    place = GoodsPlace(code, warehouse.id, product.id, asked.quantity)
    return replace(line, place=place, amount=asked.worth(warehouse.currency))


def _once(lines: Sequence[Line]) -> list[Line]:
    """A place stands in a file once: two lines about it are more often a mistake than a sum."""
    first: dict[tuple[str, str], int] = {}
    told = []
    for line in lines:
        number = first.setdefault(_key(line), line.number) if line.place else line.number
        repeated = line.refused("opening_line_repeated", None, f"line {number} is about the same")
        told.append(line if number == line.number else repeated)
    return told


def _key(line: Line) -> tuple[str, str]:
    """A place and a currency have one account, and a document is one whatever its currency."""
    if isinstance(line.place, DocumentPlace):
        return line.place.key
    return (line.place.code, line.amount.currency.code) if line.place and line.amount is not None else ("", "")


async def _compared(uow: UnitOfWork, lines: Sequence[Line]) -> list[Line]:
    """The lines beside what the books have: whether an account is new, and whether it has an opening balance."""
    lines = await _unknown(uow, lines)
    codes = {line.place.code for line in lines if line.place and not isinstance(line.place, DocumentPlace)}
    there = await ledger.accounts_by_codes(uow, codes)
    before = await _brought_before(uow, codes)
    return [_beside(line, there, before) if line.problem is None else line for line in lines]


async def _unknown(uow: UnitOfWork, lines: Sequence[Line]) -> list[Line]:
    """The lines, those refused whose document is here already or waits for a second person."""
    places = [line.place for line in lines if isinstance(line.place, DocumentPlace)]
    if not places:
        return list(lines)
    here = await documents.known(uow, places)
    waiting = {_key(line): import_id for import_id, line in await store.waiting_documents(uow)}
    return [_unless_known(line, here, waiting) for line in lines]


def _unless_known(line: Line, here: set[tuple[str, str]], waiting: dict[tuple[str, str], OpeningImportId]) -> Line:
    if line.problem is not None or not isinstance(line.place, DocumentPlace):
        return line
    if line.place.key in here:
        return line.refused("opening_line_repeated", "number", documents.known_words(line.place))
    if line.place.key in waiting:
        words = f"{waiting[line.place.key]} has it, and waits for a second person"
        return line.refused("opening_line_repeated", "number", words)
    return line


def _beside(
    line: Line,
    there: dict[tuple[str, str], Account],
    before: dict[tuple[str, str], tuple[OpeningImportId, int]],
) -> Line:
    if isinstance(line.place, DocumentPlace):
        return line
    account, earlier = there.get(_key(line)), before.get(_key(line))
    if earlier is not None:
        cure = "count the stock" if isinstance(line.place, GoodsPlace) else "reverse its entry, or post a manual one"
        words = f"line {earlier[1]} of {earlier[0]} has brought this in; to correct it, {cure}"
        return line.refused("opening_line_repeated", None, words)
    if account is None:
        return replace(line, opens=True)
    if account.balance.minor:
        return replace(line, warning=f"it has {account.balance} already, and this comes on top")
    return line


async def _brought_before(uow: UnitOfWork, codes: set[str]) -> dict[tuple[str, str], tuple[OpeningImportId, int]]:
    """Which line of an earlier import brought each account its balance, and has not been reversed since."""
    found = await store.brought(uow, codes)
    entries: set[EntryId] = {line.entry_id for _, line in found if line.entry_id}
    undone = await ledger.reversed_among(uow, entries)
    return {_key(line): (import_id, line.number) for import_id, line in found if line.entry_id not in undone}
