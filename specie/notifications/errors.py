"""Every refusal of notifications."""

from specie.kernel.errors import SpecieError


class ForPeopleOnly(SpecieError):
    """Notices are for people; an API key reads the feed of events."""

    code = "notices_for_people_only"
    status = 403
    title = "Only a person has notices"


class TelegramOff(SpecieError):
    """This installation has no Telegram bot."""

    code = "telegram_off"
    status = 409
    title = "Telegram is not set up"
