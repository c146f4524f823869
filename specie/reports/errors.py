"""What reports refuse."""

from specie.kernel.errors import InvalidField, NotFound


class NotExplainable(NotFound):
    """The text is no id of a kind that can be explained, or the caller does not see the whole books."""

    code = "not_explainable"
    title = "Nothing to explain"


class PeriodInvalid(InvalidField):
    """The days do not make a period, or a file of it would be too long."""

    code = "period_invalid"
    title = "Not a period"
