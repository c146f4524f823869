"""Every refusal of customer relations."""

from specie.kernel.errors import Conflict, InvalidField, NotFound


class PipelineMissing(NotFound):
    """There is no such pipeline."""

    code = "pipeline_not_found"
    title = "No such pipeline"


class StageMissing(NotFound):
    """The pipeline has no such stage."""

    code = "stage_not_found"
    title = "No such stage"


class PipelineInvalid(InvalidField):
    """A pipeline needs stages that are open, and at least one each for won and lost."""

    code = "pipeline_invalid"
    title = "This pipeline cannot work"


class StageInUse(Conflict):
    """Opportunities stand at the stage; move them first."""

    code = "stage_in_use"
    title = "Opportunities stand at this stage"


class OpportunityMissing(NotFound):
    """There is no such opportunity."""

    code = "opportunity_not_found"
    title = "No such opportunity"


class ChangedMeanwhile(Conflict):
    """Somebody else has changed it since the caller looked; look again and decide anew."""

    code = "changed_meanwhile"
    title = "Changed by somebody else meanwhile"
    is_decision = False


class LostReasonRequired(InvalidField):
    """A lost opportunity says why."""

    code = "lost_reason_required"
    title = "Say why it was lost"


class ActivityMissing(NotFound):
    """There is no such activity."""

    code = "activity_not_found"
    title = "No such activity"


class NotAColleague(InvalidField):
    """Only members of the tenant's staff own opportunities and activities, or are mentioned."""

    code = "not_a_colleague"
    title = "Not a colleague"


class FileMissing(NotFound):
    """There is no such file, or the person it was about has been erased."""

    code = "crm_file_not_found"
    title = "No such file"


class ViewMissing(NotFound):
    """There is no such view, or it is somebody else's."""

    code = "view_not_found"
    title = "No such view"


class ContactExists(Conflict):
    """The person is a contact of this company already."""

    code = "contact_exists"
    title = "A contact already"


class ContactInvalid(InvalidField):
    """A contact is a person of a company."""

    code = "contact_invalid"
    title = "Not a contact"


class ContactMissing(NotFound):
    """The person is no contact of this company."""

    code = "contact_not_found"
    title = "No such contact"


class CannotMerge(Conflict):
    """The two customers cannot be joined."""

    code = "cannot_merge"
    title = "These two cannot be merged"


class MergedAway(Conflict):
    """The customer has been merged into another, which goes on."""

    code = "customer_merged"
    title = "Merged into another customer"


class MergeMissing(NotFound):
    """There is no such merge."""

    code = "merge_not_found"
    title = "No such merge"


class CannotUnmerge(Conflict):
    """The merge has been undone, or the survivor was merged further since."""

    code = "cannot_unmerge"
    title = "This merge cannot be undone"


class ProblemMissing(NotFound):
    """There is no such problem, or it is somebody else's."""

    code = "problem_unknown"
    title = "No such problem"


class ProblemIsOpen(Conflict):
    """Something was told of this movement already, and nobody has answered yet."""

    code = "problem_open"
    title = "This is being looked at"
    is_decision = True


class ProblemAnswered(Conflict):
    """The problem has its answer, which the customer has read."""

    code = "problem_answered"
    title = "This has been answered"
    is_decision = True


class TooManyProblems(Conflict):
    """So many problems of one customer wait that another would help nobody."""

    code = "problems_too_many"
    title = "Too many problems are open"
    is_decision = False


class WalletMovementMissing(NotFound):
    """The wallet has no such movement."""

    code = "wallet_movement_unknown"
    title = "No such movement of the wallet"
