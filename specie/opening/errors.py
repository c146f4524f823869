"""What bringing an opening position in refuses."""

from specie.kernel.errors import Conflict, InvalidField, NotFound


class OpeningImportMissing(NotFound):
    """There is no such import in this tenant."""

    code = "opening_import_not_found"
    title = "No such import"


class OpeningLineUnfit(InvalidField):
    """A line of the file says something that cannot be; the column is named."""

    code = "opening_line_invalid"
    title = "The line does not fit"


class OpeningHasErrors(Conflict):
    """Some lines are refused, so nothing was posted: an opening position is brought in whole."""

    code = "opening_has_errors"
    title = "Some lines are refused"


class OpeningImported(Conflict):
    """This very file has been brought in, or waits for a second person."""

    code = "opening_imported"
    title = "This file has been brought in"


class CutOverAhead(InvalidField):
    """What a business has is known for days that have begun."""

    code = "cut_over_ahead"
    title = "The cut-over date lies ahead"
