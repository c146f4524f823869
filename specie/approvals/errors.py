"""Every refusal of approvals."""

from specie.kernel.errors import Conflict, Forbidden, NotFound


class ApprovalMissing(NotFound):
    """There is no such request in this tenant."""

    code = "approval_not_found"
    title = "No such request for approval"


class ApprovalEnded(Conflict):
    """The request has been decided, has run out or was withdrawn."""

    code = "approval_ended"
    title = "The request has ended"


class MakerCannotDecide(Forbidden):
    """Whoever asked may not decide, neither directly nor through a key of their own."""

    code = "maker_cannot_approve"
    title = "Somebody else has to decide"


class ApprovalImpossible(Conflict):
    """What was asked for cannot happen any more; the request stays open, to be refused."""

    code = "approval_impossible"
    title = "What was asked for is not possible any more"
