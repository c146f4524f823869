"""Every refusal of portals."""

from specie.kernel.errors import NotFound


class PortalMissing(NotFound):
    """The customer has no portal, or it was withdrawn."""

    code = "portal_not_found"
    title = "No such portal"
