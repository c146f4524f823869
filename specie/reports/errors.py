"""What reports refuse."""

from specie.kernel.errors import NotFound


class NotExplainable(NotFound):
    """The text is no id of a kind that can be explained, or the caller does not see the whole books."""

    code = "not_explainable"
    title = "Nothing to explain"
