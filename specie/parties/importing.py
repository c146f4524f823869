"""Customers and suppliers from a file by the rules of the form: each row is judged, and all are added or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from pydantic import ValidationError

from specie import audit
from specie.kernel.errors import SpecieError
from specie.kernel.ids import PartyId
from specie.parties import finding, service
from specie.parties.errors import PartyRowsRefused
from specie.parties.finding import Mark
from specie.parties.model import PartyKind, Person
from specie.parties.schemas import PartyIn
from specie.platform.db import UnitOfWork
from specie.platform.row_files import FileRow, Layout
from specie.platform.row_files import read as read_rows
from specie.platform.vault import KeyRing

MAX_ROWS = 1_000
MOST_SHOWN = 200
_CALLED = {"email": "e-mail", "phone": "phone number", "tax_number": "tax number"}
_PLAIN = {
    "name": "a name has 1 to 200 characters",
    "kind": "kind is company or person",
    "roles": "roles are customer, supplier or merchant, several with + between them",
    "country": "a country is two letters, such as ID",
}

LAYOUT = Layout(
    columns=("name", "kind", "roles", "email", "phone", "address", "country", "tax_number"),
    required=frozenset({"name"}),
    rows_called="rows",
    max_rows=MAX_ROWS,
    also={
        "customer": "name",
        "supplier": "name",
        "type": "kind",
        "role": "roles",
        "e-mail": "email",
        "telephone": "phone",
        "mobile": "phone",
        "tax_id": "tax_number",
        "npwp": "tax_number",
    },
)


class Fate(StrEnum):
    """What becomes of a row; who is known already is left as they are."""

    NEW = "new"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """A row judged: what it says, whom it means who is here already, or why it is refused."""

    number: int
    fate: Fate
    name: str
    said: PartyIn | None = None
    known: PartyId | None = None
    code: str | None = None
    field: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A whole file judged."""

    rows: Sequence[Row]

    def count(self, fate: Fate) -> int:
        """How many rows have this fate."""
        return sum(row.fate is fate for row in self.rows)


def read(content: bytes) -> list[FileRow]:
    """The rows of a file of customers or suppliers. Raises ImportRefused for what is no such file."""
    return read_rows(content, LAYOUT)


async def run(uow: UnitOfWork, vault: KeyRing, rows: Sequence[FileRow], role: str, *, is_preview: bool) -> Judged:
    """Judge a file, and add everybody in it who is not known yet; whoever has no role in it gets `role`.

    Raises PartyRowsRefused, having added nobody, when a row is refused.
    """
    judged = await judge(uow, vault, rows, role)
    if is_preview:
        return judged
    refused = judged.count(Fate.REFUSED)
    if refused:
        raise PartyRowsRefused(f"{refused} rows are refused", refused=refused)
    for row in judged.rows:
        if row.fate is Fate.NEW and row.said is not None:
            kind = PartyKind(row.said.kind)
            await service.create_party(uow, vault, kind=kind, roles=row.said.roles, known=row.said.known())
    counts = {str(fate): judged.count(fate) for fate in Fate}
    await audit.record(uow, action="party.import", subject=("tenant", str(uow.scope.tenant_id)), after=counts)
    return judged


async def judge(uow: UnitOfWork, vault: KeyRing, rows: Sequence[FileRow], role: str) -> Judged:
    """What would become of each row; nothing is written."""
    today = uow.business_date
    read_ones = [_read(row, role, today) for row in rows]
    people = [Person().changed(row.said.known(), today) if row.said else Person() for row in read_ones]
    marks = [finding.marks_of(uow, vault, person) for person in people]
    holders = await finding.holders_of(uow, [mark for each in marks for mark in each])
    seen: dict[Mark, int] = {}
    return Judged([_compared(row, mine, holders, seen) for row, mine in zip(read_ones, marks, strict=True)])


def _read(row: FileRow, role: str, today: date) -> Row:
    """What a row says by the rules of the form."""
    name = row.values.get("name", "")
    given = {field: text for field, text in row.values.items() if text}
    given["kind"] = given.get("kind", PartyKind.COMPANY).lower()
    given["country"] = given.get("country", "").upper()
    roles = [word.strip().lower() for word in given.pop("roles", role).split("+")]
    try:
        said = PartyIn.model_validate({**given, "roles": roles})
        Person().changed(said.known(), today)
    except ValidationError as invalid:
        [first, *_] = invalid.errors()
        field = str(first["loc"][0])
        problem = _PLAIN.get(field, first["msg"])
        return Row(row.number, Fate.REFUSED, name, code="field_invalid", field=field, problem=problem)
    except SpecieError as refusal:
        return Row(row.number, Fate.REFUSED, name, code=refusal.code, field=refusal.param, problem=refusal.detail)
    return Row(row.number, Fate.NEW, said.name, said=said)


def _compared(row: Row, marks: Sequence[Mark], holders: dict[Mark, PartyId], seen: dict[Mark, int]) -> Row:
    """A contact or tax number that is somebody's means them; one that stands twice in a file is refused."""
    for mark in marks:
        called = _CALLED[mark.field]
        first = seen.setdefault(mark, row.number)
        if first != row.number:
            problem = f"row {first} has this {called} already"
            return replace(row, fate=Fate.REFUSED, code="row_repeated", field=mark.field, problem=problem)
    for mark in marks:
        if mark in holders:
            problem = f"somebody with this {_CALLED[mark.field]} is here already"
            return replace(row, fate=Fate.KNOWN, known=holders[mark], field=mark.field, problem=problem)
    return row
