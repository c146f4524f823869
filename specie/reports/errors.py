"""What reports refuse."""

from specie.kernel.errors import Conflict, InvalidField, NotFound


class NotExplainable(NotFound):
    """The text is no id of a kind that can be explained, or the caller does not see the whole books."""

    code = "not_explainable"
    title = "Nothing to explain"


class PeriodInvalid(InvalidField):
    """The days do not make a period, or a file of it would be too long."""

    code = "period_invalid"
    title = "Not a period"


class BooksCopyMissing(NotFound):
    """There is no such copy of the books, or it has been taken away because it was too old."""

    code = "books_copy_unknown"
    title = "No such copy of the books"


class BooksCopyExists(Conflict):
    """The tenant's day has its copy in this format; nobody asks for another."""

    code = "books_copy_exists"
    title = "The day has its copy"
    is_decision = True
