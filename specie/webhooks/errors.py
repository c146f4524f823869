"""Refusals of webhooks."""

from specie.kernel.errors import Conflict


class TooManyEndpoints(Conflict):
    """The tenant, or the limited party, has as many endpoints as it may have."""

    code = "webhook_endpoints_full"
    title = "Too many webhook endpoints"


class EndpointNotEnabled(Conflict):
    """Nothing is sent to an endpoint that is paused or disabled; enable it first."""

    code = "webhook_endpoint_not_enabled"
    title = "The endpoint is not enabled"


class DeliveryInProgress(Conflict):
    """The delivery is being sent at this moment."""

    code = "webhook_delivery_in_progress"
    title = "The delivery is being sent"
