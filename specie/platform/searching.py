"""What a person types into a list's search box, as conditions that an index answers at any size."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, collate, func, literal, or_

COLLATION = "pg_c_utf8"
_LAST = "\U0010ffff"
_LARGEST_NUMBER = 2**63 - 1


def search_key(column: str) -> sa.Column[str]:
    """The column with another's text in small letters, which the database keeps itself."""
    kept = sa.Computed(f'lower({column} collate "{COLLATION}")', persisted=True)
    return sa.Column(f"{column}_key", sa.Text(collation=COLLATION), kept)


def key_of(text: str) -> str:
    """A text as its `search_key` keeps it: letter by letter, as the collation has each in small."""
    return "".join(each.lower()[0] for each in text)


def begins(key: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether the text of a `search_key` begins like this, in letters of any size.

    A comparison and not `like`: under row security an index answers only what gives nothing away of other rows.
    """
    small = func.lower(collate(literal(text), COLLATION))
    return and_(key >= small, key < small + _LAST)


def is_numbered(key: ColumnElement[Any], n: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a document's number begins like this, or is this figure: 13 and 00013 find INV-00013.

    `key` is the number's `search_key` and `n` its figure; an index each answers it.
    """
    if text.isdecimal() and int(text) <= _LARGEST_NUMBER:
        return or_(begins(key, text), n == int(text))
    return begins(key, text)
