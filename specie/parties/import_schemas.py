"""Wire shapes of files of customers and suppliers."""

from pydantic import Field

from specie.parties.importing import MOST_SHOWN, Fate, Judged, Row
from specie.platform.http import Schema


class PartyRowOut(Schema):
    """What becomes of a row of a file: new, known (somebody who is left as they are) or refused."""

    number: int = Field(description="Its row in the file")
    status: str
    name: str
    party_id: str | None = Field(description="Who is here already")
    code: str | None
    field: str | None
    problem: str | None

    @classmethod
    def of(cls, row: Row) -> "PartyRowOut":
        """The wire form."""
        return cls(
            number=row.number,
            status=str(row.fate),
            name=row.name,
            party_id=str(row.known) if row.known else None,
            code=row.code,
            field=row.field,
            problem=row.problem,
        )


class PartyImportOut(Schema):
    """A file judged, and taken in unless this was a dry run.

    `rows`, in a dry run only, are the first 200, refused and known ones first.
    """

    new: int
    known: int
    refused: int
    rows: list[PartyRowOut]

    @classmethod
    def of(cls, judged: Judged, *, shows_rows: bool) -> "PartyImportOut":
        """The wire form."""
        order = [Fate.REFUSED, Fate.KNOWN, Fate.NEW]
        telling = sorted(judged.rows, key=lambda row: (order.index(row.fate), row.number)) if shows_rows else []
        return cls(
            new=judged.count(Fate.NEW),
            known=judged.count(Fate.KNOWN),
            refused=judged.count(Fate.REFUSED),
            rows=[PartyRowOut.of(row) for row in telling[:MOST_SHOWN]],
        )
