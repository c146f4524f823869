"""Every refusal of parties."""

from specie.kernel.errors import Conflict, InvalidField, NotFound


class PartyMissing(NotFound):
    """There is no such party here, or the caller may not see it."""

    code = "party_not_found"
    title = "No such party"


class DocumentMissing(NotFound):
    """There is no such document, or its link has been used or has run out."""

    code = "document_not_found"
    title = "No such document"


class PhoneInvalid(InvalidField):
    """The text is not a phone number that can exist."""

    code = "phone_invalid"
    title = "Not a phone number"


class EmailInvalid(InvalidField):
    """The text is not an e-mail address."""

    code = "email_invalid"
    title = "Not an e-mail address"


class BirthDateInvalid(InvalidField):
    """No such day, one that has not come yet, or one that nobody alive was born on."""

    code = "birth_date_invalid"
    title = "Not a date of birth"


class KycCannotMove(Conflict):
    """The verification is not in a state that allows this."""

    code = "kyc_state"
    title = "The verification is not at this point"


class KycIncomplete(InvalidField):
    """Something a reviewer needs is missing."""

    code = "kyc_incomplete"
    title = "The submission is not complete"


class TooManyDocuments(Conflict):
    """A person keeps at most twenty documents of 100 MB in all, and uploads at most ten within an hour."""

    code = "documents_full"
    title = "No room for another document"


class KycWaits(Conflict):
    """Somebody has decided already, and a second person has not yet."""

    code = "kyc_waits"
    title = "A second person decides about this verification"


class PartyRowsRefused(Conflict):
    """Some rows of the file are refused, and nobody was added; put them right and send it again."""

    code = "party_rows_refused"
    title = "Some rows are refused"


class PartyNotErasable(Conflict):
    """Somebody still needs to know who this is: money is owed or held, or something about it is not decided."""

    code = "party_not_erasable"
    title = "Still needed"


class ErasureWaits(Conflict):
    """Somebody has asked for this erasure already, and a second person has not decided."""

    code = "erasure_waits"
    title = "A second person decides about this erasure"


class ReasonNamesPerson(InvalidField):
    """The reason stays on record for good, so it may not say who is forgotten."""

    code = "reason_names_person"
    title = "Leave the person out of the reason"
